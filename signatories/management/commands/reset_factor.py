"""`manage.py reset_factor`: remove the second factor of an organizer when no administrator can do it at the desk."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories.desk.organizers import services


class Command(BaseCommand):
    """Remove it, and say so. The owner is told by mail, and adds a new one at the next log-in."""

    help = "Removes the second factor of an organizer, ends their sessions, and tells them by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError if there is nothing to remove."""
        if not services.reset_factor_by_command(address=options["address"], now=timezone.now()):
            raise CommandError("No organizer with this address has a second factor.")
        self.stdout.write("Removed. A new one is added at the next log-in.")
