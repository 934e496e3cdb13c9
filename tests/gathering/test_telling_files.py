"""What tells one file from another, for officer and desk: its name, its rows, how far it is, and what is said of a row."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from signatories.gathering import forgetting, sending, services
from signatories.mail import outbox
from signatories.models import GatheredBatch, GatheringGrant, Invitee, Partner
from tests.gathering.gathering import (
    ROW,
    WILMA,
    approved,
    checked,
    erased,
    gathering_partner,
    mailed,
    members,
    proof,
    prove_and_ask,
    send_all,
    table,
    upload,
)
from tests.partners.partners import officer
from tests.people import organizer, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ARABIC = {"accept-language": "ar"}
LATER = timedelta(days=31)


@pytest.fixture
def of() -> Partner:
    text()
    return gathering_partner()


@pytest.fixture
def browser(of: Partner) -> Client:
    return officer(of)


def words(browser: Client, path: str) -> str:
    """What stands on a page, without markup."""
    return " ".join(re.sub("<[^>]+>", "", browser.get(path).content.decode().partition("<h1>")[2]).split())


def test_officer_and_desk_tell_files_by_their_name_and_their_rows(browser: Client, of: Partner, desk: Client) -> None:
    first = upload(browser, table(members(3)), name="choir of the north.csv")
    second = checked(browser, table(members(1)), name="<b>office\u202e</b>.csv")
    desk_path = f"/desk/partners/{of.pk}/names/"
    for reader, path in ((browser, "/partner/names/"), (desk, desk_path)):
        listed = reader.get(path).content.decode()
        assert "choir of the north.csv</bdi> · 3 rows" in listed
        assert "b&gt;.csv</bdi> · 1 row" in listed and "<b>office" not in listed and "\u202e" not in listed
        for batch, told in ((first, "choir of the north.csv · 3 rows"), (second, ".csv · 1 row")):
            assert told in words(reader, f"{path}{batch.pk}/")


def test_a_file_without_a_name_and_one_of_before_are_shown(browser: Client, of: Partner) -> None:
    upload(browser, table(members(2)), name="x" * 240 + ".csv")
    assert len(GatheredBatch.objects.get().file_name) == 100
    GatheredBatch.objects.update(file_name="", rows=None)
    assert "UTC" not in words(browser, "/partner/names/").partition("File ")[2].partition(" · ")[0]
    assert "rows" not in words(browser, "/partner/names/").partition("Your files")[2]


def test_the_name_of_a_file_goes_with_its_people(browser: Client, of: Partner, desk: Client, mailbox: Catcher) -> None:
    def name(batch: GatheredBatch) -> str:
        batch.refresh_from_db()
        return batch.file_name

    back, refused, left = (checked(browser, table(members(1))) for _ in range(3))
    failed = upload(browser, b"%PDF-")
    browser.post(f"/partner/names/{back.pk}/undo/")
    prove_and_ask(browser, refused)
    desk.post(f"/desk/partners/{of.pk}/names/{refused.pk}/decide/", {"reason": "Not in these words."})
    asked = approved(of, table(members(1)), browser=browser)
    send_all()
    assert [name(batch) for batch in (back, refused, failed)] == ["", "", ""]
    kept = [left, asked]
    assert {name(batch) for batch in kept} == {"members.csv"}
    forgetting.forget(timezone.now() + timedelta(days=29))
    assert {name(batch) for batch in kept} == {"members.csv"}
    forgetting.forget(timezone.now() + LATER)
    assert {name(batch) for batch in kept} == {""}


def test_the_name_stays_while_somebody_of_a_slow_file_can_answer(
    browser: Client, of: Partner, mailbox: Catcher
) -> None:
    batch = approved(of, table(members(1)), browser=browser)
    send_all()
    GatheredBatch.objects.update(created_at=timezone.now() - LATER)
    forgetting.forget(timezone.now())
    batch.refresh_from_db()
    assert batch.file_name == "members.csv"


@pytest.mark.parametrize("how", ["answered", "passed", "erased"])
def test_the_name_goes_within_an_hour_once_nobody_is_left(
    browser: Client, of: Partner, mailbox: Catcher, how: str
) -> None:
    """It may be that of the only person; a refused row holds nobody."""
    if how == "passed":
        signed(address=WILMA)
    batch = checked(browser, table([ROW, ("Bram Oake", "no address", "", "")]), name="Wilma Fernhill.csv")
    if how != "erased":
        prove_and_ask(browser, batch)
        long_ago = timezone.now() - timedelta(hours=2)
        assert services.approve(batch_id=batch.pk, account=organizer("approver"), now=long_ago)
        send_all()
    else:
        browser.post(f"/partner/names/{batch.pk}/proof/", proof())
        GatheredBatch.objects.update(state="asked", file=b"", sample=b"")
        erased()
    if how == "answered":
        Client().post(mailbox.of(WILMA)[0].path("invited") + "no/")
    if how != "erased":
        forgetting.forget(timezone.now())
    batch.refresh_from_db()
    assert batch.file_name == ""


def test_the_name_goes_with_the_last_line_of_a_file_that_is_not_checked(browser: Client, of: Partner) -> None:
    alone = upload(browser, table([ROW]), name="Wilma Fernhill.csv")
    among = upload(browser, table([ROW, *members(1)]), name="members.csv")
    erased()
    alone.refresh_from_db()
    among.refresh_from_db()
    assert (alone.file_name, among.file_name) == ("", "members.csv")


@pytest.mark.parametrize("known", [False, True])
def test_pages_of_a_small_file_do_not_tell_who_had_signed(
    browser: Client, of: Partner, mailbox: Catcher, known: bool
) -> None:
    """Neither by the name of the file, which goes with the last who can answer, nor by who is deleted unasked."""
    if known:
        signed(address="m0@union.example", name="Member Number0000 Ash")
    batch = approved(of, table(members(1)), browser=browser)
    paths = ("/partner/names/", f"/partner/names/{batch.pk}/")
    before = [words(browser, path) for path in paths]
    assert "people in the file1" in before[1]
    assert sending.send(timezone.now()) == 1
    forgetting.forget(timezone.now())
    assert [words(browser, path) for path in paths] == before
    sending.call_back(timezone.now())
    forgetting.forget(timezone.now() + LATER)
    assert Invitee.objects.count() == int(known)
    assert [words(browser, path) for path in paths] == before


@pytest.mark.parametrize("how", ["pause", "end", "restored"])
def test_a_file_of_which_some_were_deleted_unasked_is_not_done(
    browser: Client, of: Partner, desk: Client, mailbox: Catcher, how: str
) -> None:
    batch = approved(of, table(members(52)), browser=browser, pace=12)
    assert sending.send(timezone.now()) == 1
    outbox.drain()
    if how == "pause":
        forgetting.forget(timezone.now() + LATER)
    elif how == "end":
        forgetting.close(timezone.now())
    else:
        with transaction.atomic():
            forgetting.after_restore(timezone.now())
        GatheringGrant.objects.update(ended_at=None)
    assert Invitee.objects.filter(batch=batch).count() == 1
    page = words(browser, f"/partner/names/{batch.pk}/")
    at_desk = words(desk, f"/desk/partners/{of.pk}/names/{batch.pk}/")
    for told in (page, at_desk):
        assert "people in the file52" in told and "Done" not in told and "all of them" not in told
    assert "deleted unasked" in at_desk and "Pause" not in at_desk


def test_a_file_that_was_approved_before_tells_who_is_left(
    browser: Client, of: Partner, desk: Client, mailbox: Catcher
) -> None:
    batch = approved(of, table(members(50)), browser=browser)
    GatheredBatch.objects.update(people=None)
    send_all()
    at_desk = words(desk, f"/desk/partners/{of.pk}/names/{batch.pk}/")
    for told in (words(browser, f"/partner/names/{batch.pk}/"), at_desk):
        assert "people in the file50" in told and "Done" not in told and "all of them" not in told  # nobody can know
    assert "deleted unasked" not in at_desk


@pytest.mark.parametrize("how", ["grant", "partner"])
def test_the_desk_ends_the_alarm_of_a_file_whose_partner_sends_no_more(
    browser: Client, of: Partner, desk: Client, mailbox: Catcher, how: str
) -> None:
    batch = approved(of, table(members(3)), browser=browser)
    GatheredBatch.objects.update(doubted_at=timezone.now(), paused_at=timezone.now())
    if how == "grant":
        services.end_grant(partner_id=of.pk, account=organizer("ender"), now=timezone.now())
    else:
        Partner.objects.update(ended_at=timezone.now())
    path = f"/desk/partners/{of.pk}/names/{batch.pk}/"
    assert "nothing more is sent. End its alarm" in words(desk, path)
    desk.post(f"{path}resume/")
    batch.refresh_from_db()
    assert batch.doubted_at is None and batch.paused_at  # should the partner come back, nothing is sent by itself
    assert "End its alarm" not in words(desk, path) and "Go on" not in words(desk, path)
    send_all()
    assert mailed(mailbox) == []


def test_a_sent_file_is_done_and_cannot_be_paused(browser: Client, of: Partner, desk: Client, mailbox: Catcher) -> None:
    batch = approved(of, table(members(50)), browser=browser)
    own, at_desk = f"/partner/names/{batch.pk}/", f"/desk/partners/{of.pk}/names/{batch.pk}/"
    assert "It began on" in words(browser, own)
    for reader, path in ((browser, own), (desk, at_desk)):
        assert "Pause" in words(reader, path) and "Done" not in words(reader, path)
    send_all()
    for reader, path in ((browser, own), (desk, at_desk)):
        page = words(reader, path)
        assert "Done: everybody had their turn, the last on" in page
        assert page.count("all of them") + page.count("at least 50") == 1
        assert ("all of them" in page) is (reader is browser)  # the desk reads it once
        assert "Pause" not in page and "a minute" not in page and "It began" not in page and "It begins" not in page
        assert "Take it back" in page


def test_of_a_small_file_the_desk_alone_reads_that_it_is_done(
    browser: Client, of: Partner, desk: Client, mailbox: Catcher
) -> None:
    """A turn that is taken back while its mail waits is one of somebody who had not signed."""
    batch = approved(of, table(members(3)), browser=browser)
    before = words(browser, f"/partner/names/{batch.pk}/")
    send_all()
    assert words(browser, f"/partner/names/{batch.pk}/") == before
    assert "Done: everybody had their turn" in words(desk, f"/desk/partners/{of.pk}/names/{batch.pk}/")


def test_before_its_hour_a_file_says_when_it_begins(browser: Client, of: Partner, mailbox: Catcher) -> None:
    batch = approved(of, table(members(3)), browser=browser)
    GatheredBatch.objects.update(starts_at=timezone.now() + timedelta(hours=1))
    assert "It begins on" in words(browser, f"/partner/names/{batch.pk}/")


def test_a_doubted_file_that_is_done_can_be_settled_at_the_desk_alone(
    browser: Client, of: Partner, desk: Client, mailbox: Catcher
) -> None:
    batch = approved(of, table(members(3)), browser=browser)
    send_all()
    GatheredBatch.objects.update(doubted_at=timezone.now(), paused_at=timezone.now())
    assert "Go on" not in words(browser, f"/partner/names/{batch.pk}/")
    assert "Go on" in words(desk, f"/desk/partners/{of.pk}/names/{batch.pk}/")


def test_an_address_is_one_piece_that_runs_from_left_to_right(browser: Client) -> None:
    batch = checked(browser, table([("Wilma Fernhill", "wilma.fernhill@members.example", "", "en")]))
    page = browser.get(f"/partner/names/{batch.pk}/", headers=ARABIC).content.decode()
    told = "wilma<wbr>.fernhill@<wbr>members<wbr>.example"
    assert f'<bdi class="address" dir="ltr" translate="no">{told}</bdi>' in page


def test_a_row_says_that_its_name_will_not_stand_in_the_mail(browser: Client) -> None:
    rows = [("Quillfeather, Marker", "q@union.example", "", ""), ("Ann Ash", "a@union.example", "", "")]
    batch = checked(browser, table(rows))
    page = browser.get(f"/partner/names/{batch.pk}/?show=look").content.decode().partition('id="rows"')[2]
    page = page.partition("<details")[0]
    assert "Quillfeather" in page
    assert page.count("The mail does not say this name") == 1 and "Ann" not in page
