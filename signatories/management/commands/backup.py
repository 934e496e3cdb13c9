"""`manage.py backup FOLDER|FILE`: back up everything into one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories.models import Signature, Signup
from signatories.operations.backup import services
from signatories.privacy import erasure_log


class Command(BaseCommand):
    """Write the backup and print what it holds."""

    help = "Backs up the database and the editions into one file; keep it as secret as the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a folder (the file is named after the moment) or a file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up; raises CommandError, and leaves no file, if it cannot be written."""
        now, target = timezone.now(), options["target"]
        if target.is_dir():
            target /= f"declaration-{now:%Y%m%dT%H%M%SZ}.backup"
        try:
            manifest = services.back_up(target=target, now=now)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror or error}.") from error
        counts, size = manifest.counts, target.stat().st_size
        self.stdout.write(
            f"{target}: {size:,} bytes as of {manifest.made_at}\n"
            f"  {sum(counts.values()):,} rows in {len(counts)} tables: "
            f"{counts[Signature._meta.db_table]:,} signatures, {counts[Signup._meta.db_table]:,} signups\n"
            f"  ledger of erasures, to be kept beside it: {erasure_log.path()}\n"
            "Keys it was made under (keep the keys themselves elsewhere):"
        )
        for name, prints in manifest.keys.items():
            self.stdout.write(f"  {name} {' '.join(prints)}")
