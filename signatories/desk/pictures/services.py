"""Adding, changing, ordering and deleting pictures for the press. Each is recorded as an Act."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from signatories.audit.services import record_edit
from signatories.models import PressPicture
from signatories.models.press_picture import MOST
from signatories.models.translated import written_over
from signatories.press.drawing import Drawn

_LOCK = 0x91C7


class AlreadyThere(Exception):
    """The same picture is there."""


class TooMany(Exception):
    """There are MOST pictures."""


def add(*, drawn: Drawn, values: dict[str, Any], organizer: AbstractBaseUser) -> PressPicture:
    """Add a picture in the last place. Raises AlreadyThere and TooMany."""
    sha256 = hashlib.sha256(drawn.content).hexdigest()
    with transaction.atomic():
        others = _locked()
        if any(other.sha256 == sha256 for other in others):
            raise AlreadyThere
        if len(others) >= MOST:
            raise TooMany
        picture = PressPicture.objects.create(
            **values, **vars(drawn), place=len(others) + 1, sha256=sha256, size=len(drawn.content)
        )
        record_edit(organizer, "a picture for the press added", about=f"picture {picture.pk}")
        return picture


def change(*, picture_id: int, values: dict[str, Any], organizer: AbstractBaseUser) -> bool:
    """Change the words of a picture. Returns False if it is gone."""
    with transaction.atomic():
        pictures = PressPicture.objects.filter(pk=picture_id)
        stored = pictures.select_for_update().only("caption", "alternative").first()
        if stored is None:
            return False
        columns = ("caption", "alternative")
        texts = {column: written_over(getattr(stored, column), values[column]) for column in columns}
        pictures.update(**values | texts)
        record_edit(organizer, "the words of a picture for the press", about=f"picture {picture_id}")
        return True


def set_place(*, picture_id: int, to: int, organizer: AbstractBaseUser) -> bool:
    """Give a picture another place, counted from 1. Returns False if nothing changed."""
    with transaction.atomic():
        pictures = _locked()
        picture = next((one for one in pictures if one.pk == picture_id), None)
        to = max(1, min(to, len(pictures)))
        if picture is None or picture.place == to:
            return False
        pictures.remove(picture)
        pictures.insert(to - 1, picture)
        _set_places(pictures)
        record_edit(organizer, f"a picture for the press moved to place {to}", about=f"picture {picture_id}")
        return True


def remove(*, picture_id: int, organizer: AbstractBaseUser) -> bool:
    """Delete a picture and its file. Returns False if it is gone."""
    with transaction.atomic():
        pictures = _locked()
        if not PressPicture.objects.filter(pk=picture_id).delete()[0]:
            return False
        _set_places([one for one in pictures if one.pk != picture_id])
        record_edit(organizer, "a picture for the press deleted", about=f"picture {picture_id}")
        return True


def _locked() -> list[PressPicture]:
    """Return all in order; who adds, moves or deletes another at the same moment waits until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return list(PressPicture.objects.in_order())


def _set_places(pictures: Sequence[PressPicture]) -> None:
    for place, picture in enumerate(pictures, start=1):
        if picture.place != place:
            PressPicture.objects.filter(pk=picture.pk).update(place=place)
