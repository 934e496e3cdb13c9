"""A worker is killed again and again in the middle of a mailing: no mailbox is left out, and a repeat is the same mail."""

import os
import random
import subprocess
import sys
import time
from collections import defaultdict

import pytest
from django.conf import settings
from django.db import connection

from signatories.models import Mailing, OutboundMail
from signatories.models.mailing import MailState
from tests.faults.length import LONG, SEED
from tests.news.news import news_of, readers, send_all, started
from tests.smtp import Catcher
from tests.workers import FAST, ROOT

pytestmark = pytest.mark.django_db(transaction=True)
COUNT, KILLS = (5000, 20) if LONG else (300, 3)
WORKER = """
import django
django.setup()
from django.utils import timezone
from signatories.mail import outbox
from signatories.news import sending
while True:
    sending.work(timezone.now())
    outbox.drain()
"""


def worker() -> subprocess.Popen[bytes]:
    """A process that takes turns and sends, as fast as it can."""
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    env = os.environ | FAST | {
        "DJANGO_SETTINGS_MODULE": "declaration.settings",
        "DATABASE_URL": f"postgresql://postgres@{database['HOST'].replace('/', '%2F')}/{name}",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", WORKER], env=env, cwd=ROOT)


def test_each_mailbox_gets_it_once_or_twice_and_none_not_at_all(mailbox: Catcher) -> None:
    addresses = readers(COUNT)
    mailing = started(pace=6000 if LONG else 1200)
    chance = random.Random(SEED)
    for kill in range(1, KILLS + 1):
        running, until = worker(), time.monotonic() + 60
        wanted = COUNT * kill // (KILLS + 1) + chance.randrange(10)
        while len(mailbox.mails) < wanted and time.monotonic() < until:
            time.sleep(0.002)
        running.kill()
        running.wait()
        assert len(mailbox.mails) >= wanted
    assert not Mailing.objects.filter(state="done").exists()
    OutboundMail.objects.update(claimed_until=None)  # as if its lease were over
    while Mailing.objects.filter(state="going").exists():
        send_all()
    ids = defaultdict(list)
    for mail in news_of(mailbox):
        ids[mail.to[0]].append(str(mail.message["Message-ID"]))
    assert sorted(ids) == sorted(addresses)
    assert max(map(len, ids.values())) <= 2
    assert all(len(set(found)) == 1 for found in ids.values())
    mailing.refresh_from_db()
    assert (mailing.turns, mailing.sent) == (COUNT, COUNT)
    repeated = sum(len(found) == 2 for found in ids.values())
    print(f"{COUNT} people, {KILLS} kills: {repeated} got the same mail twice")  # noqa: T201 - told by the long form
    assert OutboundMail.objects.filter(mail_state=MailState.WAITING).count() == 0
    assert mailing.ended_at is not None
