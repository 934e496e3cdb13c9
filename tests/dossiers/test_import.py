"""A list of names to watch: what it would do is shown, and one press does exactly that."""

import csv
import io
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatories.desk.dossiers import importing
from signatories.models import Act, DossierContact, WatchedFile, WatchedName
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import retention
from signatories.screening import watch_list
from tests.dossiers.moonwright import NAME, PRIVATE, browser_of, watched
from tests.gathering.bad_files import BAD_ARCHIVES, BAD_TEXT, workbook
from tests.people import organizer, signed
from tests.races import at_once

pytestmark = pytest.mark.django_db
UPLOAD = "/desk/settings/watched/file/"
FILE = f"""\
Name;Note;Kind;Contact;Found at
{NAME};{PRIVATE} note;agent;{PRIVATE} Agency;The handbook
Wilma Fernhill;;;;
;nobody;;;
wilma fernhill;again;;;
Already There;;;;
<b>Bold</b>;;;;
=HYPERLINK("x");;;;
Otto Vale;;friend;Someone;The street
Rita Vale;;label;Someone;
-M-;;;;
"""


def upload(browser: Client, content: bytes | str, name: str = "names.csv") -> HttpResponse:
    content = content.encode() if isinstance(content, str) else content
    return browser.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})  # type: ignore[return-value]


def kept(browser: Client, content: bytes | str) -> str:
    """The address of the preview."""
    answer = upload(browser, content)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def watched_now() -> set[str]:
    return set(WatchedName.objects.values_list("name", flat=True))


def test_the_preview_says_what_would_happen_and_does_nothing(desk: Client) -> None:
    watched("Already There")
    page = desk.get(kept(desk, FILE)).content.decode()
    for words in (
        "New: 3", "Twice in the file: 1", "Watched already: 1", "Refused: 5", "Watch 3 new names",
        "There is no name.", "begins like a formula", "A contact is of one of these kinds",
        "A contact needs a word on where it was found.", f"{PRIVATE} Agency",
    ):  # fmt: skip
        assert words in page
    for line in (4, 7, 8, 9, 10):
        assert f"<td>{line}</td>" in page
    assert watched_now() == {"Already There"} and not Act.objects.exists()


def test_one_press_takes_what_was_shown(desk: Client, olga: AbstractBaseUser) -> None:
    watched("Already There")
    preview = kept(desk, FILE)
    answer = desk.post(preview, follow=True).content.decode()
    assert "3 names added" in answer
    assert watched_now() == {"Already There", NAME, "Wilma Fernhill", "-M-"}
    contact = DossierContact.objects.select_related("watched").get()
    assert (contact.watched.name, contact.watched.note) == (NAME, f"{PRIVATE} note")
    assert (contact.kind, contact.contact, contact.found_at) == ("agent", f"{PRIVATE} Agency", "The handbook")
    act = Act.objects.get()
    assert (act.organizer_id, act.reason) == (olga.pk, "3 watched names added from a list")
    assert not WatchedFile.objects.exists()
    # It is taken once.
    assert "Nothing was changed" in desk.post(preview, follow=True).content.decode()
    assert desk.get(preview).status_code == 404


def test_who_looks_like_one_of_them_waits_from_then_on(desk: Client) -> None:
    assert not watch_list.current().names
    assert signed(name=NAME, address="early@example.org").state == State.PUBLISHED
    desk.post(kept(desk, FILE))
    assert signed(name="Cassius Moonwrigth", address="late@example.org").state == State.HELD


def test_a_name_that_somebody_added_meanwhile_stays_as_it_is(desk: Client, olga: AbstractBaseUser) -> None:
    watched("Already There")
    preview = kept(desk, FILE)
    WatchedName.objects.create(name=NAME, note="By hand")
    assert "2 names added" in desk.post(preview, follow=True).content.decode()
    assert WatchedName.objects.get(name=NAME).note == "By hand"
    assert not DossierContact.objects.exists()


def test_a_list_without_a_new_name(desk: Client) -> None:
    watched()
    page = desk.get(kept(desk, f"name\n{NAME}\n")).content.decode()
    assert "There is no new name in it" in page and "<form method" not in page


