"""Changes of settings. Each is recorded as an Act with the value before and after.

For one release the tables before `Setting` are written, too: during a rolling update the old code reads them.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Q

from declaration.models import Switches
from signatories.audit.services import by_organizer, by_rule, record
from signatories.models import Limits, Pause, Setting
from signatories.models import settings as site
from signatories.models.act import Verb
from signatories.screening.limits import forget_rules

_LOCK = 0x5E77


class Change(NamedTuple):
    """A new value, and when it falls back to the one that stands without an end."""

    value: Any
    ends_at: datetime | None = None


def change(*, changes: Mapping[str, Change], organizer: AbstractBaseUser, now: datetime) -> list[str]:
    """Store new values of settings. Returns the names of those that changed.

    A value with an end falls back to the value that stood without one. An end is left out where nothing would change.
    """
    with transaction.atomic():
        _one_after_the_other()
        rows = {row.name: row for row in Setting.objects.filter(name__in=changes)}
        changed = [name for name, wanted in changes.items() if _store(name, wanted, rows.get(name), organizer, now)]
    site.forget_settings()
    forget_rules()
    return changed


def standing(row: Setting | None, name: str, now: datetime) -> Any:
    """Return the value that holds when no end is running any more."""
    if row is None:
        return getattr(site.DEFAULTS, name)
    return row.afterwards if row.ends_at else row.at(now)


def _store(name: str, wanted: Change, row: Setting | None, organizer: AbstractBaseUser, now: datetime) -> bool:
    afterwards = standing(row, name, now)
    until = wanted.ends_at if wanted.value != afterwards else None
    before = row.at(now) if row else afterwards
    before_until = row.ends_at if row and row.ends_at and row.ends_at > now else None
    if (before, before_until) == (wanted.value, until):
        return False
    Setting.objects.update_or_create(
        name=name,
        defaults={
            "value": wanted.value, "ends_at": until, "afterwards": afterwards if until else None,
            "changed_by_id": organizer.pk, "changed_at": now,
        },
    )  # fmt: skip
    _write_to_old_table(name, wanted.value)
    _follow_pause(name, Change(wanted.value, until), now)
    words = f"{name}: {_words(before)}{_until(before_until)} → {_words(wanted.value)}{_until(until)}"
    words += f", then {_words(afterwards)}" if until else ""
    record(Verb.EDIT, by=by_organizer(organizer, words), about=f"setting {name}")
    return True


def settle(now: datetime) -> int:
    """Write down the values that have fallen back by themselves; returns how many. Safe to repeat.

    Readers need no such call. It tells the trail, and the old tables.
    """
    if not Setting.objects.filter(ends_at__lte=now).exists():
        return 0
    with transaction.atomic():
        _one_after_the_other()
        over = list(Setting.objects.filter(ends_at__lte=now))
        for row in over:
            words = f"{row.name}: {_words(row.value)} → {_words(row.afterwards)}, its end{_until(row.ends_at)} has come"
            row.value, row.ends_at, row.afterwards = row.afterwards, None, None
            row.save()
            _write_to_old_table(row.name, row.value)
            record(Verb.EDIT, by=by_rule(words), about=f"setting {row.name}")
    site.forget_settings()
    return len(over)


def _one_after_the_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _write_to_old_table(name: str, value: Any) -> None:
    old = site.ABOUT[name].old if name in site.ABOUT else ""
    if old == "reminders":
        Switches.objects.update_or_create(pk=1, defaults={old: value})
    elif old:
        Limits.objects.update_or_create(pk=1, defaults={old: value})


def _follow_pause(name: str, wanted: Change, now: datetime) -> None:
    """Record from when until when signing or confirming is paused, as planned now."""
    if name not in site.PAUSING:
        return
    pauses = Pause.objects.filter(name=name)
    pauses.filter(began_at__gt=now).delete()
    pauses.filter(Q(ended_at=None) | Q(ended_at__gt=now)).update(ended_at=now)
    if not wanted.value:
        Pause.objects.create(name=name, began_at=now, ended_at=wanted.ends_at)
    elif wanted.ends_at:
        Pause.objects.create(name=name, began_at=wanted.ends_at)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _until(moment: datetime | None) -> str:
    return f" until {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
