"""Metrics of the database and the broker for Prometheus: numbers only, no personal values."""

import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import Error
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from declaration.database import replica
from signatories.mail import outbox
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.models import (
    Alarm,
    Edition,
    Listed,
    OutboundMail,
    Signature,
    Signup,
    TallyDelta,
    TrailCheck,
    UnsealedAct,
)
from signatories.models.limits import ListKind
from signatories.models.mailing import MailState
from signatories.models.signature import State
from signatories.operations import heartbeats
from signatories.tally import services as tally

KEPT_SECONDS = 10.0  # several Prometheus servers cost one measurement
TOTALS_SECONDS = 300.0  # what reads whole tables is measured so much more rarely
FUNNEL = timedelta(hours=24)
type Labels = tuple[str, ...]


def gauge(name: str, words: str, values: Iterable[tuple[Labels, float]], labels: Labels = ()) -> Metric:
    """Build one metric with its values by label."""
    family = GaugeMetricFamily(f"declaration_{name}", words, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, value)
    return family


class Totals:
    """What reads whole tables, a million forms among them: kept for TOTALS_SECONDS."""

    def __init__(self) -> None:
        self._states: dict[str, int] = {}
        self._funnel: Metric | None = None
        self._measured_at = float("-inf")

    def metrics(self, now: datetime) -> list[Metric]:
        """Mails by state and the signups of the last day; the mails that wait are counted at once, by their index."""
        if self._funnel is None or time.monotonic() - self._measured_at > TOTALS_SECONDS:
            self._states, self._funnel, self._measured_at = _mail_states(), _funnel(now), time.monotonic()
        models = (Signup, OutboundMail)
        waiting = sum(model.objects.filter(mail_state=MailState.WAITING).count() for model in models)
        values = [((str(state),), n) for state, n in (self._states | {MailState.WAITING: waiting}).items()]
        return [gauge("mails", "Mails by state.", values, ("state",)), self._funnel]


def _mail_states() -> dict[str, int]:
    states: dict[str, int] = dict.fromkeys(MailState.values, 0)
    for model in (Signup, OutboundMail):
        for state, count in model.objects.order_by().values_list("mail_state").annotate(n=Count("pk")):
            states[state] += count
    return states


