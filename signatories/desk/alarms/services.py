"""Answers of organizers to an alarm. Each is recorded as an Act.

An answer about many people moves nobody itself: it freezes whom the page has shown, as a mass move for the worker.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, QuerySet, Value

from signatories.audit.services import by_organizer, record_edit
from signatories.desk.lists import services as lists
from signatories.lifecycle import mass_moves, transitions
from signatories.models import Alarm, MailServer, MassMove, Signature, Signup
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.limits import ListKind
from signatories.models.mass_move import AT_WORK
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening import alerts, domains, holds


class WhatWasShown(NamedTuple):
    """What the page of alarms has shown of one alarm: its bound, and how many each answer would move.

    `about` counts all published and held signatures that the alarm is about; forms do not carry it.
    """

    newest_signature: int
    newest_act: int
    publish: int
    hold: int
    reject: int
    about: int = 0

    @property
    def bound(self) -> mass_moves.Shown:
        return mass_moves.Shown(self.newest_signature, self.newest_act)

    @property
    def text(self) -> str:
        """How a form carries it."""
        return ".".join(map(str, self[:5]))


class Answer(NamedTuple):
    """Whether an alarm was answered, and the mass move that follows, if it concerns anybody."""

    done: bool
    move: MassMove | None = None


_NOT_DONE = Answer(done=False)
_ABOUT_SIGNATURES = (AlarmKind.DOMAIN, AlarmKind.NETWORK)


def close_alarm(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Close an alarm. Returns False if it was closed before."""
    with transaction.atomic():
        if not alerts.close(alarm_id=alarm_id, now=now):
            return False
        record_edit(organizer, f"alarm {alarm_id} looked at")
        return True


def signatures_of(alarm: Alarm) -> SignatureQuerySet:
    """Return the published and held signatures an alarm is about, oldest first.

    For a domain or a mail server: those held because of it. For a network: all that were confirmed by forms sent from
    it since an hour before the alarm. Other kinds of alarm are about no signatures.
    """
    return _signatures_of(alarm, domains.group_domains(alarm.subject) if alarm.kind == AlarmKind.DOMAIN else [])


def _signatures_of(alarm: Alarm, group: Sequence[str]) -> SignatureQuerySet:
    live = Signature.objects.filter(state__in=[State.PUBLISHED, State.HELD]).order_by("confirmed_at", "pk")
    if alarm.kind == AlarmKind.DOMAIN:
        of_domain = live.filter(domain__in=group, state=State.HELD)
        return of_domain.filter(held_for__contains=[holds.DOMAIN])
    if alarm.kind == AlarmKind.NETWORK:
        return live.filter(pk__in=_signups_of(alarm).exclude(signature=None).values("signature"))
    return live.none()


def _signups_of(alarm: Alarm) -> QuerySet[Signup]:
    since = alarm.raised_at - alerts.HOUR
    return Signup.objects.filter(network=bytes.fromhex(alarm.subject), created_at__gt=since)


def what_is_shown(alarms: Sequence[Alarm]) -> dict[int, WhatWasShown]:
    """Count whom each alarm is about and what each answer would move, and take the bound that its form carries.

    Returns them by the key of the alarm. All are counted in one query.
    """
    bound = mass_moves.shown_now()
    groups = domains.groups([alarm.subject for alarm in alarms if alarm.kind == AlarmKind.DOMAIN])
    about = {alarm.pk: _signatures_of(alarm, groups.get(alarm.subject, ())) for alarm in alarms}
    sets: list[tuple[int, str, SignatureQuerySet]] = [
        (alarm.pk, verb, mass_moves.still_as_shown(people, bound, before))
        for alarm in alarms
        for verb in (Verb.PUBLISH, Verb.HOLD, Verb.REJECT)
        for before, people in _movable(alarm.kind, about[alarm.pk], verb).items()
    ]
    sets += [(alarm.pk, "about", about[alarm.pk]) for alarm in alarms if alarm.kind in _ABOUT_SIGNATURES]
    counts: Counter[tuple[int, str]] = Counter()
    for (pk, of, _people), count in zip(sets, _count_together([people for *_, people in sets]), strict=True):
        counts[pk, of] += count
    return {
        alarm.pk: WhatWasShown(
            *bound, counts[alarm.pk, Verb.PUBLISH], counts[alarm.pk, Verb.HOLD], counts[alarm.pk, Verb.REJECT],
            counts[alarm.pk, "about"],
        )
        for alarm in alarms
    }  # fmt: skip


def _count_together(sets: Sequence[SignatureQuerySet]) -> list[int]:
    """Count several sets in one query."""
    if not sets:
        return []
    each = [people.order_by().values(at=Value(at)).annotate(count=Count("pk")) for at, people in enumerate(sets)]
    found = {row["at"]: row["count"] for row in each[0].union(*each[1:], all=True)}
    return [found.get(at, 0) for at in range(len(sets))]


