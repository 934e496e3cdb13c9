"""Keys are changed while people sign: nobody gets lost, nobody counts twice, mailed links live on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from altcha.v1 import Challenge, solve_challenge
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from signatories.desk.people import finding
from signatories.identity import mailbox as sealing
from signatories.mail import messages, outbox, reminders
from signatories.mine import services as mine
from signatories.models import MailQuota, OutboundMail, Report, Signature, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import erasure_log, own_data, retention
from signatories.screening import puzzle
from signatories.tally import services as tally
from tests.operations.rotating import Keys, live, newest_link, report, rotate
from tests.people import ADDRESS, organizer, post_form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("step", ["drawn", "rotated", "forgotten"])
def test_what_was_mailed_before_works_at_each_step(client: Client, mailbox: Catcher, keys: Keys, step: str) -> None:
    by_link = sign_up(client, mailbox, email="link@example.org", name="Linus Link")
    by_code = sign_up(client, mailbox, email="code@example.org", name="Cora Code")
    stops = sign_up(client, mailbox, email="stop@example.org", name="Stan Stop")
    signature = signed(address="own@example.org", name="Olive Own")
    own = f"/mine/{messages.own_link(signature, timezone.now().date())}/"
    sent = post_form(client, email="sent@example.org", name="Sal Sent")["Location"]
    keys.draw()
    if step != "drawn":
        rotate()
    if step == "forgotten":
        keys.forget_old()
        keys.settings.SECRET_KEY_FALLBACKS = ["only-for-tests"]  # kept for as long as links live
    else:
        assert b"sent@example.org" in client.get(sent).content
    assert client.post(by_link.path("confirm")).status_code == 303
    answer = client.post("/confirm/", {"email": "code@example.org", "code": by_code.code})
    assert answer.status_code == 303
    assert client.post(answer["Location"]).status_code == 303
    assert client.post(stops.path("stop")).status_code == 200
    assert Signature.objects.filter(name__in=["Linus Link", "Cora Code"], state=State.PUBLISHED).count() == 2
    assert client.get(own).status_code == 200
    post_form(client, email="stop@example.org", name="Stan Stopper")
    outbox.drain()
    assert len(mailbox.of("stop@example.org")) == 1


def test_without_the_old_secret_links_and_codes_explain_themselves(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    mail = sign_up(client, mailbox)
    own = f"/mine/{messages.own_link(signed(address='own@example.org'), timezone.now().date())}/"
    keys.settings.SECRET_KEY = "another, and the old one is lost"
    for path, way_on in ((mail.path("confirm"), b"/#sign"), (mail.path("stop"), b"mailto:"), (own, b"/mine/")):
        page = client.get(path)
        assert page.status_code == 404
        assert way_on in page.content
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422
    assert client.post(mail.path("confirm")).status_code == 404
    assert Signature.objects.count() == 1


def test_a_puzzle_given_out_before_is_solved_after(keys: Keys) -> None:
    import base64

    def solved() -> str:
        asked = puzzle.make(timezone.now())
        found = solve_challenge(
            Challenge(asked["algorithm"], asked["challenge"], asked["maxNumber"], asked["salt"], asked["signature"])
        )
        assert found
        return base64.b64encode(json.dumps(asked | {"number": found.number}).encode()).decode()

    first, second = solved(), solved()
    keys.draw()
    assert puzzle.solved(first)
    keys.forget_old()
    assert not puzzle.solved(second)


def test_an_organizer_stays_logged_in(client: Client, keys: Keys) -> None:
    away = Client()
    organizer(role=Role.VIEWER)  # who needs no second factor
    for browser in (client, away):
        browser.login(email="olga@declaration.example", password="long-and-secret")
    keys.draw()
    assert client.get("/desk/numbers/").status_code == 200
    keys.forget_old()
    assert client.get("/desk/numbers/").status_code == 200
    assert away.get("/desk/numbers/").status_code == 302


@pytest.mark.parametrize("rotated", [False, True])
def test_a_mailbox_that_signed_before_signs_no_second_time(
    client: Client, mailbox: Catcher, keys: Keys, rotated: bool
) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    keys.draw()
    if rotated:
        rotate()
    mail = sign_up(client, mailbox, affiliation="Another Band")
    assert "/mine/" in mail.text  # "you have signed already"
    assert client.post(newest_link()).status_code == 303
    assert live() == 1
    rotate()
    keys.forget_old()
    sign_up(client, mailbox, affiliation="A Third Band")
    client.post(newest_link())
    assert live() == 1
    assert tally.repair() == {}


def test_a_second_person_takes_the_second_place_and_there_is_no_third(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    keys.draw()
    sign_up(client, mailbox, name="Bertil Birk")
    client.post(newest_link())
    keys.draw()
    sign_up(client, mailbox, name="Carla Cole")
    client.post(newest_link())
    assert sorted(Signature.objects.values_list("mailbox_place", flat=True)) == [1, 2]
    rotate()
    keys.forget_old()
    sign_up(client, mailbox, name="Dora Dale")
    client.post(newest_link())
    assert sorted(Signature.objects.values_list("mailbox_place", "state")) == [(1, "published"), (2, "held")]


def test_a_withdrawal_is_not_undone_beside_a_signature_under_the_new_key(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    first, other = signed(), signed(address="other@example.org", name="Otto Other")
    for signature in (first, other):
        mine.withdraw(signature_id=signature.pk, now=timezone.now())
    keys.draw()
    signed(name="Aveline Ashgrove")
    assert not mine.undo(signature_id=first.pk, now=timezone.now())
    assert live() == 1
    assert mine.undo(signature_id=other.pk, now=timezone.now())
    assert live("other@example.org") == 1


def test_everything_of_a_mailbox_is_found_under_each_key(client: Client, mailbox: Catcher, keys: Keys) -> None:
    signature = signed(address="reader@example.org", name="Rita Reader")
    report(signature)
    sign_up(client, mailbox, email="reader@example.org", name="Rita Reader")
    mine.ask(address="reader@example.org", language="en", now=timezone.now())

    def kept() -> dict[str, object]:
        found = own_data.of_mailbox("reader@example.org")
        found["mails_a_day"] = [day["sent"] for day in found["mails_a_day"]]  # carried over as a row of its own
        return found

    before = kept()
    assert all(before[what] for what in ("signatures", "signups", "letters", "reports", "mails_a_day"))
    keys.draw()
    assert kept() == before
    found = finding.find("reader@example.org")
    assert len(found.signatures) == 1
    rotate()
    assert kept() == before
    keys.forget_old()
    assert kept() == before
    keys.draw()
    assert retention.erase_mailbox(address="reader@example.org", reason="asked", now=timezone.now()) >= 3
    assert not OutboundMail.objects.exists() and not Report.objects.exists() and not MailQuota.objects.exists()
    assert Signature.objects.get().name == ""


def test_the_day_s_mails_are_counted_on(client: Client, mailbox: Catcher, keys: Keys) -> None:
    for n in range(3):
        sign_up(client, mailbox, affiliation=f"Band {n}")
    keys.draw()
    for n in range(4):
        post_form(client, affiliation=f"New Band {n}")
        outbox.drain()
    assert len(mailbox.of(ADDRESS)) == 5
    assert MailQuota.objects.get().sent == 5


@pytest.mark.parametrize("rotated", [False, True])
def test_reminders_know_what_happened_under_the_other_key(
    client: Client, mailbox: Catcher, keys: Keys, rotated: bool
) -> None:
    """Before: one asked, one was reminded. After: the first signs by another form, the second asks again."""
    sign_up(client, mailbox, email="signs@example.org", name="Sina Signs")
    sign_up(client, mailbox, email="asks@example.org", name="Asta Asks")
    sign_up(client, mailbox, email="waits@example.org", name="Wim Waits")
    keys.draw()
    signed(address="signs@example.org", name="Sina Signs Differently")
    if rotated:
        rotate()
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        sign_up(client, mailbox, email="asks@example.org", name="Asta Asks Again")
    mailbox.mails.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        reminders.remind(timezone.now())
        outbox.drain()
        assert [mail.to for mail in mailbox.mails] == [["waits@example.org"]]
    keys.draw()
    with time_machine.travel(timezone.now() + timedelta(hours=80)):
        reminders.remind(timezone.now())
        outbox.drain()
        assert [mail.to for mail in mailbox.mails] == [["waits@example.org"], ["asks@example.org"]]


def test_a_stop_holds_as_long_as_anybody_knows_whose_it_is(client: Client, mailbox: Catcher, keys: Keys) -> None:
    """Known by a signup it is moved by the command; else when its mailbox is seen again, while the key is there."""
    for name in ("known", "unknown"):
        client.post(sign_up(client, mailbox, email=f"{name}@example.org").path("stop"))
    Signup.objects.filter(address_digest=sealing.digest("unknown@example.org")).delete()
    erasure_log.catch_up(timezone.now())
    keys.draw()
    said = rotate()
    assert "1 mailboxes that want no mail" in said
    assert "can go" not in said
    mailbox.mails.clear()
    for name in ("known", "unknown"):
        post_form(client, email=f"{name}@example.org", name="Sent By A Stranger")
    outbox.drain()
    assert mailbox.mails == []
    assert "can go from the environment" in rotate()
    keys.forget_old()
    post_form(client, email="unknown@example.org", name="Sent Once More")
    outbox.drain()
    assert mailbox.mails == []
    erasure_log.catch_up(timezone.now())
    in_force = {
        hex_ for hex_, line in erasure_log.stops(erasure_log.read()).items() if line.kind == erasure_log.Kind.STOPPED
    }
    assert in_force == {sealing.digest(f"{name}@example.org").hex() for name in ("known", "unknown")}


def test_a_worker_without_the_new_key_loses_no_mail(client: Client, mailbox: Catcher, keys: Keys) -> None:
    """It goes on with what it can open; the rest waits until it has the key too."""
    old = keys.settings.MAILBOX_KEYS
    text()
    post_form(client)
    keys.draw()
    post_form(client, email="new@example.org", name="Nora New")
    new, keys.settings.MAILBOX_KEYS = keys.settings.MAILBOX_KEYS, old
    assert outbox.drain() == 1
    assert Signup.objects.get(name="Nora New").mail_state == MailState.WAITING
    keys.settings.MAILBOX_KEYS = new
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert outbox.drain() == 1
    assert mailbox.of("new@example.org")


def test_a_stop_is_taken_back_under_every_key(client: Client, mailbox: Catcher, keys: Keys) -> None:
    path = sign_up(client, mailbox).path("stop")
    client.post(path)
    keys.draw()
    assert b"allow" in client.get(path).content
    client.post(path, {"allow": "1"})
    assert not StoppedMailbox.objects.exists()
    assert "stop" in read_mail(mailbox).text


def test_a_backup_from_before_is_restored_after(
    client: Client, mailbox: Catcher, keys: Keys, backed_up: Callable[[], Path]
) -> None:
    confirm = sign_up(client, mailbox, email="open@example.org", name="Oscar Open").path("confirm")
    client.post(sign_up(client, mailbox, email="stopped@example.org", name="Stan Stopped").path("stop"))
    signed()
    source = backed_up()
    keys.draw()
    rotate()
    erasure_log.catch_up(timezone.now())
    out = StringIO()
    call_command("restore", str(source), "--replace", stdout=out, stderr=out)
    assert "run `manage.py rotate_keys`" in out.getvalue()
    assert len(finding.find(ADDRESS).signatures) == 1
    rotate()
    keys.forget_old()
    keys.settings.SECRET_KEY_FALLBACKS = ["only-for-tests"]
    mailbox.mails.clear()
    assert client.post(confirm).status_code == 303
    post_form(client, email="stopped@example.org", name="Somebody Else")
    outbox.drain()
    assert [mail for mail in mailbox.mails if not mail.is_thanks] == []
    with pytest.raises(CommandError, match="another MAILBOX_KEYS and DIGEST_KEY"):
        call_command("restore", str(source), "--replace")
    after = backed_up()
    out = StringIO()
    call_command("restore", str(after), "--replace", stdout=out)
    assert "rotate_keys" not in out.getvalue()


@pytest.mark.parametrize("name", ["SECRET_KEY_FALLBACKS", "DIGEST_KEY_FALLBACKS"])
def test_a_comma_too_many_makes_no_empty_key(name: str) -> None:
    code = f"from declaration import settings; print(settings.{name})"
    env = os.environ | {name: "first, second,,"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['first', 'second']"
