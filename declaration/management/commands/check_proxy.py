"""`manage.py check_proxy`: does the proxy drop forged headers? Exit code 1 if it does not, or cannot be asked."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from declaration.ops.proxy_check import passes_forged_headers


class Command(BaseCommand):
    """Ask the site through SITE_URL, as a stranger."""

    help = "Asks the site through SITE_URL whether the proxy passes headers with an underscore."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the finding. Raises CommandError if something must be mended."""
        try:
            passes = passes_forged_headers(settings.SITE_URL)
        except (OSError, ValueError) as error:
            raise CommandError(f"{settings.SITE_URL} cannot be asked: {error}") from error
        if passes:
            raise CommandError(
                "The proxy passes X_Forwarded_… of strangers: they can choose the network that limits count. "
                "Let it drop headers with an underscore (docs/operations.md, “Run without containers”)."
            )
        self.stdout.write("The proxy drops forged headers.")
