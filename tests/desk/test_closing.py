"""The end of signing: what strangers read, who may still confirm, what settles by itself, when addresses go."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from signatories import tasks
from signatories.editions import services as editions
from signatories.gathering import sending
from signatories.identity import mailbox as mailboxes
from signatories.mail import messages, outbox, reminders
from signatories.models import (
    Act,
    ActDetail,
    Closing,
    Edition,
    Invitee,
    OutboundMail,
    Signature,
    Signup,
    Update,
    UpdateText,
)
from signatories.models.act import Verb
from signatories.models.gathering import Answer
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.privacy import erasure_log, retention
from signatories.tally import services as tally
from tests.desk.roles import come_in, is_refused
from tests.gathering.gathering import approved, gathering_partner, mailed, members, send_all, table
from tests.partners.partners import channel, partner
from tests.people import ADDRESS, enter, form, post_form, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
PAGE = "/desk/closing/"
DAY = timedelta(days=1)
FORMS = ["/sign/", "/with/stage-hands/", "/sign/for/", "/sign/group/"]


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    # The database has a clock of its own: a mail that it calls due must be due here, too.
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False) as traveller:
        yield traveller


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.decode()).split())


def press(browser: Client, what: str, **sent: str) -> int:
    """Press a button of the page."""
    return browser.post(f"{PAGE}{what}/", sent).status_code


def step(desk: Client, key: str) -> str:
    """The words of one step."""
    found = re.search(rf'<li id="{key}".*?</li>\s*(?=<li id=|</ol>)', desk.get(PAGE).content.decode(), re.DOTALL)
    assert found, f"no step {key}"
    return words(found[0].encode())


# --- Ending -----------------------------------------------------------------------------------------------------------
def test_only_administrators_with_a_fresh_factor_end_it(desk: Client, olga: AbstractBaseUser) -> None:
    text()
    assert is_refused(come_in(None, "nobody").post(f"{PAGE}end/"))  # type: ignore[arg-type]
    tired = Client()
    tired.force_login(olga)  # type: ignore[arg-type]
    assert tired.post(f"{PAGE}end/").status_code == 302  # to the page that asks for the factor
    assert Closing.current().ended_at is None
    assert press(desk, "end") == 303
    row = Closing.current()
    assert row.ended_at and row.ended_by == olga
    assert press(desk, "end") == 303  # a second press
    assert Act.objects.filter(verb=Verb.EDIT, reason="signing ended", about="closing").count() == 1


def test_nothing_is_ended_that_is_not_open(desk: Client) -> None:
    assert press(desk, "end") == 409
    assert Closing.current().ended_at is None
    assert "nothing to end" in desk.get(PAGE).content.decode()


@pytest.mark.parametrize("path", ["/", "/fr/", "/with/stage-hands/", "/sign/for/", "/sign/group/"])
def test_every_page_says_since_when_it_is_over(desk: Client, clock: Traveller, path: str) -> None:
    text()
    partner()
    stranger = Client()
    assert 'name="email"' in stranger.get(path).content.decode()
    press(desk, "end")
    page = stranger.get(path).content.decode()
    assert 'id="ended"' in page and f"{timezone.now():%Y}" in page
    assert 'name="email"' not in page and 'href="#sign"' not in page
    assert press(desk, "words", en="It was handed over.", fr="Elle a été remise.") == 303
    assert ("Elle a été remise." if path == "/fr/" else "It was handed over.") in stranger.get(path).content.decode()


@pytest.mark.parametrize("path", FORMS)
def test_what_was_typed_is_kept_and_nothing_is_taken(desk: Client, path: str) -> None:
    text()
    partner()
    press(desk, "end")
    answers = []
    for address in ("ann@example.org", "no address"):
        typed = form(name="Aveline of the Last Minute", email=address, representative="Rita Reed")
        answer = Client().post(path, typed)
        page = answer.content.decode()
        assert answer.status_code == 410
        assert 'value="Aveline of the Last Minute"' in page and f'value="{address}"' in page
        assert "Nothing was accepted" in page and 'class="errors"' not in page
        assert '<button class="button sign"' not in page
        answers.append(page.replace(address, ""))
    assert answers[0] == answers[1]
    assert not Signup.objects.exists()


def test_a_stranger_who_has_signed_is_answered_as_any_other(desk: Client) -> None:
    signed(address="zyxknown@example.org")
    press(desk, "end")
    pages = [Client().post("/sign/", form(email=f"{who}@example.org")).content for who in ("zyxknown", "zyxnobody")]
    assert pages[0].replace(b"zyxknown", b"") == pages[1].replace(b"zyxnobody", b"")


# --- The days after ---------------------------------------------------------------------------------------------------
def test_who_asked_before_confirms_within_the_days(
    client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller
) -> None:
    mail = sign_up(client, mailbox)
    press(enter(Client(), olga), "end")
    clock.shift(7 * DAY - timedelta(minutes=1))
    assert client.get(mail.path("confirm")).status_code == 200
    client.post(mail.path("confirm"))
    assert Signature.objects.get().state == State.PUBLISHED


def test_and_not_afterwards(client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller) -> None:
    mail = sign_up(client, mailbox)
    press(enter(Client(), olga), "end")
    clock.shift(7 * DAY)
    for answer in (client.get(mail.path("confirm")), client.post(mail.path("confirm"))):
        assert answer.status_code == 410
        assert "Signing ended on" in answer.content.decode() and "Sign once more" not in answer.content.decode()
    assert client.post("/confirm/", {"email": "ann@example.org", "code": mail.code}).status_code == 422
    assert not Signature.objects.exists()
    tasks.watch()
    assert not Signup.objects.exists()
    answer = client.get(mail.path("confirm"))
    assert answer.status_code == 404 and "Signing ended on" in answer.content.decode()


def test_the_own_page_goes_on(desk: Client, clock: Traveller, own_page: Callable[[Signature], str]) -> None:
    signature = signed()
    press(desk, "end")
    clock.shift(40 * DAY)
    tasks.watch()
    path = own_page(signature)
    typed = form(name="Aveline Ashgrove-Reed", filed_under="Ashgrove-Reed", email=None)
    assert Client().post(path, typed).status_code == 303
    assert Signature.objects.get().name == "Aveline Ashgrove-Reed"
    assert Client().post(f"{path}withdraw/").status_code == 303
    assert Signature.objects.get().state == State.WITHDRAWN


@pytest.fixture
def own_page() -> Callable[[Signature], str]:
    """The address of somebody's own page, as a mail of today has it."""
    return lambda signature: f"/mine/{messages.own_link(signature, timezone.now().date())}/"


