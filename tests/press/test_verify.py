"""A file of ours is recognised by its SHA-256, one changed byte is not; what came and went since is told in sums."""

import hashlib
import html
import re
import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import EditionFile, EditionHistory, Signature
from signatories.models.signature import IN_FLIGHT
from signatories.press.hashing_upload import LARGEST
from signatories.press.verify_views import verify
from signatories.screening.limits import UPLOADS_OF_NETWORK
from tests.editions.away import take_away
from tests.editions.building import body, build
from tests.editions.lists import mend
from tests.people import signed
from tests.press.uploads import Held

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/press/verify/"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def said(client: Client, sha256: str) -> str:
    """The words of the answer."""
    page = client.get(PAGE, {"sha256": sha256}).content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_each_file_of_ours_is_recognised_and_a_changed_one_is_not(client: Client) -> None:
    signed()
    build()
    while editions.build_waiting_part():
        pass
    for file in EditionFile.objects.select_related("part__edition"):
        content = body(client.get(file.get_absolute_url()))
        words = said(client, hashlib.sha256(content).hexdigest())
        assert "It is ours, unchanged" in words
        assert f"Edition 1, {file.part.get_part_display()}, {file.get_format_display()}, as of" in words
        assert "It is of the newest edition." in words
        assert "It is no file of ours" in said(client, hashlib.sha256(content + b" ").hexdigest())


def test_what_came_and_went_since_is_told(client: Client) -> None:
    long_ago = timezone.now() - 3 * IN_FLIGHT
    for n, name in enumerate(("Ada Vance", "Bram Bellweather", "Cosima Thorn")):
        signed(name=name, address=f"p{n}@example.org", now=long_ago)
    first = build().full_files[0].sha256
    signed(name="Dorian Fell", address="dorian@example.org")
    signature = Signature.objects.get(name="Ada Vance")
    mended = vars(mine.update_of(signature)) | {"name": "Ada Vance-Quill"}
    mine.mend(signature_id=signature.pk, update=mine.SignatureUpdate(**mended), now=timezone.now())
    build()
    mine.withdraw(signature_id=Signature.objects.get(name="Bram Bellweather").pk, now=timezone.now())
    build()
    words = said(client, first)
    assert "It is not of the newest edition, which is number 3." in words
    assert "Since then 1 name of a person was added, 1 has left, 1 was corrected." in words
    assert "We have taken this file down" in words
    assert "Bram" not in words
    assert "All names in it stand" not in words


def test_who_came_and_went_between_two_editions_is_not_told(client: Client) -> None:
    """All names of the first file may be printed: nobody in it has left."""
    signed(name="Ada Vance", now=timezone.now() - 3 * IN_FLIGHT)
    first = build().full_files[0].sha256
    for name in ("Dorian Fell", "Edda Marsh"):
        signed(name=name, address=f"{name.split()[0]}@example.org")
    second = build().full_files[0].sha256
    for signature in Signature.objects.exclude(name="Ada Vance"):
        mine.withdraw(signature_id=signature.pk, now=timezone.now())
    signed(name="The Copper Larks", profession="ensemble", address="larks@example.org")
    build()
    words = said(client, first)
    assert "Since then 0 names of people were added, 0 have left, 0 were corrected." in words
    assert "All names in it stand in the newest edition, too." in words
    assert "taken this file down" not in words
    words = said(client, second)
    assert "Since then 0 names of people were added, 2 have left, 0 were corrected." in words
    assert "All names in it stand" not in words


def test_of_a_corrected_name_it_is_not_said_that_it_stands_in_the_newest_edition(client: Client) -> None:
    """Whoever prints the old file would print the old name: of a person, who is counted, and of a group."""
    stand = "All names in it stand in the newest edition, too."
    signed(name="Ada Vance", address="ada@example.org")
    signed(name="The Copper Larks", profession="ensemble", address="larks@example.org")
    digests = [build().full_files[0].sha256]
    signed(name="Dorian Fell", address="dorian@example.org")
    digests.append(build().full_files[0].sha256)
    for before, after in (("Dorian Fell", "Dorian Fell-Marsh"), ("The Copper Larks", "The Copper Lark")):
        mend(Signature.objects.get(name=before), name=after)
        digests.append(build().full_files[0].sha256)
        told = [said(client, digest) for digest in digests]
        if before == "Dorian Fell":
            assert "Since then 1 name of a person was added, 0 have left, 0 were corrected. " + stand in told[0]
        else:
            assert "Since then 1 name of a person was added, 0 have left, 0 were corrected." in told[0]
            assert stand not in told[0]
            assert "Since then 0 names of people were added, 0 have left, 0 were corrected." in told[2]
            assert stand not in told[2]
        assert "Since then 0 names of people were added, 0 have left, 1 was corrected." in told[1]
        assert stand not in told[1]


@pytest.mark.parametrize("how", ["away", "lost"])
def test_it_answers_without_the_files(client: Client, settings: Settings, how: str) -> None:
    signed(name="Ada Vance", address="ada@example.org")
    first = build().full_files[0].sha256
    signed(name="Dorian Fell", address="dorian@example.org")
    newest = build()
    if how == "away":
        take_away(settings)
    else:
        for file in EditionFile.objects.all():
            default_storage.delete(file.path)
    assert "Since then 1 name of a person was added, 0 have left" in said(client, first)
    assert "It is of the newest edition." in said(client, newest.full_files[0].sha256)
    assert "It is no file of ours" in said(client, "ab" * 32)


