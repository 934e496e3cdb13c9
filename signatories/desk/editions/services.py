"""Asking for an edition at the desk, and why one failed in plain words."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import record_edit
from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import EditionState, Part

# What the error of an edition contains, and what it means to somebody who does not run the server.
_REASONS = (
    ("No space left", "The disk is full. Room must be made on the server."),
    ("No text of the declaration", "No text of the declaration is published in the main language. Publish one first."),
    ("PangoMissing", "A part that sets the pages is missing on the server."),
    ("ran out of time", "It took too long. Most often the server has too much to do."),
    ("The process ended", "The program that sets the pages was ended. Most often the server had too little memory."),
    ("The full list of this edition", "Somebody has left the list meanwhile. Ask again: a newer edition is there."),
    ("OperationalError", "The database could not be reached. Ask again when it is back."),
)
_OTHER = "It could not be built. Whoever runs the server finds more in the log."


def ask(*, organizer: AbstractBaseUser) -> Edition:
    """Ask for an edition, or return the one that waits already; either way it stands in the trail."""
    with transaction.atomic():
        edition = editions.ask()
        record_edit(organizer, "a new edition asked for", about=f"edition {edition.pk}")
        return edition


def ask_part(*, organizer: AbstractBaseUser, edition: Edition, part: Part, language: str, since: int) -> bool:
    """Ask for a list of an edition; it stands in the trail. Returns False if the list is there already."""
    with transaction.atomic():
        asked = editions.ask_part(edition, part, language=language, since=since)
        if asked.state == EditionState.READY:
            return False
        record_edit(organizer, f"the list {asked.stem} ({language}) asked for", about=f"edition {edition.pk}")
        return True


def cancel(*, organizer: AbstractBaseUser, edition_id: int) -> bool:
    """Cancel an edition that is not ready. Returns False if it is not waiting or being built any more."""
    with transaction.atomic():
        done = editions.cancel(edition_id)
        if done:
            record_edit(organizer, "an edition cancelled", about=f"edition {edition_id}")
        return done


def cancel_part(*, organizer: AbstractBaseUser, part_id: int) -> bool:
    """The same for a list of an edition."""
    with transaction.atomic():
        done = editions.cancel_part(part_id)
        if done:
            record_edit(organizer, "a list of an edition cancelled", about=f"list {part_id}")
        return done


def explain(error: str) -> str:
    """Say why an edition failed; `error` is what was stored with it."""
    return next((words for sign, words in _REASONS if sign in error), _OTHER)
