"""T25, T39: a cache between us and everybody, which knows nothing of cookies, never has anything personal to give."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mail import messages
from signatories.models import Signature, Signup
from tests.house.serving import Site, web
from tests.house.shared_cache import Shared, shared_cache
from tests.people import enter, form, from_everywhere, organizer, signed, text

pytestmark = pytest.mark.django_db(transaction=True)
NAME, ADDRESS = "Quillon Featherstonehaugh", "quillon@privately.example"
PERSONAL = ("Quillon", "Featherstonehaugh", "quillon@", "olga")


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[tuple[Site, Shared]]:
    """The web server behind the cache; public pages may be kept for a minute."""
    text()
    from_everywhere()
    with web(tmp_path / "web.log", PAGE_SECONDS="60") as behind, shared_cache(behind) as found:
        yield found


def someone() -> list[str]:
    """A person who is counted without a name, and the addresses of their private pages."""
    signature = signed(name=NAME, address=ADDRESS, named=False)
    signup = Signup.objects.get()
    own = f"/mine/{messages.own_link(signature, timezone.now().date())}/"
    confirm = links.make(Purpose.CONFIRM, signup.pk, signup.nonce)
    stop = links.make(Purpose.STOP, signup.pk, signup.nonce)
    found = [own, f"{own}data/", f"{own}data.json", f"{own}withdraw/", f"/confirm/{confirm}/", f"/stop/{stop}/"]
    return [*found, *(f"/fr{path}" for path in found)]


def nothing_personal(shared: Shared) -> None:
    """What the cache holds names nobody, sets no cookie and asks robots for nothing private."""
    for path, answers in shared.kept.items():
        for _varied, _until, answer in answers:
            assert not any(word in answer.body for word in PERSONAL), path
            assert "set-cookie" not in answer.headers, path
            assert not re.search(r"/(mine|confirm|stop|desk)/.", path) or answer.status == 404, path


def test_private_links_leave_nothing_behind(cached: tuple[Site, Shared]) -> None:
    site, shared = cached
    private = someone()
    for path in private:
        for more in ("", "?a=1", "?utm_source=x&q=quillon"):
            owner = site.ask("GET", path + more)
            assert owner.status == 200
            assert "noindex" in owner.headers["x-robots-tag"]
        disguised = site.ask("GET", f"{path}x.css")
        assert disguised.status == 404
        assert "Featherstonehaugh" not in disguised.body
    assert any("Featherstonehaugh" in site.ask("GET", path).body for path in private)
    signature = Signature.objects.get()
    Signature.objects.filter(pk=signature.pk).update(nonce=b"x" * 16)  # as when a link is revoked
    own = private[0]
    for path in (own, f"{own}?a=1", f"{own}data.json", f"{own}data/"):
        assert "Featherstonehaugh" not in site.ask("GET", path).body
    nothing_personal(shared)


def test_the_form_and_what_follows_leave_nothing_behind(cached: tuple[Site, Shared]) -> None:
    site, shared = cached
    wrong = site.ask("POST", "/sign/", form(name=NAME, email="nonsense"))
    assert "Featherstonehaugh" in wrong.body
    sent = site.ask("POST", "/sign/", form(name=NAME, email=ADDRESS)).headers["location"]
    assert ADDRESS in site.ask("GET", sent).body
    for path in ("/sign/", "/sign/sent/", "/", "/confirm/", "/mine/", "/fr/sign/sent/"):
        assert not any(word in site.ask("GET", path).body for word in PERSONAL)
    nothing_personal(shared)


@pytest.mark.parametrize("path", ["/", "/fr/"])
def test_two_people_sign_on_one_kept_page(cached: tuple[Site, Shared], path: str) -> None:
    """T26: the form holds nothing that is one person's, so what a cache gave to both is good for both."""
    site, shared = cached
    pages = [site.ask("GET", path) for _ in range(2)]
    assert shared.hits == 1
    for page, (name, address) in zip(
        pages, [("Ada One", "ada@example.org"), ("Bea Two", "bea@example.org")], strict=True
    ):
        assert "set-cookie" not in page.headers
        action, fields = form_in(page.body)
        assert "text" in fields
        answer = site.ask("POST", action, fields | form(name=name, email=address))
        assert answer.status == 303
        assert "set-cookie" not in answer.headers
    assert {*Signup.objects.values_list("name", flat=True)} == {"Ada One", "Bea Two"}
    nothing_personal(shared)


def form_in(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page is sent to, and what it brings by itself."""
    found = re.search(r'<form[^>]*method="post"[^>]*action="([^"#]*)[^>]*>(.*?)</form>', page, re.DOTALL)
    assert found
    tags = re.findall(r"<input[^>]*>", found[2])
    named = {tag: re.search(r'name="([^"]*)"', tag) for tag in tags if 'type="hidden"' in tag}
    values = {tag: re.search(r'value="([^"]*)"', tag) for tag in named}
    return found[1], {name[1]: value[1] if (value := values[tag]) else "" for tag, name in named.items() if name}


def test_the_desk_is_for_who_brings_the_cookie(cached: tuple[Site, Shared]) -> None:
    site, shared = cached
    someone()
    enter(Client(), organizer())
    cookie = {"Cookie": f"session={Session.objects.get().session_key}"}
    row = Signature.objects.get().pk
    desk = ["/desk/", f"/desk/signatures/{row}/", "/desk/trail/", "/desk/mails/", "/desk/find/", "/accounts/2fa/"]
    seen = [site.ask("GET", path, headers=cookie) for path in desk]
    assert {answer.status for answer in seen} == {200}
    assert "Featherstonehaugh" in seen[1].body
    for path in desk:
        for more in ("", "?a=1"):
            stranger = site.ask("GET", path + more)
            assert stranger.status == 302
            assert not any(word in stranger.body for word in PERSONAL)
    nothing_personal(shared)


def test_what_is_the_same_for_everyone_is_kept_and_nobody_can_poison_it(cached: tuple[Site, Shared]) -> None:
    site, shared = cached
    signed()
    evil = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Original-URL": "/desk/",
            "X-Rewrite-URL": "/desk/", "Forwarded": "host=evil.example", "Cookie": "session=evil.example",
            "X-Forwarded-For": "evil.example", "Accept-Language": "fr, evil.example"}  # fmt: skip
    for path in ("/", "/fr/", "/signatories/", "/press/", "/about/", "/privacy/", "/robots.txt", "/api/v1/count"):
        first = site.ask("GET", path, headers=evil)
        hits = shared.hits
        again = site.ask("GET", path)
        assert (again.status, again.body) == (200, first.body)
        assert shared.hits == hits + 1
        assert "evil" not in first.body
        assert "evil" not in site.ask("GET", f"{path}?x=//evil.example").body
    assert "/desk/" not in shared.kept
    nothing_personal(shared)


@pytest.mark.parametrize("path", ["/", "/signatories/", "/api/v1/count", "/press/", "/sign/", "/mine/", "/desk/", "/accounts/login/"])  # fmt: skip
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_site_may_read_us(client: Client, path: str, origin: str) -> None:
    """T38."""
    signed()
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
    for answer in (client.get(path, headers={"Origin": origin}), client.options(path, headers=asked)):
        told = {
            name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control-")
        }
        # What is public for everybody may be read by any site, but never with credentials.
        assert told in ({}, {"access-control-allow-origin": "*"} if path.startswith("/api/") else {})
