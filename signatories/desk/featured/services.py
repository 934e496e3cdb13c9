"""Featured names on the first page, chosen and ordered by organizers. A featured signature counts like any other."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer, record
from signatories.models import Signature
from signatories.models.act import Verb

MAX_FEATURED = 60  # the first page shows a selection, not a second list


def all_featured() -> list[Signature]:
    """Return all featured signatures in order, also those that are not public now and so not shown."""
    return list(Signature.objects.filter(featured__isnull=False).order_by("featured", "number"))


def could_be_featured(number: int | None) -> Signature | None:
    """Return the public signature of that number if it is not featured yet, to show it among the others."""
    if number is None:
        return None
    return Signature.objects.public().filter(number=number, featured=None).first()


def feature(*, number: int, organizer: AbstractBaseUser) -> bool:
    """Feature the public signature of that number, in the last place.

    Returns False if there is none, it is featured already, or MAX_FEATURED is reached.
    """
    with transaction.atomic():
        signature = Signature.objects.public().select_for_update(of=("self",)).filter(number=number).first()
        others = _locked()
        if signature is None or signature.featured is not None or len(others) >= MAX_FEATURED:
            return False
        _set_places([*others, signature])
        record(Verb.FEATURE, by=by_organizer(organizer, "put in front"), signature=signature)
        return True


def unfeature(*, signature_id: int, organizer: AbstractBaseUser) -> bool:
    """Stop featuring a signature; it stays on the list. Returns False if it was not featured."""
    with transaction.atomic():
        rows = _locked()
        signature = next((row for row in rows if row.pk == signature_id), None)
        if signature is None:
            return False
        Signature.objects.filter(pk=signature_id).update(featured=None)
        _set_places([row for row in rows if row is not signature])
        record(Verb.FEATURE, by=by_organizer(organizer, "taken from the front"), signature=signature)
        return True


def set_place(*, signature_id: int, to: int, organizer: AbstractBaseUser) -> bool:
    """Give a featured signature another place, counted from 1. Returns False if nothing changed."""
    with transaction.atomic():
        rows = _locked()
        signature = next((row for row in rows if row.pk == signature_id), None)
        to = max(1, min(to, len(rows)))
        if signature is None or rows.index(signature) == to - 1:
            return False
        rows.remove(signature)
        rows.insert(to - 1, signature)
        _set_places(rows)
        record(Verb.FEATURE, by=by_organizer(organizer, f"moved to place {to}"), signature=signature)
        return True


def _locked() -> list[Signature]:
    return list(
        Signature.objects.select_for_update(of=("self",)).filter(featured__isnull=False).order_by("featured", "number")
    )


def _set_places(rows: Sequence[Signature]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.featured != place:
            Signature.objects.filter(pk=row.pk).update(featured=place)
