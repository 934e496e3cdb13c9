"""The Celery application: schedule and queue of each task.

The web never publishes. Beat sends ticks, workers look for rows: an outage of the broker delays work and loses none.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "declaration.settings")

from django.conf import settings  # the settings module must be named first

app = Celery("declaration")


@setup_logging.connect
def _keep_our_logging(**_other: Any) -> None:
    """Keep the logging of settings.py: Celery's own handlers would print values that ours mask."""


app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [f"signatories{room}" for room in ("", ".mail", ".editions", ".partners", ".gathering", ".news", ".operations")]
)
app.autodiscover_tasks(["signatories"], related_name="old_task_names")
app.conf.beat_scheduler = "signatories.operations.beat:HeartbeatScheduler"
app.conf.task_routes = {
    # The names of the release before this one: see signatories/old_task_names.py.
    "signatories.signing.*": {"queue": "mail"},
    "signatories.press.*": {"queue": "editions"},
    "signatories.*": {"queue": "housekeeping"},
    "mail.*": {"queue": "mail"},
    "editions.*": {"queue": "editions"},
    "housekeeping.*": {"queue": "housekeeping"},
}
# Beat sends the old names in this release: a worker that is not replaced yet knows no others. It drops a tick of a task
# that is new in this release, and the next tick may find a newer worker.
# No tick expires: see signatories/operations/beat.py.
app.conf.beat_schedule = {
    "drain": {"task": "signatories.signing.tasks.drain", "schedule": settings.OUTBOX_TICK},
    "fold": {"task": "signatories.tasks.fold", "schedule": settings.OUTBOX_TICK},
    "repair": {"task": "signatories.tasks.repair", "schedule": 3600.0},
    "forget": {"task": "signatories.tasks.forget", "schedule": 3600.0},
    "remind": {"task": "signatories.tasks.remind", "schedule": 3600.0},
    "ledger": {"task": "signatories.tasks.catch_up", "schedule": 60.0},
    "watch": {"task": "signatories.tasks.watch", "schedule": 60.0},
    "seal": {"task": "housekeeping.seal", "schedule": 2.0},
    "check": {"task": "housekeeping.check_trail", "schedule": 6 * 3600.0},
    "move": {"task": "housekeeping.move", "schedule": 2.0},
    "verified": {"task": "housekeeping.verified", "schedule": 30.0},
    "check-mail": {"task": "housekeeping.check_mail", "schedule": 5.0},
    "exports": {"task": "housekeeping.exports", "schedule": 10.0},
    "stamp": {"task": "housekeeping.stamp", "schedule": 60.0},
    "duplicates": {"task": "housekeeping.duplicates", "schedule": 10.0},
    "figures": {"task": "housekeeping.figures", "schedule": 300.0},
    "hourly": {"task": "housekeeping.hourly", "schedule": 60.0},
    "partner-sheets": {"task": "editions.partner_sheets", "schedule": 5.0},
    "gathered-files": {"task": "housekeeping.gathered_files", "schedule": 2.0},
    "gathered-invitations": {"task": "housekeeping.gathered_invitations", "schedule": 5.0},
    "news": {"task": "housekeeping.news", "schedule": 5.0},
    "release": {"task": "signatories.tasks.release", "schedule": 600.0},
    "editions": {"task": "signatories.press.tasks.build_waiting", "schedule": 5.0},
    "edition": {"task": "signatories.press.tasks.ask_if_changed", "schedule": settings.EDITION_EVERY},
}
app.conf.beat_schedule |= {
    f"pulse-{queue}": {
        "task": "signatories.health.tasks.pulse", "schedule": 10.0, "args": [queue], "options": {"queue": queue},
    }
    for queue in ("mail", "housekeeping", "editions")
}  # fmt: skip


@heartbeat_sent.connect
@after_task_publish.connect
def alive(**_: Any) -> None:
    """Touch ALIVE_FILE, if set, after a heartbeat of the worker or a tick of beat: the container's probe reads it."""
    if file := os.environ.get("ALIVE_FILE"):
        Path(file).touch()