@pytest.mark.parametrize("ended", [False, True])
def test_nobody_is_reminded(
    client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller, ended: bool
) -> None:
    sign_up(client, mailbox)
    clock.shift(3 * DAY)
    assert reminders.remind(timezone.now()) == 1  # it waits to be sent
    if ended:
        press(enter(Client(), olga), "end")
    outbox.drain()
    assert len(mailbox.mails) == (1 if ended else 2)
    assert reminders.remind(timezone.now()) == 0
    if ended:  # should signing go on, it is due again
        press(enter(Client(), olga), "reopen")
        assert reminders.remind(timezone.now()) == 1


def test_nobody_is_asked_whom_a_partner_named(olga: AbstractBaseUser, mailbox: Catcher) -> None:
    text()
    batch = approved(gathering_partner(), table(members(4)), pace=12)  # one at each turn
    assert sending.send(timezone.now())
    outbox.drain()
    assert sending.send(timezone.now())  # the second waits in the outbox
    browser = enter(Client(), olga)
    press(browser, "end")
    send_all()
    assert len(mailed(mailbox)) == 1
    press(browser, "reopen")
    send_all()
    assert len(mailed(mailbox)) == 4
    assert not Invitee.objects.filter(batch=batch, asked_at=None, is_test=False).exists()


