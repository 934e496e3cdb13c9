"""Publication of signatures that were held only because of volume, after some hours without an objection."""

from datetime import datetime, timedelta

from django.template.defaultfilters import pluralize

from signatories.audit.services import by_rule
from signatories.lifecycle import transitions
from signatories.models import Signature
from signatories.models import settings as site
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.screening import holds

BATCH = 1000


def release(now: datetime) -> int:
    """Publish signatures held long enough for volume alone; returns how many, at most BATCH. Safe to repeat."""
    hours = site.current(now).release_hours
    waited = Signature.objects.filter(state=State.HELD, confirmed_at__lt=now - timedelta(hours=hours))
    due = waited.filter(held_for__contained_by=list(holds.VOLUME)).exclude(held_for=[])
    reason = f"Held for the rush around it alone; nobody objected within {hours} hour{pluralize(hours)}."
    free = transitions.undecided(due)
    keys = free.order_by("confirmed_at").values_list("pk", flat=True)[:BATCH]
    return len(transitions.move(list(keys), Verb.PUBLISH, by=by_rule(reason), now=now, among=free))
