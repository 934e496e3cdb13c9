"""What organizers set while the site runs: every setting with its type, its default and its words, in one place.

A row of `Setting` holds one value that was changed. `current()` reads all of them, once every few seconds in a process.
A value with an end falls back by itself: that is computed when it is read, so it is exact to the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from declaration import languages
from declaration.database.kept import Kept

KEPT_SECONDS = 2.0  # how long a process goes by what it has read; with the page cache a change is seen within ten
LONGEST_BANNER = 300  # characters
MOST_PAUSES = 500  # that are read, newest first


class Group(StrEnum):
    """The heading under which the desk shows a setting."""

    SIGNING = "Signing"
    PAGES = "What visitors see"
    EDITIONS = "Editions"
    LIMITS = "Limits in the rush"
    ALARMS = "Alarms"


SWITCHES = (Group.SIGNING, Group.PAGES, Group.EDITIONS)
NUMBERS = (Group.LIMITS, Group.ALARMS)


@dataclass(frozen=True)
class About:
    """What the desk says of a setting, and which numbers it takes. `old` is its column in Limits or Switches."""

    group: Group
    label: str
    help: str = ""
    least: int = 0
    most: int = 2**31 - 1
    old: str = ""


def _setting(default: Any, group: Group, label: str, words: str = "", *, old: str = "") -> Any:
    return field(default=default, metadata={"about": About(group, label, words, old=old)})


def _limit(default: int, label: str, words: str, *, old: str) -> Any:
    return field(default=default, metadata={"about": About(Group.LIMITS, label, words, old=old)})


def _alarm(default: int, label: str, words: str = "In an hour.", *, old: str) -> Any:
    return field(default=default, metadata={"about": About(Group.ALARMS, label, words, least=1, old=old)})


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """All settings at one moment.

    A network is an IPv4 address or an IPv6 /64, a wider one a /24 or a /48. Windows are ten minutes, unless stated.
    """

    signing_open: bool = _setting(
        True, Group.SIGNING, "Signing",
        "Off: nobody can sign; the page says so, and keeps what was typed. Mailed links live longer by the pause.",
    )  # fmt: skip
    confirming_open: bool = _setting(
        True, Group.SIGNING, "Confirming",
        "Off: the page behind a mailed link says that it is paused. The links live longer by the pause.",
    )  # fmt: skip
    published_at_once: bool = _setting(
        True, Group.SIGNING, "Published at once", "Off: everybody who confirms waits until somebody has looked."
    )
    puzzle_for_everyone: bool = _setting(
        False, Group.SIGNING, "A puzzle for everyone",
        "While machines attack. Signing takes some seconds longer; nobody is refused.", old="slow",
    )  # fmt: skip
    reminders: bool = _setting(
        True, Group.SIGNING, "One reminder after two days", "To mailboxes that asked to sign and did not confirm.",
        old="reminders",
    )  # fmt: skip
    banner: dict[str, str] = field(
        default_factory=dict,
        metadata={"about": About(Group.PAGES, "Banner", "A short text at the top of every public page. No markup.")},
    )
    original_language: str = _setting(
        languages.MAIN, Group.PAGES, "Language of the original text",
        "The texts in all other languages say that they are translations, and lead to this one.",
    )  # fmt: skip
    list_public: bool = _setting(
        True, Group.PAGES, "The list is public",
        "Off: no name is shown by list, search, permalinks, files, API and embeds. The number stays.",
    )  # fmt: skip
    statistics_public: bool = _setting(
        True, Group.PAGES, "Statistics are public",
        "Off: no plots and tallies on the page for the press, in the API and in embeds. The number stays.",
    )  # fmt: skip
    verified_badge: bool = _setting(
        False, Group.PAGES, "Tell who was verified",
        "On the page of a signature that was verified as a watched person’s; never how.",
    )  # fmt: skip
    editions_scheduled: bool = _setting(
        True, Group.EDITIONS, "Made on schedule",
        "Off: one is made when you ask for it at the desk, or when somebody in the latest one has left the list.",
    )  # fmt: skip
    downloads_public: bool = _setting(
        True, Group.EDITIONS, "Files can be downloaded", "Off: the pages of editions stay, without their files."
    )
    free_per_network: int = _limit(
        30, "Free from one network",
        "In ten minutes, from an IPv4 address or IPv6 /64; then the browser solves a puzzle.", old="free_per_network",
    )  # fmt: skip
    free_per_wider_network: int = _limit(
        300, "Free from the wider network around it", "In ten minutes, from a /24 (IPv4) or /48 (IPv6).",
        old="free_per_wider_network",
    )  # fmt: skip
    free_per_minute: int = _limit(
        4000, "Free in a minute, from everywhere", "The most ever seen in this field were 2,000.", old="free_per_minute"
    )
    most_per_network: int = _limit(
        600, "Published at once from one network",
        "In ten minutes. Who confirms then waits for a person or the hours below.", old="most_per_network",
    )  # fmt: skip
    most_per_domain: int = _limit(
        10, "Published at once from one unknown mail domain or mail server",
        "In an hour; others wait for a person. Providers and known domains are not counted.", old="most_per_domain",
    )  # fmt: skip
    release_hours: int = field(
        default=12,
        metadata={
            "about": About(
                Group.LIMITS, "Hours until who is held for the rush alone is published",
                "If no organizer objects.", most=2**15 - 1, old="release_hours",
            )
        },
    )  # fmt: skip
    alarm_per_domain: int = field(
        default=50,
        metadata={
            "about": About(
                Group.ALARMS, "Confirmed from one unknown mail domain or mail server",
                "In an hour. Those who were quicker wait with the others then.", old="alarm_per_domain",
            )
        },
    )  # fmt: skip
    alarm_per_network: int = _alarm(500, "Forms from one network", old="alarm_per_network")
    alarm_arrivals: int = _alarm(500, "Forms from everywhere, at least", old="alarm_arrivals")
    alarm_times_usual: int = _alarm(
        10, "… and so many times as many as usual", "Compared with a mean hour of the day before.",
        old="alarm_times_usual",
    )  # fmt: skip
    alarm_withdrawals: int = _alarm(30, "Withdrawals", old="alarm_withdrawals")
    alarm_reports: int = _alarm(30, "Reports that entries are wrong", old="alarm_reports")
    alarm_asked: int = _alarm(
        200, "Mailboxes for which the link to the own page was asked",
        "In an hour. Somebody may try out a list of addresses; they learn nothing.", old="alarm_asked",
    )  # fmt: skip
    alarm_held_hours: int = _alarm(24, "Hours that somebody waits for a decision", "", old="alarm_held_hours")
    alarm_quiet_hours: int = _alarm(
        6, "Hours until what was put aside is told again", "At once if it has doubled.", old="alarm_quiet_hours"
    )

    @property
    def taking_signatures(self) -> bool:
        """Whether somebody can sign and confirm in one act, as from an invitation."""
        return self.signing_open and self.confirming_open


ABOUT: dict[str, About] = {each.name: each.metadata["about"] for each in fields(SiteSettings)}
DEFAULTS = SiteSettings()
PAUSING = ("signing_open", "confirming_open")  # while one of them is off, mailed links do not grow older


class Setting(models.Model):
    """A setting that was changed. With an end, `afterwards` is the value it falls back to."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()
    ends_at = models.DateTimeField(null=True)
    afterwards = models.JSONField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None, afterwards__isnull=True) | Q(ends_at__isnull=False, afterwards__isnull=False),
                name="setting_falls_back_to_something",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def at(self, now: datetime) -> Any:
        """Return the value at a moment."""
        return self.afterwards if self.ends_at and self.ends_at <= now else self.value


