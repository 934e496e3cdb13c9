"""`manage.py release_mail`: send the mails that a restore held back."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from signatories.operations.backup import services


class Command(BaseCommand):
    """Put held back mails into the outbox."""

    help = "Mails what a restore held back; whoever was mailed before the loss is then mailed again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Release them and print how many."""
        self.stdout.write(f"{services.release(now=timezone.now())} mails go out now.")
