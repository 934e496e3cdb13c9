"""The number against the truth: the rule in Python and the one in SQL agree, and drift is mended aloud (F18)."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.utils import timezone

from declaration.celery import app as celery
from signatories.models import Alarm, Profession, Signature
from signatories.models.signature import State
from signatories.models.tally import Tally
from signatories.old_task_names import OLD_NAMES
from signatories.operations.gauges import measure
from signatories.tally import services as tally
from signatories.tasks import repair
from tests.people import signed

pytestmark = pytest.mark.django_db


def test_the_rule_in_sql_is_the_rule_in_python() -> None:
    chosen = random.Random(7)
    for n in range(40):
        signature = signed(
            address=f"p{n}@example.org",
            name=f"{chosen.choice('ABCÅÉИ王')}name {n}",
            country=chosen.choice(["", "FR", "IE"]),
        )
        Signature.objects.filter(pk=signature.pk).update(
            profession=chosen.choice(Profession.values), named=chosen.random() < 0.7, language=chosen.choice(["en", "fr"]),
            published_at=datetime(2026, 11, chosen.randint(1, 28), chosen.choice([0, 23]), 59, tzinfo=UTC),
            state=(state := chosen.choice(State.values)), withdrawn_at=timezone.now() if state == State.WITHDRAWN else None,
        )  # fmt: skip
    true: Counter[str] = Counter()
    for signature in Signature.objects.all():
        true.update(tally.facets(signature))
    tally.repair()
    assert dict(Tally.objects.exclude(facet=tally.KEPT).exclude(count=0).values_list("facet", "count")) == dict(true)
    assert tally.last_drift() > 0
    assert tally.repair() == {}
    assert tally.last_drift() == 0


def test_a_number_set_wrong_by_hand_is_mended_with_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    signed()
    tally.fold()
    Tally.objects.filter(facet="all").update(count=1000)
    assert OLD_NAMES[celery.conf.beat_schedule["repair"]["task"]].name == repair.name
    repair()
    assert tally.number(timezone.now()).count == 1
    assert "drifted" in caplog.text
    assert "off by 999" in Alarm.objects.get().words
    told = {sample.name: sample.value for metric in measure(timezone.now()) for sample in metric.samples}
    assert told["declaration_tally_drift"] == 999


def test_another_time_zone_of_the_session_changes_no_day() -> None:
    signature = signed()
    Signature.objects.filter(pk=signature.pk).update(published_at=datetime(2026, 11, 1, 23, 59, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone TO 'Asia/Tokyo'")
    tally.repair()
    assert tally.by_prefix("day") == {"2026-11-01": 1}
