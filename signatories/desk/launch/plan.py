"""The launch as a plan: the moment of release, and a check list of what should be ready by then.

The steps of the first hour are among it, as they stand there; each of the others is read from where its facts stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.template.defaultfilters import pluralize
from django.urls import reverse

from signatories.desk.start import steps
from signatories.desk.start.steps import Status, Step
from signatories.desk.texts import versions
from signatories.desk.texts.versions import Version
from signatories.editions.difference import may_have_changed
from signatories.models import Edition, Embargo, Partner, PressAccount, Setting
from signatories.models import settings as site
from signatories.models.organizer import Power, may
from signatories.models.settings import SWITCHES
from signatories.tally import services as tally


@dataclass(frozen=True)
class Moment:
    """When everybody sees everything: the text is open and no embargo holds. Without `at` nothing is planned."""

    opened_at: datetime | None
    planned_at: datetime | None
    embargo: Embargo
    holds: bool
    at: datetime | None
    is_over: bool


def moment(now: datetime) -> Moment:
    """Return the moment of release as it is planned."""
    every, embargo = versions.newest_first(), Embargo.current()
    opened = steps.opened_at(every)
    planned = None if opened else min((each.planned_for for each in every if each.planned_for), default=None)
    until = embargo.until if embargo.holds(now) else None
    opens = opened or planned
    at = max(until, opens) if until and opens else until or planned
    return Moment(opened, planned, embargo, until is not None, at, bool(opened and not until))


def time_left(until: datetime, now: datetime) -> str:
    """Say how long it is until a moment, as "in 3 hours 12 minutes"; the script of the page says it in the same way."""
    minutes = max(0, -(-(until - now) // timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (rest, "minute")]
    told = [f"{count} {word}{pluralize(count)}" for count, word in parts if count][:2]
    return f"in {' '.join(told)}" if told else "now"


def check_list(account: User, now: datetime) -> list[Step]:
    """Return what should be ready, as far as the role of an account may see it."""
    every = versions.newest_first()
    first = [step for step in steps.steps_of(account) if step.key != "open"]
    makers: tuple[tuple[Power, Callable[[], Step]], ...] = (
        (Power.EDIT_TEXTS, lambda: _published(every)),
        (Power.EDIT_TEXTS, lambda: _translations(every)),
        (Power.OPEN, lambda: _invited(now)),
        (Power.SWITCH, lambda: _switches(now)),
        (Power.ASK_FOR_EDITIONS, lambda: _edition(every, now)),
        (Power.MANAGE_PARTNERS, _partners),
    )
    return [*first, *(make() for power, make in makers if may(account, power))]


def _published(every: list[Version]) -> Step:
    opened, main = steps.opened_at(every), dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
    planned = min((each.planned_for for each in every if each.planned_for), default=None)
    words = f"In {main}: not published. Until then visitors read “Not open yet”."
    if opened:
        words = f"In {main}: since {_moment(opened)}."
    elif planned:
        words = f"In {main}: planned for {_moment(planned)}."
    return Step(
        "published", "The text is published", "Under an embargo it is read and signed; names and number stay hidden.",
        Power.EDIT_TEXTS, Status.DONE if opened or planned else Status.TO_DO, [words], reverse("desk-texts"),
        "See the text",
    )  # fmt: skip


def _translations(every: list[Version]) -> Step:
    names = dict(settings.LANGUAGES)
    newest = every[0] if every else None
    found = [f"{name}: {'written' if newest and code in newest.texts else 'missing'}" for code, name in names.items()]
    done = bool(newest and not newest.missing)
    return Step(
        "translations", "Translations", "Readers of a language without a text see it in another one.",
        Power.EDIT_TEXTS, Status.DONE if done else Status.TO_DO, found,
        reverse("desk-text", args=[newest.number if newest else 1]), "See all languages",
    )  # fmt: skip


def _invited(now: datetime) -> Step:
    embargo, invited = Embargo.current(), PressAccount.objects.filter(revoked_at=None)
    count, seen = invited.count(), invited.exclude(seen_at=None).count()
    found = [f"{count} invited, {seen} of them {'has' if seen == 1 else 'have'} come in."]
    found += [] if embargo.until else ["There is no embargo, so there is nothing to be seen early."]
    done = count or not embargo.holds(now)
    return Step(
        "invited", "Invited press", "Under an embargo they see names and number before everybody else.",
        Power.OPEN, Status.DONE if done else Status.TO_DO, found, reverse("desk-embargo"), "Invite somebody",
    )  # fmt: skip


def _switches(now: datetime) -> Step:
    shown = [name for name, about in site.ABOUT.items() if about.group in SWITCHES and name != "banner"]
    current = site.current(now)
    other = [name for name in shown if getattr(current, name) != getattr(site.DEFAULTS, name)]
    found = [f"{site.ABOUT[name].label}: {'on' if getattr(current, name) else 'off'}" for name in other]
    closed = not (current.signing_open and current.confirming_open)
    changed = Setting.objects.count()
    found.append(f"{changed} setting{pluralize(changed)} changed in all." if changed else "All as they came.")
    return Step(
        "settings", "Settings", "A switch that was turned for a try is forgotten easily.",
        Power.SWITCH, Status.WARNING if closed else Status.DONE, found, reverse("desk-settings"), "See the settings",
    )  # fmt: skip


def _edition(every: list[Version], now: datetime) -> Step:
    latest = Edition.objects.latest_ready()
    status, words = Status.TO_DO, "None yet. The first is made by itself once the text is published."
    if latest and latest.as_of:
        is_newest = not may_have_changed(latest, tally.number(now))
        status = Status.DONE if is_newest else Status.WARNING
        words = f"Edition {latest.number}, as of {_moment(latest.as_of)}."
        if not is_newest:
            words += " The list may have changed since; if so, a new one is made by itself, or when you ask."
    elif steps.opened_at(every):
        words = "None yet. Ask for one, so that the press finds it at the moment of release."
    return Step(
        "edition", "The printed edition", "Journalists download it in the first minutes.",
        Power.ASK_FOR_EDITIONS, status, [words], reverse("desk-editions"), "See the editions",
    )  # fmt: skip


def _partners() -> Step:
    standing = Partner.objects.filter(ended_at=None)
    names = list(standing.order_by("name").values_list("name", flat=True)[:5])
    count = standing.count()
    found = [f"{count} page{pluralize(count)} stand{'s' if count == 1 else ''}: {', '.join(names)}."]
    if not count:
        found = ["None. That is fine if no organisation brings signatures."]
    return Step(
        "partners", "Pages of partners", "Each has an address of its own to pass on to members.",
        Power.MANAGE_PARTNERS, Status.DONE, found, reverse("desk-partners"), "See the partners",
    )  # fmt: skip


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
