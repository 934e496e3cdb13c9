"""Readers report an entry; an organizer takes it down or leaves it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.reports import services as reports
from signatories.editions import services as editions
from signatories.models import Act, Edition, Report, Signature
from signatories.models.act import Verb
from signatories.models.edition import EditionState
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
