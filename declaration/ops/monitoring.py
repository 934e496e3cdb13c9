"""Times of requests for Prometheus, and errors for Sentry where the environment names one; no personal values."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from declaration.ops.logs import mask

type Handler = Callable[[HttpRequest], HttpResponse]

requests_registry = CollectorRegistry()
ProcessCollector(registry=requests_registry)
KEPT_PAGES = Counter(
    "declaration_pages", "Public pages by where they came from.", ["source"], registry=requests_registry
)
FROM_MEMORY, FROM_REDIS, RENDERED, STALE = (
    KEPT_PAGES.labels(source) for source in ("memory", "redis", "rendered", "stale")
)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
# Not for pages from memory: they are the most by far and take microseconds; timing would slow them.
PAGE_SECONDS = Histogram(
    "declaration_page_seconds", "Time to answer a public page that was not at hand.", buckets=_BUCKETS,
    registry=requests_registry,
)  # fmt: skip
_SECONDS = Histogram(
    "declaration_request_seconds", "Time to answer what is not a kept page.", ["view", "method", "status"],
    buckets=_BUCKETS, registry=requests_registry,
)  # fmt: skip
_METHODS = {"GET", "HEAD", "POST"}


def measure(get_response: Handler) -> Handler:
    """Time each request by the name of its view; invented paths and methods make no labels."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        method = request.method if request.method in _METHODS else "other"
        _SECONDS.labels(match.view_name if match else "none", method, response.status_code).observe(
            time.perf_counter() - began
        )
        return response

    return middleware


def report_errors_to(dsn: str, environment: str) -> None:
    """Send errors to Sentry: place and type, without request, variables and words."""
    import sentry_sdk
    from sentry_sdk.integrations.logging import ignore_logger

    ignore_logger("django.security.DisallowedHost")
    sentry_sdk.init(
        dsn=dsn, environment=environment, send_default_pii=False, include_local_variables=False, max_breadcrumbs=0,
        max_request_body_size="never", traces_sample_rate=0.0, before_send=_discreet, server_name="",
    )  # fmt: skip


def _discreet(event: Any, _hint: Any) -> Any:
    """Remove personal values from the event: request, user, words of exceptions; mask paths."""
    for key in ("request", "user", "breadcrumbs", "extra", "contexts", "modules"):
        event.pop(key, None)
    for value in event.get("exception", {}).get("values", []):
        value["value"] = ""
    if entry := event.get("logentry"):
        event["logentry"] = {"message": mask(str(entry.get("message", "")))}
    if "transaction" in event:
        event["transaction"] = mask(event["transaction"])
    return event
