"""`manage.py edition`: build an edition now and print its digests."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import EditionState

POLL_SECONDS = 0.5  # between two attempts, while another process builds


class Command(BaseCommand):
    """Request an edition and return when it is built, by this process or by another."""

    help = "Builds an edition of the list (PDF and CSV) from one snapshot."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the edition; raises CommandError if its build failed."""
        built = _built(editions.ask())
        if built.state != EditionState.READY:
            raise CommandError(built.error)
        self.stdout.write(
            f"Edition {built.number}: {built.count} signed as of {built.as_of:%Y-%m-%d %H:%M:%S} UTC, "
            f"{built.named} by name, groups: {built.groups}, {built.pages} pages\n"
            + "\n".join(f"  {file.format} sha256 {file.sha256}" for file in built.full_files)
        )


def _built(edition: Edition) -> Edition:
    """Build until it is ready or failed. A worker may take it first; if that one dies, the build starts anew here."""
    while edition.state not in (EditionState.READY, EditionState.FAILED):
        if editions.build_waiting() is None:
            time.sleep(POLL_SECONDS)
        edition.refresh_from_db()
    return edition
