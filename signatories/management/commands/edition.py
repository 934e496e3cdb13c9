"""`manage.py edition`: build an edition now and print its digests."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signatories.editions import services as editions
from signatories.models.edition import EditionState


class Command(BaseCommand):
    """Ask for an edition and build it in this process."""

    help = "Builds an edition of the list (PDF and CSV) from one snapshot."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build; raises CommandError if another process builds or the build failed."""
        asked = editions.ask()
        built = editions.build_waiting()
        if built is None:
            raise CommandError("An edition is being built right now; this one waits its turn.")
        asked.refresh_from_db()
        if built.state != EditionState.READY:
            raise CommandError(built.error)
        self.stdout.write(
            f"Edition {built.number}: {built.count} signed as of {built.as_of:%Y-%m-%d %H:%M:%S} UTC, "
            f"{built.named} by name, {built.pages} pages\n"
            f"  pdf sha256 {built.pdf_sha256}\n  csv sha256 {built.csv_sha256}"
        )