class DatabaseCollector(Collector):
    """Measures at most every KEPT_SECONDS; while the database is away, only that is reported."""

    def __init__(self) -> None:
        self._metrics: list[Metric] = []
        self._totals = Totals()
        self._measured_at = float("-inf")
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, at most KEPT_SECONDS old."""
        with self._lock:
            if time.monotonic() - self._measured_at > KEPT_SECONDS:
                self._metrics, self._measured_at = measure(timezone.now(), self._totals), time.monotonic()
            return self._metrics


def measure(now: datetime, totals: Totals | None = None) -> list[Metric]:
    """Measure all metrics now; those of `totals` as they keep them."""
    totals = totals or Totals()
    found = [_queues(), *_replica(now)]
    try:
        found += [*_number(now), *_mail(now), *_waiting(now), *totals.metrics(now), *_parts(now), _writes()]
        found += _trail(now)
    except Error:
        return [*found, gauge("database_up", "Whether the database answers.", [((), 0)])]
    return [*found, gauge("database_up", "Whether the database answers.", [((), 1)])]


def _number(now: datetime) -> Iterable[Metric]:
    number = tally.number(now)
    by_name = [(("named",), number.named), (("unnamed",), number.unnamed)]
    yield gauge("signatures", "Published signatures.", by_name, ("shown",))
    lag = (now - number.as_of).total_seconds()
    yield gauge("tally_lag_seconds", "Age of the oldest change not folded into the number.", [((), lag)])
    yield gauge("tally_drift", "How far the number was off at the last look.", [((), tally.last_drift())])
    yield gauge("tally_deltas", "Changes not folded into the number.", [((), TallyDelta.objects.count())])


def _trail(now: datetime) -> Iterable[Metric]:
    oldest = UnsealedAct.objects.order_by("pk").values_list("act__acted_at", flat=True).first()
    lag = (now - oldest).total_seconds() if oldest else 0.0
    yield gauge("trail_lag_seconds", "Age of the oldest act without a seal.", [((), lag)])
    last = TrailCheck.objects.filter(pk=1).first()
    faults = last.faults if last else 0
    yield gauge("trail_faults", "Acts found changed or missing by the last check of the trail.", [((), faults)])


def _replica(now: datetime) -> Iterable[Metric]:
    if "replica" not in settings.DATABASES:
        return
    try:
        age = replica.age(now)
    except Error:
        age = -1.0
    yield gauge("replica_age_seconds", "How far the replica is behind; -1 while it does not answer.", [((), age)])


def _mail(now: datetime) -> Iterable[Metric]:
    circuits = CircuitBreakers.load(now)
    yield gauge("mail_lag_seconds", "Age of the oldest mail that is due and not sent.", [((), outbox.oldest_due(now))])
    domains = len(circuits.failing_domains())
    yield gauge(
        "mail_server_closed", "1 while the mail server takes nothing.", [((), float(circuits.is_failing(SERVER)))]
    )
    yield gauge("mail_domains_closed", "Mail domains that take nothing.", [((), domains)])


def _waiting(now: datetime) -> Iterable[Metric]:
    held = Signature.objects.filter(state=State.HELD).aggregate(n=Count("*"), oldest=Min("confirmed_at"))
    age = (now - held["oldest"]).total_seconds() if held["oldest"] else 0.0
    yield gauge("held", "Signatures that wait for a person.", [((), held["n"])])
    yield gauge("held_oldest_seconds", "How long the first of them has waited.", [((), age)])
    yield gauge("alarms_open", "Alarms nobody has looked at.", [((), Alarm.objects.filter(closed_at=None).count())])
    edition = Edition.objects.latest_ready()
    old = (now - edition.as_of).total_seconds() if edition and edition.as_of else 0.0
    yield gauge("edition_age_seconds", "Age of the latest edition; 0 without one.", [((), old)])


def _funnel(now: datetime) -> Metric:
    """Count the signups of the last day by stage and large mail provider: it shows where mail does not arrive."""
    providers = set(Listed.objects.filter(kind=ListKind.PROVIDER).values_list("value", flat=True))
    rows = (
        Signup.objects.of_signers()
        .filter(created_at__gt=now - FUNNEL)
        .order_by()
        .values_list("domain")
        .annotate(asked=Count("pk"), mailed=Count("sent_at"), confirmed=Count("confirmed_at"))
    )
    by_provider = sorted((domain if domain in providers else "other", *counts) for domain, *counts in rows)
    values = []
    for provider, group in groupby(by_provider, key=lambda row: row[0]):
        counts = [sum(column) for column in list(zip(*group, strict=True))[1:]]
        values += [((provider, stage), n) for stage, n in zip(("asked", "mailed", "confirmed"), counts, strict=True)]
    return gauge("signups_last_day", "Signups of the last 24 hours.", values, ("provider", "stage"))


def _parts(now: datetime) -> Iterable[Metric]:
    ages = [((part,), age) for part, age in heartbeats.ages(now).items() if age is not None]
    yield gauge("pulse_age_seconds", "Since each part gave its last sign of life.", ages, ("part",))


def _writes() -> Metric:
    return gauge("database_writes", "Whether the database takes writes.", [((), heartbeats.database_writes())])


def _queues() -> Metric:
    """Measure the jobs that wait in the broker; -1 while it is away."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3) as redis:
            lengths = [((queue,), float(redis.llen(queue))) for queue in heartbeats.QUEUES]
    except RedisError:
        lengths = [((queue,), -1.0) for queue in heartbeats.QUEUES]
    return gauge("queue_length", "Jobs that wait in the broker; -1 while it is away.", lengths, ("queue",))


health_registry = CollectorRegistry()
health_registry.register(DatabaseCollector())