def test_of_an_edition_that_kept_no_sums_nothing_is_told_since(client: Client) -> None:
    """As those that an older release has made."""
    signed(name="Ada Vance", address="ada@example.org")
    first = build().full_files[0].sha256
    build()
    assert "Since then 0 names" in said(client, first)
    EditionHistory.objects.all().delete()
    words = said(client, first)
    assert "It is not of the newest edition, which is number 2." in words
    assert "Since then" not in words
    assert "All names in it stand" not in words


def test_only_the_newest_edition_keeps_sums() -> None:
    signed(name="Ada Vance", address="ada@example.org")
    for number in (1, 2, 3):
        build()
        assert list(EditionHistory.objects.values_list("edition__number", flat=True)) == [number]


@pytest.mark.parametrize(
    "typed",
    [
        "{digest}", "  {digest}\n", "{upper}", "sha256:{digest}", "SHA-256: {upper}",
        "{digest}  signatories-edition-1.pdf", "{spaced}",
    ],
)  # fmt: skip
def test_as_any_tool_prints_it(client: Client, typed: str) -> None:
    signed()
    digest = build().full_files[0].sha256
    spaced = " ".join(digest[at : at + 8] for at in range(0, 64, 8))
    assert "It is ours, unchanged" in said(client, typed.format(digest=digest, upper=digest.upper(), spaced=spaced))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", "Please paste the SHA-256."),
        ("abc", "A SHA-256 has 64 digits"),
        ("a" * 63, "A SHA-256 has 64 digits"),
        ("a" * 65, "A SHA-256 has 64 digits"),
        ("g" * 64, "A SHA-256 has 64 digits"),
        ("a" * 600, "This is too long."),
        ("<script>alert(1)</script>", "A SHA-256 has 64 digits"),
    ],
)
def test_what_is_no_digest_is_kept_and_explained(client: Client, typed: str, wrong: str) -> None:
    answer = client.get(PAGE, {"sha256": typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert wrong in page
    assert "<script>alert" not in page
    assert html.escape(typed[:50]) in page


def test_before_the_first_edition_nothing_is_ours(client: Client) -> None:
    assert "It is no file of ours" in said(client, "ab" * 32)


def sent(client: Client, content: bytes, name: str = "signatories.pdf") -> HttpResponseBase:
    """The answer to a file that is sent without script."""
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def test_without_script_a_file_is_sent_hashed_and_not_kept(client: Client, tmp_path: Path) -> None:
    signed()
    content = body(client.get(build().full_files[0].get_absolute_url()))
    kept = sorted(tmp_path.rglob("*"))
    answer = sent(client, content)
    assert answer.status_code == 302
    assert answer["Location"] == f"{PAGE}?sha256={hashlib.sha256(content).hexdigest()}#answer"
    assert "It is ours, unchanged" in said(client, hashlib.sha256(content).hexdigest())
    assert sorted(tmp_path.rglob("*")) == kept
    assert answer["Location"] != sent(client, content[:-1] + b" ")["Location"]


@pytest.mark.parametrize("content", [b"", b"\0", b"a" * 3_000_000, b"\r\n--boundary--\r\n"], ids=repr)
def test_any_bytes_are_hashed_as_they_are(client: Client, content: bytes) -> None:
    assert hashlib.sha256(content).hexdigest() in sent(client, content)["Location"]


def test_a_form_without_a_file_is_explained(client: Client) -> None:
    broken = client.generic("POST", PAGE, b"nothing", content_type="multipart/form-data; boundary=")
    for answer in (client.post(PAGE), client.post(PAGE, {"file": "typed"}), broken):
        assert answer.status_code == 422
        assert "Please choose a file." in answer.content.decode()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.pdf", b"x")}, CONTENT_LENGTH=str(LARGEST + 1))
    assert answer.status_code == 413
    assert "larger than any of ours" in answer.content.decode()


def test_many_files_of_one_network_must_be_hashed_at_home(client: Client) -> None:
    answers = [sent(client, b"%d" % n).status_code for n in range(UPLOADS_OF_NETWORK + 1)]
    assert answers == [302] * UPLOADS_OF_NETWORK + [429]
    assert sent(client, b"x").status_code == 429
    elsewhere = client.post(PAGE, {"file": SimpleUploadedFile("a.pdf", b"x")}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_a_file_from_a_foreign_page_is_refused(client: Client) -> None:
    file = SimpleUploadedFile("a.pdf", b"x")
    assert client.post(PAGE, {"file": file}, headers={"origin": "https://elsewhere.example"}).status_code == 403


def test_one_file_at_a_time_is_read() -> None:
    """Whoever sends slowly keeps one thread, not all of them."""
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nx\r\n--b--\r\n'
    began, go_on, answers = threading.Event(), threading.Event(), list[int]()

    def send_slowly() -> None:
        try:
            asked = RequestFactory().post(PAGE).META | {"CONTENT_TYPE": "multipart/form-data; boundary=b"}
            slow = WSGIRequest(asked | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": Held(body, began, go_on)})
            answers.append(verify(slow).status_code)
        finally:
            connection.close()

    sender = threading.Thread(target=send_slowly)
    sender.start()
    assert began.wait(20)
    other = sent(Client(), b"another")
    go_on.set()
    sender.join()
    assert (other.status_code, answers) == (429, [302])
    assert sent(Client(), b"another").status_code == 302