def test_it_is_kept_sealed_and_for_an_hour(desk: Client, olga: AbstractBaseUser) -> None:
    preview = kept(desk, FILE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(rows, 'escape') FROM signatories_watchedfile")
        assert PRIVATE not in cursor.fetchone()[0]
    later = timezone.now() + importing.KEPT
    assert importing.take(file_id=WatchedFile.objects.get().pk, organizer=olga, now=later) is None
    assert importing.find(WatchedFile.objects.get().pk, later) is None
    assert desk.get(preview).status_code == 200
    retention.purge(later)
    assert not WatchedFile.objects.exists()
    assert watched_now() == set()


def test_xlsx_is_read_as_well(desk: Client) -> None:
    preview = kept(desk, workbook(["Name", "Note"], ["Wilma Fernhill", "A label knows her"]))
    desk.post(preview)
    assert WatchedName.objects.get().note == "A label knows her"


def test_the_head_must_name_the_column(desk: Client) -> None:
    answer = upload(desk, "Person\nWilma Fernhill\n")
    assert answer.status_code == 422 and "one of them must be “name”" in answer.content.decode()


BAD: list[tuple[str, Callable[[], bytes], int | None]] = [
    *(
        (name, (lambda content=content: content), line)
        for name, (content, _reason, line) in BAD_TEXT.items()
        if content
    ),
    *((name, make, line) for name, (make, _reason, line) in BAD_ARCHIVES.items()),
]


@pytest.mark.parametrize(("name", "make", "line"), BAD, ids=[name for name, *_ in BAD])
def test_bad_files_are_refused_with_the_reason_and_the_line(
    desk: Client, name: str, make: Callable[[], bytes], line: int | None
) -> None:
    started = time.monotonic()
    answer = upload(desk, make())
    page = answer.content.decode()
    assert answer.status_code in (413, 422), name
    assert 'role="alert"' in page
    if line:
        assert f"ine {line} " in page
    assert time.monotonic() - started < 15
    assert not WatchedFile.objects.exists() and not WatchedName.objects.exists() and not Act.objects.exists()


@pytest.mark.parametrize("size", [2_200_000, 100_000_000])
def test_what_is_far_too_large_is_not_read(desk: Client, size: int) -> None:
    desk.get("/desk/settings/watched/")  # the first request of a process takes longer
    started = time.monotonic()
    answer = upload(desk, b"Name\n" + b"x" * size)
    assert answer.status_code == 413 and "the limit is 2 MB" in answer.content.decode()
    assert time.monotonic() - started < 5


def test_there_is_a_limit_of_names(desk: Client) -> None:
    rows = "".join(f"Person Number {n}\n" for n in range(importing.MOST_NAMES + 1))
    answer = upload(desk, f"name\n{rows}")
    assert answer.status_code == 422 and "the limit is 10,000" in answer.content.decode()


def test_ten_thousand_names(desk: Client) -> None:
    """Few statements, however many they are; and the pages show a part of them."""
    rows = "".join(f"Moonwright Number{n}x,note {n}\n" for n in range(importing.MOST_NAMES))
    preview = kept(desk, f"name,note\n{rows}")
    page = desk.get(preview).content.decode()
    assert "Watch 10,000 new names" in page and page.count("<tr>") < 200
    with CaptureQueriesContext(connection) as queries:
        desk.post(preview)
    assert WatchedName.objects.count() == importing.MOST_NAMES
    assert len(queries) < 40
    listed = desk.get("/desk/settings/watched/").content.decode().partition("<main")[2]
    assert listed.count('<li><a href="/desk/settings/watched/') == 200
    assert "The next ones" in listed
    found = desk.get("/desk/settings/watched/?q=number9999x").content.decode().partition("<main")[2]
    assert found.count('<li><a href="/desk/settings/watched/') == 1


def test_the_list_is_read_page_by_page(desk: Client) -> None:
    for n in range(450):
        WatchedName.objects.create(name=f"Person {n:03}")
    seen: list[str] = []
    path = "/desk/settings/watched/"
    while path:
        page = desk.get(path).content.decode()
        seen += [part.split("<")[0] for part in page.split('translate="no">')[1:] if part.startswith("Person")]
        more = page.partition('href="?q=')[2].partition('"')[0]
        path = f"/desk/settings/watched/?q={more.replace('&amp;', '&')}" if more else ""
    assert seen == [f"Person {n:03}" for n in range(450)]


@pytest.mark.parametrize("query", ["after=x", "after=99999999999999999999", "q=%00", f"q={'x' * 5000}", "after=-1"])
def test_rubbish_in_the_address(desk: Client, query: str) -> None:
    assert desk.get(f"/desk/settings/watched/?{query}").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR, Role.EDITOR])
def test_only_administrators_may(role: Role, desk: Client) -> None:
    preview, other = kept(desk, FILE), browser_of(organizer("vera", role=role))
    assert upload(other, FILE).status_code == 403
    assert other.get(preview).status_code == other.post(preview).status_code == 403
    assert other.post("/desk/settings/watched/export/").status_code == 403
    assert watched_now() == set()


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_take_it_once(olga: AbstractBaseUser) -> None:
    file = importing.keep(rows=importing.read(FILE.encode()), organizer=olga, now=timezone.now())

    def take() -> int:
        taken = importing.take(file_id=file.pk, organizer=olga, now=timezone.now())
        return -1 if taken is None else taken

    assert sorted(at_once(2, take)) == [-1, 4]  # "Already There" is new here
    assert WatchedName.objects.count() == 4 and Act.objects.count() == 1


def test_the_list_as_a_file(desk: Client) -> None:
    """What begins like a formula is written so that no spreadsheet computes it; the download is an act."""
    WatchedName.objects.create(name="-M-", note="=2+5")
    WatchedName.objects.create(name='Zoë "Z" Ångström', note="a, b; c")
    answer = desk.post("/desk/settings/watched/export/")
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows == [["name", "note"], ["'-M-", "'=2+5"], ['Zoë "Z" Ångström', "a, b; c"]]
    act = Act.objects.get()
    assert (act.verb, act.reason) == ("export", "the watch list: 2 names")
    assert desk.get("/desk/settings/watched/export/").status_code == 405


def test_a_new_list_sweeps_old_ones(desk: Client) -> None:
    kept(desk, FILE)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        kept(desk, "name\nWilma Fernhill\n")
    assert WatchedFile.objects.count() == 1
