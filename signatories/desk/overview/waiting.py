"""What needs a person now, for the role of the reader: how many, and since when the oldest waits.

Nothing here grows with what is stored: counts stop at MOST, and what has to be counted whole is at most ten seconds
old, because many pages ask at once. A decision of the desk is seen at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timesince import timesince

from signatories.desk.mails.failed import FAILED
from signatories.desk.overview.shared import shared
from signatories.models import (
    Act,
    Alarm,
    DuplicateGroup,
    Edition,
    EditionPart,
    Export,
    GatheredBatch,
    OutboundMail,
    Report,
    Signup,
)
from signatories.models.alarm import AlarmKind, kinds_answered_by
from signatories.models.edition import EditionState
from signatories.models.export import ExportState
from signatories.models.gathering import BatchState
from signatories.models.mailing import MailState
from signatories.models.organizer import Power, may
from signatories.models.signature import LOOKS_LIKE
from signatories.privacy import exports
from signatories.screening import holds

PROMISED = timedelta(days=1)  # signers read "usually within a day" (templates/mine/state.html and others)
MOST, MOST_DOUBLES, MOST_PARTS = 500, 50, 12
CACHED = 10  # seconds
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MAIL_WAITS = MINUTE  # in a rush there is always mail that is due since a second
# Groups of reasons; a signature stands under its first reason.
_REASONS = {
    LOOKS_LIKE.rstrip(":"): "Looks like a watched name",
    holds.SECOND: "Shares a mailbox with another",
    holds.REPRESENTED: "Signed by a representative",
    holds.GROUP: "Band or organisation",
    holds.RENAMED: "Changed to another name",
    holds.CROWD: "One of many from one network",
    holds.UNSOLVED: "One of many from one network",
    holds.DOMAIN: "One of many from one mail domain",
    holds.DISPOSABLE: "Throw-away mailbox",
    holds.REVIEW: "Looked at before it is shown",
    holds.RULE.rstrip(":"): "Matches a rule",
    holds.ORGANIZER: "Held by an organizer",
}
_HELD = """
SELECT coalesce(split_part(held_for[1], ':', 1), ''), count(*), min(confirmed_at) FROM signatories_signature
WHERE state = 'held' GROUP BY 1
"""


@dataclass(frozen=True)
class Part:
    """A part of a line: a reason, a kind, one batch."""

    words: str
    count: int
    oldest: datetime | None = None
    address: str = ""


@dataclass(frozen=True)
class Line:
    """Something that waits for a person. `most`: counting stopped there. `promised`: how long it should wait."""

    slug: str
    words: str
    count: int
    address: str
    oldest: datetime | None = None
    most: int = 0
    promised: timedelta | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """Return the count in words."""
        return f"{self.most} or more" if self.most and self.count >= self.most else f"{self.count:,}"


@dataclass(frozen=True)
class Waiting:
    """A line, or a part of one, with its age at a moment."""

    line: Line
    age: str
    is_late: bool
    parts: list[tuple[Part, str]]


def waiting(account: AbstractBaseUser, now: datetime) -> list[Waiting]:
    """Return the lines of all that waits and that the role of an account may do; empty where nothing does."""
    found = [line for power, make in _MAKERS if may(account, power) for line in make(account, now) if line.count]
    return [
        Waiting(
            line,
            _age(line.oldest, now),
            bool(line.promised and line.oldest and now - line.oldest > line.promised),
            [(part, _age(part.oldest, now)) for part in line.parts],
        )
        for line in found
    ]


def decides_anything(account: AbstractBaseUser) -> bool:
    """Whether the role of an account may do any of it."""
    return any(may(account, power) for power, _make in _MAKERS)


def _age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return ""
    return timesince(since, now, depth=1) if now - since >= MINUTE else "just now"


def _held(_account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    rows = shared("held", CACHED, _count_held, version=_newest_act())
    parts: dict[str, Part] = {}
    for code, count, oldest in rows:
        words = _REASONS.get(code) or (holds.explain(code).capitalize() if code else "For another reason")
        before = parts.get(words, Part(words, 0, oldest))
        parts[words] = Part(words, before.count + count, min(before.oldest or oldest, oldest), _of_reason(code))
    largest = sorted(parts.values(), key=lambda part: (-part.count, part.words))
    yield Line(
        "held", "Signatures to decide", sum(part.count for part in largest), reverse("desk-queue"),
        _oldest(part.oldest for part in largest), promised=PROMISED, parts=largest[:MOST_PARTS],
    )  # fmt: skip


def _of_reason(code: str) -> str:
    """Return the address of the queue with those who wait for a reason."""
    asked = f"{code}:" if f"{code}:" in (LOOKS_LIKE, holds.RULE) else code
    return reverse("desk-queue") + (f"?{urlencode({'reason': asked})}" if asked else "")


def _count_held() -> list[tuple[str, int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD)
        return list(cursor.fetchall())


def _alarms(account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    rows = Alarm.objects.filter(closed_at=None, kind__in=kinds_answered_by(account)).order_by("raised_at")
    parts: dict[str, Part] = {}
    for kind, raised_at in rows.values_list("kind", "raised_at")[:MOST]:
        words = str(AlarmKind(kind).label).capitalize()
        before = parts.get(words, Part(words, 0, raised_at))
        parts[words] = Part(words, before.count + 1, before.oldest)
    yield Line(
        "alarms", "Alarms", sum(part.count for part in parts.values()), reverse("desk-alarms"),
        _oldest(part.oldest for part in parts.values()), most=MOST, parts=list(parts.values()),
    )  # fmt: skip


def _reports(_account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    yield _line("reports", "Reports", "desk-reports", Report.objects.unanswered().values_list("created_at", flat=True))


def _mails(_account: AbstractBaseUser, now: datetime) -> Iterator[Line]:
    due = {"mail_state": MailState.WAITING, "mail_due_at__lt": now - MAIL_WAITS}
    failed = {"mail_state__in": FAILED, "created_at__gt": now - DAY}
    tables = (Signup.objects.of_signers(), OutboundMail.objects.all())
    waits = [rows.filter(**due).order_by("mail_due_at").values_list("mail_due_at", flat=True) for rows in tables]
    came_back = [rows.filter(**failed).order_by("-created_at").values_list("created_at", flat=True) for rows in tables]
    yield _line("mails", "Mails that wait to be sent", "desk-mails", *waits)
    yield _line("failed", "Mails of the last day that failed", "desk-mails", *came_back)


def _editions(_account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    latest = Edition.objects.latest_ready()
    failed = Edition.objects.filter(state=EditionState.FAILED, pk__gt=latest.pk if latest else 0).order_by("pk")
    lists = EditionPart.objects.filter(state=EditionState.FAILED, edition=latest).order_by("pk")
    asked = (rows.values_list("asked_at", flat=True) for rows in (failed, lists))
    yield _line("editions", "Editions and lists that failed", "desk-editions", *asked)


def _doubles(_account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    found = DuplicateGroup.objects.all()[:MOST_DOUBLES].count()
    yield Line("doubles", "Doubles", found, reverse("desk-doubles"), most=MOST_DOUBLES)


def _batches(_account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    rows = GatheredBatch.objects.filter(state=BatchState.ASKED).order_by("pk")
    found = rows.values_list("pk", "partner_id", "partner__name", "created_at")[:MOST_DOUBLES]
    parts = [
        Part(f"File {pk} of {name}", 1, created_at, reverse("desk-partner-batch", args=[partner, pk]))
        for pk, partner, name, created_at in found
    ]
    oldest = parts[0].oldest if parts else None
    yield Line("batches", "Gathered names to approve", len(parts), reverse("desk-partners"), oldest,
               most=MOST_DOUBLES, parts=parts[:MOST_PARTS])  # fmt: skip


def _exports(account: AbstractBaseUser, _now: datetime) -> Iterator[Line]:
    asked = Export.objects.filter(state=ExportState.ASKED, needs_approval=True).order_by("asked_at")[:MOST_DOUBLES]
    mine = [export.asked_at for export in asked if exports.may_approve(account, export)]
    yield Line("exports", "Exports that wait for your approval", len(mine), reverse("desk-exports"), _oldest(mine))


def _line(slug: str, words: str, page: str, *moments: Iterable[datetime]) -> Line:
    """Count rows of one or two tables by their moments, of each at most MOST, in one query each."""
    found = [moment for of_one in moments for moment in of_one[:MOST]]  # type: ignore[index]
    return Line(slug, words, min(len(found), MOST), reverse(page), _oldest(found), most=MOST)


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _newest_act() -> int:
    """Return the id of the newest act that was no signer's: what was counted before it is counted again."""
    return Act.objects.of_the_desk().order_by("-pk").values_list("pk", flat=True).first() or 0


type _Make = Callable[[AbstractBaseUser, datetime], Iterator[Line]]
_MAKERS: tuple[tuple[Power, _Make], ...] = (
    (Power.DECIDE, _held),
    (Power.ANSWER_ALARMS, _alarms),
    (Power.ANSWER_REPORTS, _reports),
    (Power.EXPORT, _exports),
    (Power.GATHER_NAMES, _batches),
    (Power.MERGE_DUPLICATES, _doubles),
    (Power.HELP_SIGNERS, _mails),
    (Power.ASK_FOR_EDITIONS, _editions),
)