def _movable(kind: str, people: SignatureQuerySet, verb: Verb) -> dict[State, SignatureQuerySet]:
    """Return whom of the people of an alarm an answer moves, by their state.

    Published: those who are held for nothing else than the domain. Held: those who are published without a decision of
    an organizer. Rejected: those, and all who are held.
    """
    people = people.order_by()
    if kind == AlarmKind.DOMAIN:
        of_domain = {Verb.PUBLISH: people.filter(held_for=[holds.DOMAIN]), Verb.REJECT: people}
        return {State.HELD: of_domain[verb]} if verb in of_domain else {}
    if kind != AlarmKind.NETWORK or verb == Verb.PUBLISH:
        return {}
    undecided = {State.PUBLISHED: transitions.undecided(people.filter(state=State.PUBLISHED))}
    return undecided if verb == Verb.HOLD else undecided | {State.HELD: people.filter(state=State.HELD)}


def accept_domain(*, alarm_id: int, shown: WhatWasShown, organizer: AbstractBaseUser, now: datetime) -> Answer:
    """List the domain or mail server of an alarm as known, and ask to publish those who are held for nothing else.

    Other reasons to hold stay.
    """
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.DOMAIN)
        if alarm is None:
            return _NOT_DONE
        reason = f"People of {alarm.subject}, which is known to us."
        answer = _begin(alarm, Verb.PUBLISH, shown, organizer, reason, now)
        if answer.done:
            others = signatures_of(alarm).order_by().exclude(held_for=[holds.DOMAIN])
            others.update(held_for=transitions.without_hold_reason(holds.DOMAIN))
            is_server = MailServer.objects.filter(server=alarm.subject).exclude(domain=alarm.subject).exists()
            kind = ListKind.SERVER if is_server else ListKind.DOMAIN
            lists.put_on_list(kind=kind, value=alarm.subject, note="", organizer=organizer)
        return answer


def hold_all(*, alarm_id: int, shown: WhatWasShown, organizer: AbstractBaseUser, reason: str, now: datetime) -> Answer:
    """Ask to hold every shown signature from the network of an alarm for an organizer's decision.

    Signups that are not confirmed yet are marked at once, so they are held too when they confirm. The alarm stays open,
    because a decision is still due.
    """
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.NETWORK)
        if alarm is None:
            return _NOT_DONE
        answer = _begin(alarm, Verb.HOLD, shown, organizer, reason, now)
        if answer.done:
            _signups_of(alarm).filter(signature=None).update(held_for=transitions.with_hold_reason(holds.ORGANIZER))
            transitions.keep_waiting(signatures_of(alarm).order_by().filter(pk__lte=shown.newest_signature))
        return answer


def reject_all(
    *, alarm_id: int, shown: WhatWasShown, organizer: AbstractBaseUser, reason: str, now: datetime
) -> Answer:
    """Ask to reject the shown signatures of an alarm that are held, or published without an organizer's decision."""
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.DOMAIN, AlarmKind.NETWORK)
        return _begin(alarm, Verb.REJECT, shown, organizer, reason, now) if alarm else _NOT_DONE


def _begin(
    alarm: Alarm, verb: Verb, shown: WhatWasShown, organizer: AbstractBaseUser, reason: str, now: datetime
) -> Answer:
    """Freeze whom the page has shown. More than it has shown: somebody joined them in that moment, so look again.

    The alarm, which is locked, stays open until all are moved; without anybody to move it is closed at once.
    """
    parts = [
        mass_moves.freeze(people, shown.bound, verb=verb, before=before)
        for before, people in _movable(alarm.kind, signatures_of(alarm), verb).items()
    ]
    count = sum(len(part.ids) for part in parts)
    if count > getattr(shown, verb):
        return _NOT_DONE
    answers = verb != Verb.HOLD
    if count == 0:
        if answers:
            close_alarm(alarm_id=alarm.pk, organizer=organizer, now=now)
        return Answer(done=True)
    by = by_organizer(organizer, reason)
    return Answer(True, mass_moves.begin(parts, verb=verb, by=by, alarm=alarm, answers_alarm=answers))


def _lock_open(alarm_id: int, *kinds: AlarmKind) -> Alarm | None:
    """Lock the alarm. Returns None if it is closed, of another kind, or being answered by a mass move."""
    alarm = Alarm.objects.select_for_update(of=("self",)).filter(pk=alarm_id, kind__in=kinds, closed_at=None).first()
    return None if alarm is None or alarm.mass_moves.filter(state__in=AT_WORK).exists() else alarm
