"""The notable names on the first page: put in front and ordered by organizers. Being there changes nothing else."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer, record
from signatories.models import Signature
from signatories.models.act import Verb

MOST = 60  # more is no choice any more


def chosen() -> list[Signature]:
    """Everyone who was put in front, in order; also who is not public at present and so is not shown."""
    return list(Signature.objects.filter(featured__isnull=False).order_by("featured", "number"))


def feature(*, number: int, organizer: AbstractBaseUser) -> bool:
    """Put the public signature of that number behind the others in front. False if there is none, or it is there."""
    with transaction.atomic():
        signature = Signature.objects.public().select_for_update(of=("self",)).filter(number=number).first()
        others = _locked()
        if signature is None or signature.featured is not None or len(others) >= MOST:
            return False
        _place([*others, signature])
        record(Verb.FEATURE, by=by_organizer(organizer, "put in front"), signature=signature)
        return True


def unfeature(*, signature_id: int, organizer: AbstractBaseUser) -> bool:
    """Take a name from the front; it stays on the list. False if it was not there."""
    with transaction.atomic():
        rows = _locked()
        signature = next((row for row in rows if row.pk == signature_id), None)
        if signature is None:
            return False
        Signature.objects.filter(pk=signature_id).update(featured=None)
        _place([row for row in rows if row is not signature])
        record(Verb.FEATURE, by=by_organizer(organizer, "taken from the front"), signature=signature)
        return True


def move(*, signature_id: int, to: int, organizer: AbstractBaseUser) -> bool:
    """Give a name in front another place, counted from 1. False if it is not there or has that place."""
    with transaction.atomic():
        rows = _locked()
        signature = next((row for row in rows if row.pk == signature_id), None)
        to = max(1, min(to, len(rows)))
        if signature is None or rows.index(signature) == to - 1:
            return False
        rows.remove(signature)
        rows.insert(to - 1, signature)
        _place(rows)
        record(Verb.FEATURE, by=by_organizer(organizer, f"moved to place {to}"), signature=signature)
        return True


def _locked() -> list[Signature]:
    return list(
        Signature.objects.select_for_update(of=("self",)).filter(featured__isnull=False).order_by("featured", "number")
    )


def _place(rows: Sequence[Signature]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.featured != place:
            Signature.objects.filter(pk=row.pk).update(featured=place)