class Pause(models.Model):
    """A time in which signing or confirming was paused; without an end it goes on."""

    name = models.CharField(max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-began_at"], name="pause_newest")]

    def __str__(self) -> str:
        return f"{self.name} since {self.began_at}"


type Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class _Read:
    """The rows, as of a few seconds ago."""

    standing: SiteSettings
    timed: tuple[Setting, ...]
    pauses: tuple[Span, ...]  # in order, none overlapping

    def at(self, now: datetime) -> SiteSettings:
        return replace(self.standing, **{row.name: row.at(now) for row in self.timed}) if self.timed else self.standing


def current(now: datetime | None = None) -> SiteSettings:
    """Return the settings; while the database is away those read before.

    Raises Error if it never answered in this process, and to the one who has just waited for it.
    """
    return _kept.get().at(now or timezone.now())


def last_known(now: datetime | None = None) -> SiteSettings:
    """Return the settings that were read last, without asking; the defaults before any."""
    read = _kept.last(otherwise=None)
    return read.at(now or timezone.now()) if read else DEFAULTS


def ends_at(name: str, now: datetime) -> datetime | None:
    """Return when the present value of a setting falls back; None if no end was set, or it is over."""
    return next(
        (row.ends_at for row in _kept.get().timed if row.name == name and row.ends_at and row.ends_at > now), None
    )


def opened_until(now: datetime, lifetime: timedelta) -> datetime:
    """Return the moment from which on a mailed link is `lifetime` old now: the time of pauses does not count."""
    moment, left = now, lifetime
    for began, ended in reversed(_kept.get().pauses):
        if began >= now:
            continue
        ended = min(ended or now, now)
        if moment - ended >= left:
            break
        left -= moment - ended
        moment = began
    return moment - left


def forget_settings() -> None:
    """Read the settings anew at the next question: who changes them sees it at once."""
    _kept.forget()


def _read() -> _Read:
    rows = [row for row in Setting.objects.all() if row.name in ABOUT]  # others are of a newer release
    standing = replace(DEFAULTS, **{row.name: row.value for row in rows})
    newest = Pause.objects.order_by("-began_at", "-pk").values_list("began_at", "ended_at")[:MOST_PAUSES]
    return _Read(standing, tuple(row for row in rows if row.ends_at), _merged(list(newest)[::-1]))


_kept = Kept(_read, lambda: KEPT_SECONDS)


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join spans that overlap or touch; they come in the order of their beginnings."""
    found: list[Span] = []
    for began, ended in spans:
        last = found[-1] if found else None
        if last and (last[1] is None or began <= last[1]):
            found[-1] = (last[0], None if last[1] is None or ended is None else max(last[1], ended))
        else:
            found.append((began, ended))
    return tuple(found)
