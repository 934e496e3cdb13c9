"""Readers report an entry; an organizer takes it down or leaves it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.reports import services as reports
from signatories.desk.reports import views
from signatories.editions import services as editions
from signatories.models import Act, Edition, Report, Signature
from signatories.models.act import Verb
from signatories.models.edition import EditionState
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
READER = "reader@example.net"


def tell(signature: Signature, words: str = "That person died long ago.", email: str = READER) -> Report:
    """Send the form as a reader."""
    answer = Client().post(
        "/report/", {"number": signature.number, "wrong": "not_them", "words": words, "email": email}
    )
    assert answer.status_code == 303
    return Report.objects.latest("pk")


def given(client: Client, path: str) -> bytes:
    """Download a file."""
    response = client.get(path)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    return content


def answer(desk: Client, report: Report, what: str, reason: str = "It is so.") -> str:
    """Answer a report at the desk; returns the page that follows."""
    data = {"answer": what, "reason": reason, "newest": report.pk}
    return desk.post(f"/desk/reports/about/{report.signature_id}/", data, follow=True).content.decode()


def test_taking_down_is_one_act(client: Client, desk: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    stays, goes = signed(address="stays@example.org"), signed(name="Nobody Invented", address="goes@example.org")
    editions.ask()
    first = editions.build_waiting()
    assert first
    assert first.state == EditionState.READY
    files = [first.pdf, first.csv]
    report = tell(goes)
    assert report.words in desk.get("/desk/reports/").content.decode()
    assert "taken down" in answer(desk, report, "take-down")

    assert client.get(f"/signatories/{goes.number}/").status_code == 404
    assert b"Nobody Invented" not in client.get("/signatories/").content + client.get("/").content
    tally.fold()
    assert tally.number(timezone.now()).count == 1
    goes.refresh_from_db()
    assert goes.state == State.HELD
    assert "Nobody Invented" in desk.get("/desk/queue/").content.decode()
    assert list(Act.objects.of_the_desk().values_list("verb", "signature", "before", "after", "reason")) == [
        (Verb.HOLD, goes.pk, State.PUBLISHED, State.HELD, "It is so.")
    ]

    second = editions.build_waiting()
    assert second
    assert (second.number, second.named) == (2, 1)
    assert b"Nobody Invented" not in given(client, "/press/latest.csv")
    gone = client.get("/press/editions/1/signatories.pdf")
    assert gone.status_code == 410
    assert "taken down on" in gone.content.decode()
    assert first.pdf_sha256 in client.get("/press/editions/1/").content.decode()
    assert not any(default_storage.exists(name) for name in files)
    assert b"Aveline" in given(client, "/press/editions/2/signatories.csv")
    assert client.get(f"/signatories/{stays.number}/").status_code == 200


def test_leaving_it_changes_nothing_on_the_list(desk: Client) -> None:
    signature = signed()
    report = tell(signature)
    assert "left as it is" in answer(desk, report, "close", "Checked with her union.")
    signature.refresh_from_db()
    assert signature.state == State.PUBLISHED
    assert Report.objects.exclude(closed_at=None).count() == 1
    assert Act.objects.of_the_desk().get().verb == Verb.CLOSE
    assert not Edition.objects.exists()
    assert "Nothing is reported" in desk.get("/desk/reports/").content.decode()


def test_all_reports_about_one_entry_are_answered_together_but_not_the_unread(desk: Client) -> None:
    signature = signed()
    seen = [tell(signature, words=f"Words {n}") for n in range(3)][-1]
    page = desk.get("/desk/reports/").content.decode()
    assert page.count("data-entry") == 1
    unread = tell(signature, words="New words")
    answer(desk, seen, "close")
    assert list(Report.objects.unanswered()) == [unread]


@pytest.mark.parametrize("what", ["take-down", "close", "evil", ""])
def test_a_reason_is_needed_and_only_two_answers_are_known(desk: Client, what: str) -> None:
    signature = signed()
    report = tell(signature)
    response = desk.post(
        f"/desk/reports/about/{signature.pk}/",
        {"answer": what, "reason": "" if what in ("take-down", "close") else "Kept words", "newest": report.pk},
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "Please say why" in page or "Kept words" in page
    assert Report.objects.unanswered().count() == 1
    assert not Act.objects.of_the_desk().exists()


def test_answering_twice_is_answering_once(desk: Client, olga: AbstractBaseUser) -> None:
    signature = signed()
    report = tell(signature)
    assert "taken down" in answer(desk, report, "take-down")
    assert "Nothing was changed" in answer(desk, report, "take-down")
    assert Act.objects.of_the_desk().count() == 1
    signature.refresh_from_db()
    assert signature.state == State.HELD


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_what_is_off_the_list_already_stays_where_it_is(desk: Client, olga: AbstractBaseUser, state: str) -> None:
    signature = signed()
    report = tell(signature)
    Signature.objects.update(state=state)
    assert reports.take_down(
        signature_id=signature.pk, newest=report.pk, organizer=olga, reason="So.", now=timezone.now()
    )
    signature.refresh_from_db()
    assert signature.state == state
    assert Act.objects.of_the_desk().get().verb == Verb.CLOSE


def test_the_readers_address_is_masked_until_asked_for(desk: Client) -> None:
    report = tell(signed())
    page = desk.get("/desk/reports/").content.decode()
    assert READER not in page
    assert "•••@example.net" in page
    assert desk.get(f"/desk/reports/{report.pk}/address/").status_code == 405
    assert READER in desk.post(f"/desk/reports/{report.pk}/address/", {"reason": "asked"}).content.decode()
    act = Act.objects.of_the_desk().get()
    assert (act.verb, act.signature_id, act.about) == (Verb.REVEAL, report.signature_id, f"report {report.pk}")
    assert desk.post(f"/desk/reports/{tell(signed(), email='').pk}/address/").status_code == 404


def test_strangers_answer_nothing(client: Client) -> None:
    report = tell(signed())
    for path in (f"/desk/reports/about/{report.signature_id}/", f"/desk/reports/{report.pk}/address/"):
        assert client.post(path, {"answer": "take-down", "reason": "x", "newest": report.pk}).status_code == 302
    assert client.get("/desk/reports/").status_code == 302
    assert not Act.objects.of_the_desk().exists()
    assert Signature.objects.get().state == State.PUBLISHED


def about(signature: Signature, *kinds: str, days: int = 0) -> None:
    """Reports about an entry, of so many days ago."""
    for kind in kinds:
        made = Report.objects.create(signature=signature, wrong=kind, words=kind, language="en")
        Report.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days))


def entries(page: bytes) -> list[int]:
    return [int(pk) for pk in re.findall(rb'id="entry-(\d+)"', page)]


def test_who_did_not_sign_comes_first_then_the_most_reported_then_the_oldest(desk: Client) -> None:
    young, old, often, not_me = (signed(address=f"{n}@example.org", name=f"Person {n}") for n in range(4))
    about(young, ReportKind.OTHER)
    about(old, ReportKind.NOT_THEM, days=3)
    about(often, ReportKind.MISSPELT, ReportKind.TWICE)
    about(not_me, ReportKind.NOT_ME)
    page = desk.get("/desk/reports/").content
    assert entries(page) == [not_me.pk, often.pk, old.pk, young.pk]
    assert b"<strong>5</strong> reports about 4 entries" in page
    Report.objects.filter(signature=not_me).update(closed_at=timezone.now())
    assert entries(desk.get("/desk/reports/").content) == [often.pk, old.pk, young.pk]


def test_pages_reach_every_entry_once(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ENTRIES_PAGE", 3)
    people = [signed(address=f"{n}@example.org", name=f"Person {n}") for n in range(8)]
    moment = timezone.now()
    for n, person in enumerate(people):
        about(person, *[ReportKind.NOT_ME if n % 4 == 0 else ReportKind.OTHER] * (1 + n % 2))
    Report.objects.update(created_at=moment)  # all as old as each other
    seen: list[int] = []
    path = "/desk/reports/"
    while path:
        page = desk.get(path).content
        assert b"about 8 entries" in page
        seen += entries(page)
        link = re.search(rb'rel="next" href="([^"]+)"', page)
        path = f"/desk/reports/{link[1].decode()}" if link else ""
    assert len(seen) == 8
    assert set(seen) == {person.pk for person in people}
    assert seen[:2] == [people[0].pk, people[4].pk]


def test_an_answer_and_a_mistake_stay_on_their_page(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ENTRIES_PAGE", 1)
    first, second, third = (signed(address=f"{n}@example.org", name=f"Person {n}") for n in range(3))
    for days, person in enumerate((third, second, first)):
        about(person, ReportKind.OTHER, days=days)
    link = re.search(rb'rel="next" href="([^"]+)"', desk.get("/desk/reports/").content)
    assert link
    page = desk.get(f"/desk/reports/{link[1].decode()}").content
    assert entries(page) == [second.pk]
    action = re.search(r'action="(/desk/reports/about/\d+/\?after=[\d.]+)#', page.decode())
    assert action
    newest = Report.objects.get(signature=second).pk
    wrong = desk.post(action[1], {"answer": "close", "reason": "", "newest": newest})
    assert wrong.status_code == 422
    assert entries(wrong.content) == [second.pk]
    done = desk.post(action[1], {"answer": "close", "reason": "Looked.", "newest": newest})
    assert done["Location"] == f"/desk/reports/{link[1].decode()}"
    assert entries(desk.get(done["Location"]).content) == [third.pk]


def test_of_very_many_reports_about_one_entry_the_oldest_are_shown_and_all_answered(desk: Client) -> None:
    person = signed()
    about(person, *[ReportKind.OTHER] * (reports.SHOWN_OF_ENTRY + 3))
    page = desk.get("/desk/reports/").content.decode()
    assert page.count("<blockquote") == reports.SHOWN_OF_ENTRY
    assert "and 3 more" in page
    newest = re.search(r'name="newest" value="(\d+)"', page)
    assert newest
    desk.post(f"/desk/reports/about/{person.pk}/", {"answer": "close", "reason": "All the same.", "newest": newest[1]})
    assert not Report.objects.unanswered().exists()
    assert Act.objects.of_the_desk().count() == 1


@pytest.mark.parametrize(
    "after", ["x", "1", "1.2.3", "1.2.3.4.5", f"1.1.{2**60}.1", f"1.1.1.{2**64}", "2.1.1.1", "1.1.1.1"]
)
def test_an_odd_place_shows_a_page(desk: Client, after: str) -> None:
    about(signed(), ReportKind.OTHER)
    assert desk.get("/desk/reports/", {"after": after}).status_code == 200
