"""Standing rules: what an organizer has decided about everybody who confirms later and matches conditions."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q

from signatories.audit.services import By, record_edit
from signatories.lifecycle import transitions
from signatories.models import Rule, Signature
from signatories.models.act import Actor, Verb
from signatories.models.organizer import Power, may, role_of
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening import holds
from signatories.screening.conditions import Conditions, matches, matching

MOST_RULES = 50  # that apply at a time: each confirmation is compared with all of them
BATCH = 500
_HOLDING = (Verb.HOLD, Verb.REJECT)


class TooManyRules(Exception):
    """MOST_RULES apply already."""


def add(
    *, title: str, conditions: Conditions, verb: Verb, reason: str, organizer: AbstractBaseUser,
    ends_at: datetime | None, now: datetime,
) -> Rule:  # fmt: skip
    """Decide about who comes from now on. Raises TooManyRules."""
    if conditions.network:  # its digest is kept no longer than that of a form
        longest = now + timedelta(days=settings.LINK_DAYS)
        ends_at = min(ends_at or longest, longest)
    with transaction.atomic():
        if Rule.objects.active(now).count() >= MOST_RULES:
            raise TooManyRules
        rule = Rule.objects.create(
            title=title, conditions=conditions.to_store(), verb=verb, reason=reason, organizer_id=organizer.pk,
            role=role_of(organizer) or "", created_at=now, ends_at=ends_at,
        )  # fmt: skip
        record_edit(organizer, f"rule {rule.pk}: {verb} who comes", about=f"rule {rule.pk}")
        return rule


def end(*, rule_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Apply a rule to nobody more; who waits because of it goes on waiting. False if it has ended."""
    with transaction.atomic():
        if not Rule.objects.active(now).filter(pk=rule_id).update(ended_at=now):
            return False
        record_edit(organizer, f"rule {rule_id} ended", about=f"rule {rule_id}")
        return True


def forget(now: datetime) -> None:
    """Forget the networks of old rules."""
    old = Rule.objects.filter(created_at__lt=now - timedelta(days=settings.LINK_DAYS), conditions__has_key="network")
    for rule in old:
        kept = {name: value for name, value in rule.conditions.items() if name != "network"}
        Rule.objects.filter(pk=rule.pk).update(conditions=kept, ended_at=rule.ended_at or now)


def reasons(signature: Signature, network: bytes, now: datetime) -> list[str]:
    """Return a reason to wait for each rule that a signature matches, which is being confirmed."""
    rules = Rule.objects.active(now).filter(verb__in=_HOLDING).order_by("pk")
    return [
        f"{holds.RULE}{rule.pk}" for rule in rules if matches(Conditions.stored(rule.conditions), signature, network)
    ]


def decide(now: datetime) -> int:
    """Decide about who waits, as active rules say; returns about how many. Safe to repeat.

    A rule whose organizer may not move many people any more decides nothing; it still has them wait.
    """
    decided = 0
    for rule in Rule.objects.active(now).exclude(verb=Verb.HOLD).select_related("organizer__organizer").order_by("pk"):
        if may(rule.organizer, Power.MOVE_MANY):
            decided += _apply(rule, now)
    return decided


def _apply(rule: Rule, now: datetime) -> int:
    waiting = transitions.undecided(_waiting(rule))
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    words = f"{rule.reason} (rule {rule.pk}, who came later)"
    by = By(actor=Actor.ORGANIZER, organizer_id=rule.organizer_id, role=rule.role, reason=words)
    with transaction.atomic():
        moved = transitions.move(keys, Verb(rule.verb), by=by, now=now, among=waiting)
        Rule.objects.filter(pk=rule.pk).update(decided=F("decided") + len(moved))
    return len(moved)


def _waiting(rule: Rule) -> SignatureQuerySet:
    """Return those about whom a rule decides: held for it, or, where it publishes, held for anything that says nothing
    about the person."""
    if rule.verb == Verb.REJECT:
        return Signature.objects.filter(state=State.HELD, held_for__contains=[f"{holds.RULE}{rule.pk}"])
    found = matching(Conditions.stored(rule.conditions | {"states": [State.HELD], "decided": True}))
    return found.filter(Q(held_for__contained_by=list(holds.ABOUT_ORIGIN)), confirmed_at__gte=rule.created_at)
