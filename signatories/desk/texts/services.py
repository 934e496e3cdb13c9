"""Edits of the text of the declaration. Each is recorded as an Act, with the digest of the words before and after."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from declaration.models import Text
from signatories.audit.services import record_edit


def write(*, text: Text, organizer: AbstractBaseUser) -> bool:
    """Add a text, or store the changes of one. Returns False if nothing changed."""
    with transaction.atomic():
        # Locked, so that the digest before is that of the words that are replaced.
        before = Text.objects.select_for_update().filter(pk=text.pk).first()
        text.save()
        if before is None:
            record_edit(organizer, f"{_which(text)} added; SHA-256 after: {text.sha256}")
        elif changes := ", ".join(_changes(before, text)):
            digests = f"SHA-256 before: {before.sha256}, after: {text.sha256}"
            record_edit(organizer, f"{_which(before)} changed: {changes}; {digests}")
        return before is None or bool(changes)


def delete(*, texts: Iterable[Text], organizer: AbstractBaseUser) -> None:
    """Delete texts that nobody has signed; the database refuses the others."""
    with transaction.atomic():
        for text in Text.objects.select_for_update().filter(pk__in=[text.pk for text in texts]).order_by("pk"):
            record_edit(organizer, f"{_which(text)} deleted; SHA-256 before: {text.sha256}")
            text.delete()


def _which(text: Text) -> str:
    return f"text {text.version} ({text.language})"


def _changes(before: Text, text: Text) -> Iterator[str]:
    """Name what changed; the words themselves are told by their digest."""
    for field in ("version", "language"):
        if getattr(before, field) != getattr(text, field):
            yield f"{field} {getattr(text, field)}"
    for field in ("title", "body"):
        if getattr(before, field) != getattr(text, field):
            yield field
    if before.published_at != text.published_at:
        at = text.published_at
        yield f"published from {at:%Y-%m-%d %H:%M} UTC" if at else "not published"
