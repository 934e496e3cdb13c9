"""Pictures on the page for the press: shown with credit and words, downloaded, gone when deleted; archive and backup."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from django.core.management import call_command
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.pictures import services
from signatories.models import Embargo, PressPicture
from signatories.models.embargo import forget_embargo
from signatories.operations.static_export import export
from signatories.press import embargo
from signatories.tally import services as tally
from tests.editions.building import body, build
from tests.operations.backups import restore
from tests.people import signed, text
from tests.press.pictures import PLACE_OF_A_PHOTOGRAPH, editor, offered, picture, with_exif

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0


def shown(page: str) -> str:
    """The section of pictures."""
    return page.partition('id="pictures-title"')[2].partition("</section>")[0]


def test_it_is_shown_with_caption_credit_and_what_the_file_is(client: Client) -> None:
    text()
    made = offered(
        picture(size=(2400, 1600)),
        caption={"en": "The first evening"},
        alternative={"en": "A stage", "fr": "Une scène"},
    )
    there = shown(client.get("/press/").content.decode())
    for words in ("The first evening", 'alt="A stage" lang="en"', "Ina Holm", "JPEG, 2400 × 1600 pixels,", "KB)",
                  'width="1200" height="800"', f'href="/press/pictures/{made.sha256}.jpg"', f'"/press/pictures/{made.sha256}.webp"'):  # fmt: skip
        assert words in there, words
    french = shown(client.get("/fr/press/").content.decode())
    for words in ('alt="Une scène" lang="fr"', 'lang="en" dir="auto">The first evening', "Crédit", "Télécharger"):
        assert words in french, words
    assert "http" not in re.sub(r'(?:href|src)="/', "", there)


def test_without_pictures_nothing_is_said_of_them(client: Client) -> None:
    text()
    there = shown(client.get("/press/").content.decode())
    assert "figure" not in there and "credit" not in there.lower()


def test_hostile_words_stay_words(client: Client) -> None:
    text()
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    offered(caption={"en": evil}, alternative={"en": evil}, credit=evil)
    for path in ("/press/", "/fr/press/"):
        there = shown(client.get(path).content.decode())
        assert "<script" not in there and there.count("<img") == 1
        assert there.count("&lt;script&gt;") == 3


def test_the_file_for_print_is_sent_to_be_saved(client: Client) -> None:
    made = offered(picture("PNG", (1900, 1400)), kind="logo")
    PressPicture.objects.filter(pk=made.pk).update(content=(content := bytes(range(256)) * 5000), size=len(content))
    answer = client.get(made.get_absolute_url())
    assert body(answer) == content
    expected = {
        "Content-Type": "image/png", "Content-Disposition": f'attachment; filename="logo-{made.pk}.png"',
        "Content-Length": str(len(content)), "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=60",
    }  # fmt: skip
    assert {name: answer[name] for name in expected} == expected
    assert not answer.cookies
    small = client.get(made.small_url)
    assert (small["Content-Type"], small["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert small.content == bytes(made.small)
    for path in (made.get_absolute_url(), made.small_url):
        etag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


def test_nothing_of_the_file_that_came_is_sent(client: Client) -> None:
    made = offered(content := with_exif())
    sent = body(client.get(made.get_absolute_url()))
    assert hashlib.sha256(sent).hexdigest() == made.sha256 != hashlib.sha256(content).hexdigest()
    assert PLACE_OF_A_PHOTOGRAPH not in sent + client.get(made.small_url).content


def test_what_is_deleted_is_gone(client: Client) -> None:
    text()
    made, other = offered(), offered()
    services.remove(picture_id=made.pk, organizer=editor())
    for path in (made.get_absolute_url(), made.small_url):
        assert client.get(path).status_code == 404
    assert made.sha256 not in client.get("/press/").content.decode()
    assert client.get(other.get_absolute_url()).status_code == 200
    wrong = (
        f"{other.sha256}.png",
        f"{other.sha256}.svg",
        f"{other.sha256[:-1]}.jpg",
        f"{other.pk}.jpg",
        f"{'0' * 64}.jpg",
    )
    assert {client.get(f"/press/pictures/{name}").status_code for name in wrong} == {404}


def test_a_download_ends_when_the_picture_is_deleted_meanwhile(client: Client) -> None:
    made = offered()
    PressPicture.objects.filter(pk=made.pk).update(content=b"x" * 2_000_000, size=2_000_000)
    answer = client.get(made.get_absolute_url())
    assert isinstance(answer, StreamingHttpResponse)
    pieces = cast("Iterator[bytes]", answer.streaming_content)
    assert len(next(pieces)) == 512 * 1024
    PressPicture.objects.all().delete()
    assert list(pieces) == []


def test_an_embargo_hides_it_and_invited_press_sees_it(client: Client) -> None:
    Embargo.objects.update_or_create(pk=1, defaults={"until": timezone.now() + timedelta(hours=5)})
    forget_embargo()
    text()
    made = offered(caption={"en": "The first evening"})
    for path in ("/press/", made.get_absolute_url(), made.small_url):
        answer = client.get(path)
        assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (404, True)
        assert "The first evening" not in answer.content.decode()
    _account, link = embargo.invite(name="Morgenblatt", organizer=editor(), now=timezone.now())
    client.post(f"/press/early/{link}/")
    for path in ("/press/", made.get_absolute_url(), made.small_url):
        answer = client.get(path)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert body(client.get(made.get_absolute_url())) == bytes(made.content)


def test_the_archive_holds_it(tmp_path: Path) -> None:
    made = offered()
    signed(now=timezone.now() - timedelta(days=1))
    tally.fold()
    build()
    result = export(folder=tmp_path / "archive", now=timezone.now())
    assert not [link for link in result.dead_links if "pictures" in link]
    assert (tmp_path / f"archive/press/pictures/{made.sha256}.jpg").read_bytes() == bytes(made.content)
    assert (tmp_path / f"archive/press/pictures/{made.sha256}.webp").read_bytes() == bytes(made.small)
    for page in ("press", "fr/press"):
        assert made.sha256 in (tmp_path / f"archive/{page}/index.html").read_text()


def test_a_backup_holds_it(tmp_path: Path) -> None:
    made = offered()
    call_command("backup", str(tmp_path), verbosity=0)
    (saved,) = tmp_path.glob("*.backup")
    PressPicture.objects.all().delete()
    restore(saved, "--replace")
    again = PressPicture.objects.get()
    assert bytes(again.content) == bytes(made.content)
    assert (again.sha256, again.credit, again.place) == (made.sha256, "Ina Holm", 1)
