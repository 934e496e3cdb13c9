"""MAIL_PER_DOMAIN_PER_MINUTE: no provider gets a burst, no other domain waits for it, no mail costs a query more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from signatories.mail import outbox
from signatories.models import MailRate, Signup
from signatories.models.mailing import MailState
from signatories.privacy import retention
from tests.mail.crowds import at, sign_all, to
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("a_minute", [2, 25])
def test_no_minute_has_more_and_no_other_domain_waits(mailbox: Catcher, settings: Settings, a_minute: int) -> None:
    settings.MAIL_PER_DOMAIN_PER_MINUTE, settings.OUTBOX_BATCH = a_minute, 10
    large = at("gmail.com", 50)
    sign_all([*large, *at("example.org", a_minute // 10)])
    start = timezone.now()
    sent: list[datetime] = []
    for second in range(0, 90, 2):
        with time_machine.travel(start + second * SECOND):
            outbox.drain()
            assert second or len(to(mailbox)) == max(1, a_minute // 10) + a_minute // 10  # the small domain is through
            sent += [start + second * SECOND] * (sum(a.endswith("gmail.com") for a in to(mailbox)) - len(sent))
    for moment in sent:
        assert sum(moment <= other < moment + timedelta(minutes=1) for other in sent) <= a_minute
    assert len(sent) >= a_minute
    assert [address for address in to(mailbox) if address in large] == large[: len(sent)]
    waiting = Signup.objects.filter(mail_state=MailState.WAITING)
    assert set(waiting.values_list("mail_attempts", "mail_error", "claimed_until")) == {(0, "", None)}


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_no_more(mailbox: Catcher, settings: Settings) -> None:
    settings.MAIL_PER_DOMAIN_PER_MINUTE, settings.OUTBOX_BATCH = 100, 5
    sign_all(at("gmail.com", 40))

    def worker(_n: int) -> int:
        try:
            return outbox.drain(moment)
        finally:
            connection.close()

    moment = timezone.now()
    with time_machine.travel(moment, tick=False), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) == 10
    assert len(mailbox.mails) == 10


def test_a_batch_asks_once_and_without_a_number_not_at_all(mailbox: Catcher, settings: Settings) -> None:
    for a_minute, asked in ((0, 0), (1000, 3)):  # a look for each of two claims, one share
        settings.MAIL_PER_DOMAIN_PER_MINUTE = a_minute
        for mails in (10, 40):
            sign_all([f"p{mails}-{a_minute}-{n}@example.org" for n in range(mails)])
            with CaptureQueriesContext(connection) as queries:
                assert outbox.drain() == mails
            assert sum("mailpace" in query["sql"] and "unsolved" not in query["sql"] for query in queries) == asked


@pytest.mark.parametrize("wrong", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_wrong_clock_stops_no_domain(mailbox: Catcher, settings: Settings, wrong: timedelta) -> None:
    settings.MAIL_PER_DOMAIN_PER_MINUTE = 10
    sign_all(at("gmail.com", 3))
    MailRate.objects.create(domain="gmail.com", since=timezone.now() + wrong, taken=1)
    assert outbox.drain() == 1


def test_it_is_forgotten_which_domains_were_mailed(mailbox: Catcher, settings: Settings) -> None:
    settings.MAIL_PER_DOMAIN_PER_MINUTE = 10
    sign_all(at("gmail.com", 1))
    outbox.drain()
    retention.purge(timezone.now())
    assert MailRate.objects.exists()
    retention.purge(timezone.now() + timedelta(days=2))
    assert not MailRate.objects.exists()
