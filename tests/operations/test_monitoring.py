"""Health and metrics: each part told apart, numbers only, nobody named (F26, T8)."""

import gzip
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from redis import Redis

from declaration.celery import app as celery
from declaration.database import replica
from declaration.ops.logs import MaskingFormatter, MaskingJsonFormatter
from declaration.web import counters
from signatories.models import Heartbeat, Signup
from signatories.operations import beat, gauges, heartbeats, views
from signatories.operations.beat import EVERY_SECONDS, HeartbeatScheduler
from tests.people import form, post_form, sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
NOWHERE = "redis://127.0.0.1:9/0"


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    """Status and parts."""
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def all_alive() -> None:
    """Beat and every worker gave a sign of life just now."""
    for part in heartbeats.OLDEST:
        heartbeats.beat(part=part, now=timezone.now())


@pytest.mark.usefixtures("all_alive")
def test_all_is_well(client: Client) -> None:
    status, said = ready(client)
    assert status == 200
    assert said["status"] == "ready"
    parts = {"database", "broker", "cache", "beat", "worker_mail", "worker_housekeeping", "worker_editions", "outbox"}
    assert set(said) == parts | {"status"}
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.usefixtures("all_alive")
def test_anybody_may_ask_and_a_process_measures_once_a_second(
    client: Client, settings: Settings, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D23: each call cost five queries and two connections to Redis."""
    settings.PAGE_SECONDS = 2.0
    monkeypatch.setattr(views, "READY_SECONDS", 60.0)  # for a slow machine
    before = ready(client)
    settings.REDIS_URL = NOWHERE
    with django_assert_num_queries(0):
        assert [ready(client) for _ in range(20)] == [before] * 20
    monkeypatch.setattr(views, "READY_SECONDS", 0.0)
    assert ready(client)[1]["broker"] == {"ok": False}


@pytest.mark.usefixtures("all_alive")
@pytest.mark.parametrize(("part", "row"), [("beat", "beat"), ("worker_mail", "mail"), ("worker_editions", "editions")])
def test_a_part_that_gives_no_sign_is_told_apart(client: Client, part: str, row: str) -> None:
    """F23, F26."""
    Heartbeat.objects.filter(part=row).update(at=timezone.now() - timedelta(hours=1))
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    assert [name for name, found in said.items() if name != "status" and not found["ok"]] == [part]


@pytest.mark.usefixtures("all_alive")
@pytest.mark.parametrize(("part", "setting"), [("broker", "REDIS_URL"), ("cache", "CACHE_URL")])
def test_redis_away_is_told_apart(client: Client, settings: Settings, part: str, setting: str) -> None:
    setattr(settings, setting, NOWHERE)
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    assert [name for name, found in said.items() if name != "status" and not found["ok"]] == [part]


@pytest.mark.usefixtures("all_alive")
def test_mail_that_waits_is_told_apart(client: Client) -> None:
    text()
    post_form(client)
    Signup.objects.update(mail_due_at=timezone.now() - timedelta(minutes=10))
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    assert said["outbox"]["ok"] is False
    assert 599 < float(str(said["outbox"]["seconds"])) < 700


def test_without_the_database_it_is_not_ready_but_alive(client: Client) -> None:
    with connection.execute_wrapper(_away):
        status, said = ready(client)
        assert (status, said["status"]) == (503, "away")
        assert said["database"] == {"ok": False, "reads": False}
        assert client.get("/healthz").status_code == 200
        assert b"declaration_database_up 0.0" in _fresh_metrics()


@pytest.mark.usefixtures("all_alive")
def test_a_database_that_only_reads_is_told_apart(client: Client) -> None:
    """A primary after a failover: nobody can sign, but pages are shown, so this machine stays in front of visitors."""
    assert b"declaration_database_writes 1.0" in _fresh_metrics()
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    assert said["database"] == {"ok": False, "reads": True}
    assert all(found["ok"] for name, found in said.items() if name not in ("status", "database"))
    assert b"declaration_database_up 1.0" in (metrics := _fresh_metrics())
    assert b"declaration_database_writes 0.0" in metrics


def _away(*_args: object) -> object:
    raise OperationalError from psycopg.OperationalError("away")


def _fresh_metrics() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(gauges.DatabaseCollector())
    return generate_latest(registry)


def test_metrics_tell_how_it_goes_and_name_nobody(client: Client, mailbox: Catcher, settings: Settings) -> None:
    mail = sign_up(client, mailbox, name="Marker Nameson", email="marker@gmail.com")
    client.post(mail.path("confirm"))
    client.get("/about/")
    said = client.get("/metrics").content.decode() + _fresh_metrics().decode()
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }
    assert values["declaration_signups_last_day", "gmail.com", "asked"] == 1
    assert values["declaration_signups_last_day", "gmail.com", "confirmed"] == 1
    assert values["declaration_mails", "sent"] == 1
    assert values["declaration_mail_lag_seconds",] == 0
    assert values["declaration_queue_length", "mail"] == 0
    assert values["declaration_held",] == 0
    assert values["declaration_request_seconds_count", "POST", "303", "signing-sign"] >= 1
    for secret in ("Marker", "Nameson", "marker@", mail.path("confirm").split("/")[-2]):
        assert secret not in said


def test_whole_tables_are_read_rarely_and_waiting_mail_is_counted_at_once(
    client: Client, mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D23: all signups were grouped every ten seconds."""
    monkeypatch.setattr(gauges, "KEPT_SECONDS", 0.0)
    collector = gauges.DatabaseCollector()

    def mails() -> dict[str, float]:
        (family,) = [metric for metric in collector.collect() if metric.name == "declaration_mails"]
        return {sample.labels["state"]: sample.value for sample in family.samples}

    assert mails()["waiting"] == 0
    sign_up(client, mailbox)
    post_form(client, email="other@example.org", name="Oscar Other")
    with CaptureQueriesContext(connection) as asked:
        found = mails()
    assert (found["waiting"], found["sent"]) == (1, 0)
    assert not [query for query in asked if "signatories_signup" in query["sql"] and "GROUP BY" in query["sql"]]
    monkeypatch.setattr(gauges, "TOTALS_SECONDS", 0.0)
    assert mails()["sent"] == 1


def test_a_replica_that_is_away_is_told_apart_from_the_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far a real one is behind: tests/faults/test_replica.py."""
    assert b"declaration_replica_age_seconds" not in _fresh_metrics()
    monkeypatch.setitem(settings.DATABASES, "replica", settings.DATABASES["default"])
    monkeypatch.setattr(replica, "age", _away)
    said = _fresh_metrics()
    assert b"declaration_replica_age_seconds -1.0" in said
    assert b"declaration_database_up 1.0" in said


def test_pages_that_were_not_at_hand_are_timed(client: Client, settings: Settings) -> None:
    def timed() -> float:
        said = client.get("/metrics").content.decode()
        return next(
            float(line.split()[1]) for line in said.splitlines() if line.startswith("declaration_page_seconds_count")
        )

    settings.PAGE_SECONDS = 60.0
    before = timed()
    for _ in range(3):
        assert client.get("/about/").status_code == 200
    assert timed() == before + 1


def test_metrics_are_for_who_holds_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "let me in"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer nonsense é"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer let me in"}).status_code == 200
    settings.METRICS_TOKEN, settings.LOCAL = "", False
    assert client.get("/metrics").status_code == 404


def test_invented_paths_and_methods_make_no_labels(client: Client) -> None:
    for n in range(3):
        client.get(f"/invented-{n}/")
        client.generic(f"X{n}", "/about/")
    said = client.get("/metrics").content.decode()
    assert "invented" not in said
    assert 'method="X' not in said


@pytest.mark.django_db(transaction=True)
def test_beat_gives_a_sign_of_life_also_while_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = HeartbeatScheduler(celery, schedule_filename=str(tmp_path / "beat"), lazy=False)
    scheduler.schedule.clear()
    with connection.execute_wrapper(_away):
        assert scheduler.tick() <= EVERY_SECONDS
    monkeypatch.setattr(beat, "EVERY_SECONDS", 0)
    scheduler.tick()
    scheduler.tick()
    scheduler.close()
    assert Heartbeat.objects.get().part == "beat"


def test_a_line_of_json_holds_what_happened_and_never_who() -> None:
    words = "Marker Nameson <marker@example.org>"
    try:
        raise ValueError(words)
    except ValueError:
        record = logging.LogRecord(
            "house", logging.ERROR, "f", 1, "for %s at /mine/7.abc/", ("marker@example.org",), sys.exc_info()
        )
    said = MaskingJsonFormatter().format(record)
    read = json.loads(said)
    assert (read["level"], read["logger"]) == ("ERROR", "house")
    assert read["message"] == "for … at /mine/…/"
    assert read["where"].endswith("ValueError")
    assert "arker" not in said
    assert "arker" not in MaskingFormatter().format(record)


def test_a_refused_request_leaves_one_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """E36: too large a form, too many fields, an invented host; an error of ours still says where."""
    for body, host in ((b"x=" + b"y" * 300_000, "testserver"), (b"&".join(b"a%d=1" % n for n in range(1001)), "testserver"), (b"", "evil.example")):  # fmt: skip
        answer = client.generic(
            "POST", "/accounts/login/", body, "application/x-www-form-urlencoded", headers={"host": host}
        )
        assert 400 <= answer.status_code < 500
    refused = [record for record in caplog.records if record.name.startswith("django.security.")]
    assert refused
    for record in refused:
        assert "\n" not in MaskingFormatter().format(record)
        assert set(json.loads(MaskingJsonFormatter().format(record))) == {"at", "level", "logger", "message"}


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes what Sentry's would."""
    got: list[bytes] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding", ""))
            got.append(unpack(body) if unpack else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Take)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", got
    server.shutdown()
    server.server_close()


_FAILS = """
import os, sys
import django
django.setup()
from django.test import Client
from unittest import mock
from signatories.signing.forms import SignForm
from declaration.models import Text
import sentry_sdk
with mock.patch("declaration.models.Text.current", side_effect=ValueError("Marker Nameson marker@example.org")):
    client = Client(raise_request_exception=False)
    answer = client.post("/sign/?marker@example.org", {"name": "Marker Nameson", "email": "marker@example.org"})
    assert answer.status_code == 500, answer.status_code
sentry_sdk.flush(10)
"""


def test_an_error_reaches_sentry_without_whom_it_speaks_of(sentry: tuple[str, list[bytes]]) -> None:
    dsn, got = sentry
    env = os.environ | {"SENTRY_DSN": dsn, "DJANGO_SETTINGS_MODULE": "declaration.settings"}
    subprocess.run([sys.executable, "-c", _FAILS], env=env, check=True, capture_output=True)
    said = b"".join(got)
    assert b"ValueError" in said
    assert b"signing/views" in said
    assert b"arker" not in said


def test_a_form_with_the_marker_leaves_nothing_in_redis(
    client: Client, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T8: keys of limits are digests; searches are not kept there."""
    monkeypatch.setattr(counters, "EXCHANGE_SECONDS", 0)
    text()
    client.post("/sign/", form(name="Marker Nameson", email="marker@example.org"), REMOTE_ADDR="192.0.2.77")
    client.get("/signatories/?q=Marker")
    keys = redis.keys("*")
    assert keys
    assert "arker" not in repr(keys)
    assert "192.0.2" not in repr(keys)
