"""Figures by the hour for the desk: counted by a job, and kept whatever is deleted later."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import HourlyFigure, Signature, Signup
from signatories.models.figures import What
from signatories.privacy import retention
from signatories.tally import hourly
from signatories.tasks import hourly_figures
from tests.people import form, organizer, post_form, set_to, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = timezone.now().replace(hour=12, minute=10, second=0, microsecond=0)


def asked(count: int, at: datetime, domain: str = "gmail.com") -> None:
    """So many forms at a moment."""
    text()
    before = Signup.objects.count()
    for n in range(before, before + count):
        post_form(Client(), name=f"Aveline {'abcdefghijklmnopqrstuvwxyz'[n % 26]}shgrove", email=f"a{n}@{domain}")
    new = Signup.objects.order_by("-pk")[:count]
    Signup.objects.filter(pk__in=list(new.values_list("pk", flat=True))).update(created_at=at)


def of_hour(now: datetime, back: int = 0) -> Mapping[str, int]:
    """What is told of an hour, so many before that of `now`."""
    return hourly.by_hour(now).moments[-1 - back][1]


def test_the_way_from_asking_to_the_list_is_counted(client: Client, mailbox: Catcher) -> None:
    text()
    post_form(client)
    post_form(Client(), name="Bram Bellweather", email="bram@example.org")
    outbox.drain()
    set_to(published_at_once=False)
    signed(address="c@example.org", name="Cassius Moonwright")
    set_to(published_at_once=True)
    signed(address="d@example.org", name="Dora Thornfield")
    hourly_figures()
    now = timezone.now()
    assert of_hour(now) == {What.ASKED: 4, What.MAILED: 2, What.CONFIRMED: 2, What.PUBLISHED: 1}
    held = Signature.objects.get(state="held")
    queue.publish(signature_id=held.pk, organizer=organizer(), reason="Known.", now=now)
    hourly_figures()
    hourly_figures()  # counted again, and not added
    assert of_hour(now)[What.PUBLISHED] == 2
    assert hourly.by_day(now).moments[-1][1][What.PUBLISHED] == 2


def test_a_rehearsal_of_an_organizer_is_not_counted(client: Client) -> None:
    text()
    post_form(client)
    Signup.objects.update(rehearsal=True)
    hourly.count(timezone.now())
    assert of_hour(timezone.now()) == {}


def test_whoever_withdraws_takes_nothing_from_what_happened() -> None:
    goes = signed()
    now = timezone.now()
    hourly.count(now)
    before = of_hour(now)
    mine.withdraw(signature_id=goes.pk, now=now)
    hourly.count(now)
    assert of_hour(now) == before == {What.ASKED: 1, What.CONFIRMED: 1, What.PUBLISHED: 1}


def test_purged_signups_do_not_change_an_hour_that_is_over() -> None:
    asked(3, NOON)
    hourly.count(NOON)
    Signup.objects.all().delete()
    hourly.count(NOON + HOUR)
    assert of_hour(NOON + HOUR, back=1) == {What.ASKED: 3}
    assert hourly.by_day(NOON + 2 * HOUR).moments[-1][1] == {What.ASKED: 3}


def test_an_hour_that_fills_up_is_counted_until_it_is_over() -> None:
    asked(2, NOON)
    hourly.count(NOON)
    asked(3, NOON + timedelta(minutes=49))
    hourly.count(NOON + HOUR)
    assert of_hour(NOON + HOUR, back=1) == {What.ASKED: 5}


def test_after_a_pause_all_hours_are_counted_that_were_missed() -> None:
    asked(1, NOON)
    hourly.count(NOON)
    asked(2, NOON + 3 * HOUR)
    asked(4, NOON + 9 * HOUR)
    hourly.count(NOON + 20 * HOUR)
    counted = [(n, of_hour(NOON + 20 * HOUR, n)) for n in range(24) if of_hour(NOON + 20 * HOUR, n)]
    assert counted == [(11, {What.ASKED: 4}), (17, {What.ASKED: 2}), (20, {What.ASKED: 1})]


def test_the_first_time_goes_back_as_far_as_signups_are_kept() -> None:
    asked(2, NOON - 29 * DAY)
    asked(1, NOON - 40 * DAY)  # of that age some are deleted already
    hourly.count(NOON)
    days = hourly.by_day(NOON)
    assert len(days.moments) == 30
    assert [(day, counts) for day, counts in days.moments if counts] == [
        ((NOON - 29 * DAY).date(), {What.ASKED: 2}),
    ]
    assert days.total(What.ASKED) == HourlyFigure.objects.get(key="").count == 2


def test_mail_domains_are_told_apart_and_those_of_few_are_not_named() -> None:
    asked(6, NOON)
    asked(5, NOON, domain="webmail.example")
    asked(4, NOON, domain="aveline-ashgrove.example")
    hourly.count(NOON)
    found = [(key, counts[What.ASKED]) for key, counts in hourly.by_domain(NOON, 8)]
    assert found == [("gmail.com", 6), ("webmail.example", 5), ("", 4)]
    assert [key for key, _counts in hourly.by_domain(NOON, 1)] == ["gmail.com", ""]
    assert hourly.by_domain(NOON + 25 * HOUR, 8) == []


def test_only_the_largest_domains_of_an_hour_are_kept() -> None:
    asked(1, NOON)
    values = {column: value for column, value in Signup.objects.values().get().items() if column != "id"}
    for n in range(hourly.DOMAINS_KEPT + 5):
        Signup.objects.create(**values | {"form_digest": f"{n}".encode(), "domain": f"d{n}.example"})
    Signup.objects.update(created_at=NOON)
    hourly.count(NOON)
    assert HourlyFigure.objects.exclude(key="").count() == hourly.DOMAINS_KEPT
    assert of_hour(NOON) == {What.ASKED: hourly.DOMAINS_KEPT + 6}


def test_domains_are_forgotten_with_the_signups_and_the_numbers_stay() -> None:
    asked(2, NOON)
    hourly.count(NOON)
    assert HourlyFigure.objects.filter(key="gmail.com").exists()
    retention.purge(NOON + 29 * DAY)
    assert HourlyFigure.objects.filter(key="gmail.com").exists()
    retention.purge(NOON + 31 * DAY)
    assert list(HourlyFigure.objects.values_list("key", "count")) == [("", 2)]


def test_one_job_counts_at_a_time() -> None:
    """The other has nothing to do: it does not wait."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [hourly.COUNT_LOCK])
            assert hourly.count(timezone.now()) is False
            cursor.execute(
                "SELECT pg_advisory_unlock(%s)", [hourly.COUNT_LOCK]
            )  # a closed session frees it a little later
    finally:
        other.close()
    assert hourly.count(timezone.now()) is True


def test_a_form_that_is_sent_twice_is_counted_once(client: Client) -> None:
    text()
    now = timezone.now()
    with time_machine.travel(now, tick=False):  # or the time in which it is the same form may end in between
        for _ in range(2):
            client.post("/sign/", form())
    hourly.count(now)
    assert of_hour(now) == {What.ASKED: 1}
