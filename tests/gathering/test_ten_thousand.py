"""Ten thousand invitations, a mail server that fails, hangs, cuts the line and bounces: nobody gets two.

A short form with all other tests, the long one with `make faults`.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from signatories.gathering import sending
from signatories.mail import outbox
from signatories.models import Invitee, MailCircuit, OutboundMail
from signatories.models.mailing import MailState
from tests.faults.length import LONG, SEED
from tests.gathering.gathering import approved, gathering_partner, members, table
from tests.people import text
from tests.smtp import Catcher, Mode

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 10_000 if LONG else 200
WORKERS, ROUNDS_OF_TROUBLE = 3, 60 if LONG else 12
MODES: tuple[Mode, ...] = ("ok", "ok", "drop", "few", "slow", "spent")


def test_each_person_is_mailed_at_most_once(mailbox: Catcher, settings: Settings) -> None:
    settings.OUTBOX_LEASE, settings.OUTBOX_FIRST_GAP, settings.OUTBOX_LONGEST_GAP = 2.0, 0.1, 0.3
    text()
    bounces = [(f"Bounce Number{n:03} Reed", f"bounce{n}@union.example", "", "") for n in range(COUNT // 50)]
    later = [(f"Later Number{n:03} Reed", f"later{n}@union.example", "", "") for n in range(COUNT // 50)]
    approved(gathering_partner(), table([*members(COUNT), *bounces, *later]), pace=30_000)
    mailbox.mails.clear()
    over = threading.Event()
    workers = [threading.Thread(target=_until(over, _work)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    chance = random.Random(SEED)
    for _ in range(ROUNDS_OF_TROUBLE):
        mailbox.mode, mailbox.delay = chance.choice(MODES), chance.choice([0.05, 2.5])
        if chance.random() < 0.2:  # its worker is as good as dead: another one may take the row
            OutboundMail.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        over.wait(0.5)
        MailCircuit.objects.all().delete()
    mailbox.mode = "ok"
    while _left():
        over.wait(0.3)
        MailCircuit.objects.all().delete()
    over.set()
    for worker in workers:
        worker.join()

    received = Counter(mail.to[0] for mail in mailbox.mails)
    assert {address: times for address, times in received.items() if times > 1} == {}
    states = Counter(
        OutboundMail.objects.exclude(invitee__name__startswith="Later").values_list("mail_state", flat=True)
    )
    assert states == {MailState.SENT: COUNT, MailState.UNDELIVERABLE: len(bounces)}
    assert not Invitee.objects.to_ask().exists()
    lost = COUNT - len(received)
    print(  # noqa: T201 - what the long form is run for
        f"{COUNT} invitations, seed {SEED}: {len(received)} received, {lost} lost where the line was cut"
    )
    assert lost < COUNT


def _work() -> None:
    sending.send(timezone.now())
    outbox.drain()


def _left() -> bool:
    waiting = OutboundMail.objects.filter(mail_state=MailState.WAITING).exclude(invitee__name__startswith="Later")
    return waiting.exists() or Invitee.objects.to_ask().exists()


def _until(over: threading.Event, act: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            while not over.wait(0.05):
                act()
        finally:
            connection.close()

    return run
