"""Readiness and metrics for monitoring: no names, no addresses, no secrets."""

import hmac
import threading
import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import Redis
from redis.exceptions import RedisError

from declaration.ops.monitoring import requests_registry
from signatories.mail import outbox
from signatories.operations import heartbeats
from signatories.operations.gauges import health_registry

MAIL_WAITS_SECONDS = 60
READY_SECONDS = 1.0
type Readiness = tuple[dict[str, Any], int]  # and the status of the answer


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Report the state of each part. 503 only if the database cannot be read: without the rest, pages are shown.

    Anybody may ask: a process measures once a second at most, and who asks meanwhile gets what was measured last.
    """
    found, status = _kept.get()
    return JsonResponse(found, status=status)


class _Kept:
    """The last answer of this process."""

    def __init__(self) -> None:
        self._answer: Readiness | None = None
        self._measured_at = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> Readiness:
        """Return the answer, measured anew if it is older than a second, or than a page may be."""
        if not self._is_old():
            return self._answer or _measure()
        if not self._lock.acquire(blocking=self._answer is None):
            return self._answer or _measure()
        try:
            if self._is_old() or self._answer is None:
                self._answer, self._measured_at = _measure(), time.monotonic()
            return self._answer
        finally:
            self._lock.release()

    def _is_old(self) -> bool:
        return time.monotonic() - self._measured_at >= min(READY_SECONDS, settings.PAGE_SECONDS)


_kept = _Kept()


def _measure() -> Readiness:
    parts = _redis()
    try:
        parts |= {"database": {"ok": heartbeats.database_writes(), "reads": True}} | _behind(timezone.now())
    except Error:
        parts["database"] = {"ok": False, "reads": False}
    up = parts["database"]["reads"]
    fine = all(part["ok"] for part in parts.values())
    status = "ready" if fine else "degraded" if up else "away"
    return {"status": status} | parts, 200 if up else 503


def _behind(now: datetime) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {}
    for part, age in heartbeats.ages(now).items():
        name = part if part == "beat" else f"worker_{part}"
        parts[name] = {"ok": heartbeats.alive(part, age), "seconds": None if age is None else round(age, 1)}
    waits = outbox.oldest_due(now)
    parts["outbox"] = {"ok": waits <= MAIL_WAITS_SECONDS, "seconds": round(waits, 1)}
    return parts


def _redis() -> dict[str, dict[str, Any]]:
    return {"broker": {"ok": _answers(settings.REDIS_URL)}, "cache": {"ok": _answers(settings.CACHE_URL)}}


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return metrics to Prometheus, which sends METRICS_TOKEN as bearer token; without one only on this machine."""
    if settings.METRICS_TOKEN:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), _bearer()):
            raise Http404
    elif not settings.LOCAL:
        raise Http404
    body = generate_latest(requests_registry) + generate_latest(health_registry)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _bearer() -> bytes:
    return f"Bearer {settings.METRICS_TOKEN}".encode()
