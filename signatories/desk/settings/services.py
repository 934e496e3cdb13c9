"""Edits of the page for the press and the watched names. Each is recorded as an Act."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from declaration.models import PressPage
from signatories.audit.services import record_edit
from signatories.models import Signature, WatchedName
from signatories.models.signature import Framed
from signatories.screening import holds

MAX_ALIKE = 50
WATCHED_PAGE = 200


def write_press_page(*, page: PressPage, organizer: AbstractBaseUser) -> None:
    """Store the texts of the page for the press in one language."""
    with transaction.atomic():
        fields = [field.name for field in PressPage._meta.fields if field.name not in ("id", "language")]
        PressPage.objects.update_or_create(
            language=page.language, defaults={field: getattr(page, field) for field in fields}
        )
        record_edit(organizer, f"the page for the press ({page.language})")


def add_watched_name(*, name: str, note: str, organizer: AbstractBaseUser) -> WatchedName:
    """Hold look-alikes of `name` from now on. If it is watched already, only the note changes."""
    with transaction.atomic():
        watched, new = WatchedName.objects.update_or_create(name=name, defaults={"note": note})
        # The id and not the name: the audit trail holds no personal data.
        record_edit(organizer, f"watched name {watched.pk} {'added' if new else 'noted'}")
        return watched


def remove_watched_name(*, watched_id: int, organizer: AbstractBaseUser) -> bool:
    """Stop holding look-alikes of a name, and delete its dossier. Returns False if it was not watched.

    Who waits because of it goes on waiting: nobody has verified whose name it is.
    """
    with transaction.atomic():
        if not WatchedName.objects.filter(pk=watched_id).delete()[0]:
            return False
        record_edit(organizer, f"watched name {watched_id} removed")
        return True


def look_alikes(watched: WatchedName) -> list[Signature]:
    """Return the counted signatures that would be held for that name now, newest first; at most MAX_ALIKE.

    The database finds candidates by index; `holds.looks_like` then decides.
    """
    near = Q(skeleton=watched.skeleton) | Q(framed__trigram_word_similar=watched.search_key)
    first, _, last = watched.search_key.partition(" ")
    if last:  # with the initial only, a short last name is not similar enough
        near |= Q(framed__contains=f" {first[0]} {last} ")
    found = Signature.objects.counted().alias(framed=Framed("search_key")).filter(near).order_by("-pk")[: 4 * MAX_ALIKE]
    return [row for row in found if holds.looks_like(holds.candidate(row), watched)][:MAX_ALIKE]


def watched_page(*, sought: str, after: WatchedName | None) -> list[WatchedName]:
    """Return the next WATCHED_PAGE watched names in order of the alphabet, and one more if there are more."""
    rows = WatchedName.objects.order_by("name", "pk")
    if sought:
        rows = rows.filter(name__icontains=sought)
    if after:
        rows = rows.filter(name__gt=after.name)
    return list(rows[: WATCHED_PAGE + 1])
