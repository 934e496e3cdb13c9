"""`manage.py release_mail`: mail what a restore held back."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from signatories.operations.backup import services


class Command(BaseCommand):
    """Put them back into the outbox."""

    help = "Mails what a restore held back; whoever was mailed before the loss is then mailed again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many."""
        self.stdout.write(f"{services.release(now=timezone.now())} mails go out now.")
