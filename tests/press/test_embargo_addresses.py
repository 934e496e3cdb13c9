"""Before the release a stranger finds nothing, at whatever address of the site, and invited press no dead link."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as declared
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode
from pytest_django import Settings

from signatories.models import Card, EditionFile, Embargo, Signature
from signatories.models.edition import FileFormat, Part
from signatories.models.embargo import forget_embargo
from signatories.press import embargo
from signatories.tally import services as tally
from signatories.tasks import figures
from tests.editions.building import body, build
from tests.editions.lists import build_all
from tests.news.news import published
from tests.people import organizer, signed
from tests.press.addresses import public_addresses
from tests.press.early import hide, let_in
from tests.press.pictures import offered, picture

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Vancedale"
# Pages behind a link or a token that only its owner has: nobody can guess one, and each is tested with its own.
OWN = ("mine-", "signing-", "news-stop", "press-early", "partners-page", "partners-logo")


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0
    settings.SIGNING_KEY = Fernet.generate_key().decode()


class Prepared:
    """Everything that is to be released: names, lists in files, news, a card, a picture."""

    def __init__(self) -> None:
        hide()
        self.signature = signed(name=f"Ada {NAME}", address="ada@example.org", country="FR")
        signed(name=f"Bela {NAME}", address="bela@example.org", profession="poet")
        tally.fold()
        figures()
        self.edition = build()
        build_all()
        EditionFile.objects.update(stamp=b"stamped")
        self.update = published()
        self.picture = offered(picture())
        self.card = Card.objects.create(signature=self.signature, language="en", made_at=timezone.now())
        Signature.objects.update(shown_elsewhere=True)

    def addresses(self) -> dict[str, list[str]]:
        lists = [f"{part}.{format_}" for part in Part for format_ in FileFormat if part != Part.CHANGES]
        page = "http://testserver/press/"
        values: Mapping[str, Sequence[str]] = {
            "number": [str(self.signature.number), "1", "2", str(self.update.pk)],
            "wanted": lists, "format_": [*FileFormat, "svg", "png"], "kind": ["counter", "curve", "names", "field", "country"],
            "slug": ["curve", "fields", "professions", "countries", "x"], "token": [self.card.token, "A" * 22], "link": ["x"],
        }  # fmt: skip
        plain = {
            "press-picture": [self.picture.get_absolute_url(), self.picture.small_url],
            "partners-logo": [f"/with/x/{'0' * 64}.png"],
            "declaration-key-one": ["/.well-known/declaration-key-0123456789abcdef.pem"],
            "press-sample": [
                "/press/sample/",
                "/press/sample/?size=5&seed=x",
                "/press/sample/?size=5&seed=x&format=csv",
            ],
            "sharing-oembed": [f"/oembed?{urlencode({'url': page})}"],
            "listing-list": ["/signatories/", "/signatories/?q=Ada", "/signatories/?letter=V"],
        }
        return public_addresses(values, plain)


def ask(client: Client, path: str) -> tuple[int, str, str]:
    answer = client.get(path)
    return answer.status_code, body(answer).decode(errors="replace"), answer.get("Cache-Control", "")


def test_nothing_is_found_before_and_everything_after(client: Client) -> None:
    there = Prepared()
    hidden = {name: paths for name, paths in there.addresses().items() if not name.startswith(embargo.OPEN)}
    for name in ("sharing-embed", "sharing-picture", "sharing-oembed", "api-v1:signatories", "api-v1:editions",
                 "api-v1:tallies", "api-v1:count", "api-v1:corrections", "api-v1:updates", "news-feed", "press-feed",
                 "listing-corrections-feed", "sharing-card", "press-plot", "press-edition-file"):  # fmt: skip
        assert name in hidden, name
    for name, paths in there.addresses().items():
        for path in [*paths, *(f"/fr{path}" for path in paths)]:
            status, page, kept = ask(client, path)
            assert NAME not in page, path
            if name in hidden:
                assert status == 404, path
                assert path.startswith("/fr") or "no-store" in kept, path
    assert embargo.release(organizer=organizer("boss"), now=timezone.now())
    for name, paths in hidden.items():
        if not name.startswith(OWN):
            assert 200 in {ask(client, path)[0] for path in paths}, name


def test_what_is_hidden_is_in_no_cache_either(client: Client, settings: Settings) -> None:
    """Neither the answers to invited press nor those of before are kept for strangers, with the page cache at work."""
    settings.PAGE_SECONDS = 60
    there = Prepared()
    forget_embargo()
    _account, press = let_in()
    paths = [path for name, some in there.addresses().items() if not name.startswith(embargo.OPEN) for path in some]
    for path in paths:
        body(press.get(path))
        status, page, _kept = ask(client, path)
        assert (status, NAME in page) == (404, False), path
    Embargo.objects.update(until=timezone.now() - timedelta(seconds=1))
    forget_embargo()
    assert NAME in ask(client, "/signatories/")[1]


def links(page: str, path: str) -> Iterator[str]:
    """The addresses of this site that a page leads to or loads, the places of pages left out."""
    for found in re.findall(r'(?:href|src|action)="([^"]+)"', page):
        address = urljoin(f"{declared.SITE_URL}{path}", unescape(found))
        if address.startswith(declared.SITE_URL):
            yield urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()


@pytest.mark.parametrize("start", ["/press/", "/fr/press/", "/signatories/"])
def test_every_link_that_invited_press_sees_leads_somewhere(start: str) -> None:
    Prepared()
    _account, press = let_in()
    seen, waiting = set[str](), [start, "/press/verification/"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("/static/"):
            continue
        seen.add(path)
        answer = press.get(path, follow=True)
        assert answer.status_code in {200, 405}, path  # 405: it takes a form
        content = body(answer)
        if b'class="early"' in content:
            waiting += links(content.decode(), path)
    for needed in ("press/latest.pdf", "press/editions/1/", "corrections/", "press/presence/", "signatories/"):
        assert any(needed in path for path in seen), needed
    assert "come with the release" in press.get("/press/").content.decode()