def test_an_invited_person_is_told_and_may_still_say_no(olga: AbstractBaseUser, mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table(members(2)))
    send_all()
    press(enter(Client(), olga), "end")
    first, second = Invitee.objects.filter(is_test=False).order_by("line")
    path = f"/invited/{messages.invitation_link(first)}/"
    answer = Client().post(path, form(email=None, filed_under=""))
    assert answer.status_code == 410 and "Signing ended on" in answer.content.decode()
    assert not Signature.objects.exists()
    assert Client().post(f"{path}no/").status_code == 200
    first.refresh_from_db()
    assert first.answer == Answer.DECLINED and second.answer != Answer.DECLINED


# --- Undone, settled --------------------------------------------------------------------------------------------------
def test_it_can_be_undone_until_it_is_settled(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    text()
    press(desk, "end")
    assert press(desk, "reopen") == 303
    assert Closing.current().ended_at is None
    assert 'name="email"' in Client().get("/").content.decode()
    assert post_form(Client()).status_code == 303
    press(desk, "end")
    clock.shift(7 * DAY)
    tasks.watch()
    enter(desk, olga)
    assert "Let people sign again" not in desk.get(PAGE).content.decode()
    assert press(desk, "reopen") == 303
    assert Closing.current().ended_at
    assert Act.objects.filter(reason="signing opened again").count() == 1


def test_it_is_settled_once_however_often(desk: Client, mailbox: Catcher, clock: Traveller) -> None:
    text()
    approved(gathering_partner(), table(members(3)))
    send_all()
    assert post_form(Client(), email="late@example.org").status_code == 303
    signed(address="here@example.org")
    press(desk, "end")
    tasks.watch()
    assert Signup.objects.filter(confirmed_at=None).count() == 1 and Closing.current().settled_at is None
    clock.shift(7 * DAY)
    for _ in range(3):
        tasks.watch()
    row = Closing.current()
    assert row.settled_at == timezone.now()
    assert not Signup.objects.filter(confirmed_at=None).exists()
    assert set(Invitee.objects.values_list("answer", "address_digest", "address_sealed")) == {(Answer.SILENT, b"", b"")}
    assert Edition.objects.count() == 1
    assert Act.objects.filter(about="closing", actor="rule").count() == 1
    assert Signature.objects.get().state == State.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_the_last_edition_is_built_and_the_list_ticks_itself(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, tmp_path: Path
) -> None:
    signed(name="Ada Vance")
    tally.fold()
    press(desk, "end")
    assert "to do" in step(desk, "edition") and "to do" in step(desk, "archive") and "to do" in step(desk, "thanks")
    clock.shift(7 * DAY)
    tasks.watch()
    enter(desk, olga)
    assert "asked for" in step(desk, "edition")
    built = editions.build_waiting()
    assert built and built.state == "ready", built
    assert "Edition 1 is ready" in step(desk, "edition") and "done" in step(desk, "edition")
    update = Update.objects.create(published_at=timezone.now())
    UpdateText.objects.create(update=update, language="en", title="Thank you", body="All of you.")
    assert "done" in step(desk, "thanks")


def test_an_edition_that_failed_is_asked_for_once_more(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    text()
    press(desk, "end")
    clock.shift(7 * DAY)
    tasks.watch()
    Edition.objects.update(state="failed", error="OSError: no space")
    enter(desk, olga)
    assert "Ask for it once more" in step(desk, "edition")
    assert press(desk, "edition") == 303
    assert Closing.current().last_edition == Edition.objects.get(state="asked")


@pytest.mark.django_db(transaction=True)
def test_the_archive_is_written_down(desk: Client, olga: AbstractBaseUser, tmp_path: Path) -> None:
    with time_machine.travel(timezone.now() - 8 * DAY):
        signed(name="Ada Vance")
        tally.fold()
        enter(desk, olga)
        press(desk, "end")
    tasks.watch()
    assert editions.build_waiting()
    call_command("freeze", str(tmp_path / "archive"))
    enter(desk, olga)
    assert "done" in step(desk, "archive") and "with edition 1" in step(desk, "archive")
    archived = (tmp_path / "archive" / "index.html").read_text()
    assert "Signing has ended" in archived and "/mine/" not in archived


def test_number_and_page_for_the_press_say_when_they_are_final(client: Client, desk: Client, clock: Traveller) -> None:
    signed()
    tally.fold()
    assert client.get("/api/v1/count").json()["final"] is False
    press(desk, "end")
    assert client.get("/api/v1/count").json()["final"] is False
    assert "then the number is final" in client.get("/press/").content.decode()
    clock.shift(7 * DAY)
    assert client.get("/api/v1/count").json()["final"] is True
    assert "This number is final" in client.get("/press/").content.decode()


# --- The day on which addresses are deleted ---------------------------------------------------------------------------
def set_day(desk: Client, olga: AbstractBaseUser, day: datetime) -> int:
    enter(desk, olga)
    return press(desk, "addresses", day=f"{day:%Y-%m-%d}")


def test_the_day_is_set_moved_and_taken_back(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    signed()
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 409  # signing goes on
    press(desk, "end")
    for wrong in (29 * DAY, 6 * 365 * DAY):
        assert set_day(desk, olga, timezone.now() + wrong) == 422
    assert 'id="addresses"' not in Client().get("/privacy/").content.decode()
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    day = timezone.now() + 40 * DAY
    assert Closing.current().addresses_until == day.date()
    assert f"On {day:%-d %B %Y} the mail addresses" in Client().get("/privacy/").content.decode()
    assert f"On {day:%-d %B %Y} all mail addresses" in Client().get("/mine/").content.decode()
    assert "addresses-go" not in desk.get("/desk/numbers/").content.decode()
    clock.shift(26 * DAY)
    enter(desk, olga)
    assert "addresses-go" in desk.get("/desk/numbers/").content.decode()
    assert set_day(desk, olga, timezone.now() + 13 * DAY) == 422  # too near to be heard of
    assert set_day(desk, olga, timezone.now() + 60 * DAY) == 303
    assert "addresses-go" not in desk.get("/desk/numbers/").content.decode()
    assert press(desk, "addresses", keep="1") == 303
    assert Closing.current().addresses_until is None
    told = Act.objects.filter(reason__startswith="addresses are deleted on").values_list("reason", flat=True)
    assert len(told) == 3


def people() -> dict[str, Signature]:
    """Two in one mailbox, one without a name, one by a representative, one who waits, one who has withdrawn."""
    news = channel(partner())
    found = {
        "first": signed(address="two@example.org", name="Ada Vance"),
        "second": signed(address="two@example.org", name="Bram Bellweather"),
        "unnamed": signed(address="un@example.org", name="Umbra Unnamed", named=False, country="IE"),
        "renamed": signed(address="re@example.org", name="Cleo Carver"),
    }
    Signature.objects.filter(pk=found["first"].pk).update(channel=news, representative="Rita Reed")
    return found


def test_on_that_day_addresses_go_and_names_stay(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, own_page: Callable[[Signature], str]
) -> None:
    found = people()
    tally.repair()
    path = own_page(found["renamed"])
    assert Client().post(path, form(name="Cleo Karver", filed_under="Karver", email=None)).status_code == 303
    assert ActDetail.objects.count() == 1
    tally.fold()
    number, listed = tally.number(timezone.now()).count, Client().get("/signatories/").content
    press(desk, "end")
    day = timezone.now() + 40 * DAY
    assert set_day(desk, olga, day) == 303
    clock.shift(39 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert Signature.objects.exclude(address_sealed=b"").count() == 4  # not before its day
    clock.shift(1 * DAY)
    for _ in range(2):
        retention.forget(timezone.now())
    rows = {name: Signature.objects.get(pk=row.pk) for name, row in found.items()}
    for row in rows.values():
        assert (bytes(row.address_sealed), row.domain, row.representative, row.channel_id) == (b"", "", "", None)
        assert len(row.address_digest) == 32 and not row.news
        assert not {bytes(row.address_digest)} & {
            *mailboxes.digests("two@example.org"),
            *mailboxes.digests("un@example.org"),
        }
    assert (
        len({bytes(row.address_digest) for row in rows.values()}) == len({bytes(r.nonce) for r in rows.values()}) == 4
    )
    assert (rows["unnamed"].name, str(rows["unnamed"].country), rows["unnamed"].search_key) == ("–", "", "")
    assert rows["first"].name == "Ada Vance" and rows["renamed"].name == "Cleo Karver"
    assert not ActDetail.objects.exists() and not Signup.objects.exists()
    assert not OutboundMail.objects.filter(signature__isnull=False).exists()
    assert tally.repair() == {}  # the number is still what the rows say
    assert tally.number(timezone.now()).count == number
    assert Client().get("/signatories/").content == listed
    closing = Closing.current()
    assert closing.addresses_deleted_at == timezone.now()
    assert Act.objects.filter(verb=Verb.ERASE, about="addresses").count() == 1
    assert [line.kind for line in erasure_log.read() if line.kind == "addresses"] == ["addresses"]


def test_afterwards_no_link_leads_to_an_own_page(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, mailbox: Catcher, own_page: Callable[[Signature], str]
) -> None:
    signature = signed()
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(40 * DAY)
    path = own_page(signature)
    assert "all mail addresses of signers are deleted" in Client().get(path).content.decode()
    tasks.watch()
    retention.forget(timezone.now())
    answer = Client().get(path)
    assert answer.status_code == 404 and "as announced" in answer.content.decode()
    assert "were deleted on" in Client().get("/privacy/").content.decode()
    asked = [Client().post("/mine/", {"email": address}) for address in ("ann@example.org", "other@example.org")]
    assert {each.status_code for each in asked} == {410}
    assert asked[0].content == asked[1].content
    assert not OutboundMail.objects.filter(kind=MailKind.LINK).exists()
    enter(desk, olga)
    page = desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert "Its mail address is deleted" in page and "Send the link again" not in page
    assert desk.post(f"/desk/signatures/{signature.pk}/resend/").status_code == 404
    assert desk.get(f"/desk/signatures/{signature.pk}/write/").status_code == 404
    assert press(desk, "addresses", keep="1") == 409
    # An organizer still withdraws at their request, and nobody is mailed.
    desk.post(f"/desk/signatures/{signature.pk}/withdraw/", {"reason": "Wrote to the operator."})
    assert Signature.objects.get().state == State.WITHDRAWN
    outbox.drain()
    assert mailbox.of(ADDRESS) == []


def test_who_withdrew_just_before_is_erased_as_ever_and_loses_the_address_if_it_is_undone(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, own_page: Callable[[Signature], str]
) -> None:
    signature = signed()
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(39 * DAY)
    undo = Client().post(f"{own_page(signature)}withdraw/")["Location"]
    clock.shift(1 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert bytes(Signature.objects.get().address_sealed)
    assert Client().post(undo).status_code == 303
    retention.forget(timezone.now())
    row = Signature.objects.get()
    assert (row.state, bytes(row.address_sealed), row.name) == (State.PUBLISHED, b"", "Aveline Ashgrove")


def test_without_a_day_addresses_stay(desk: Client, clock: Traveller) -> None:
    signed()
    press(desk, "end")
    clock.shift(3000 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert bytes(Signature.objects.get().address_sealed)
