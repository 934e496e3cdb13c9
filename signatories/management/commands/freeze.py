"""`manage.py freeze FOLDER`: export the public site as files, for the end of the campaign."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories.operations import closing, static_export

EVERY = 1000


class Command(BaseCommand):
    """Write the export and print what it holds."""

    help = "Writes the public site as a static archive, without forms, with a SHA-256 of each file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export; raises CommandError if that is refused."""
        folder: Path = options["folder"].absolute()
        if not folder.parent.is_dir():
            raise CommandError(f"{folder.parent} is not a folder.")
        try:
            export = static_export.export(folder=folder, now=timezone.now(), progress=self._print_progress)
        except static_export.ExportRefused as refused:
            raise CommandError(str(refused)) from refused
        closing.note_archive(files=export.files, edition=export.edition.number, now=timezone.now())
        self.stdout.write(
            f"{folder}: {export.files} files, with edition {export.edition.number} "
            f"({export.edition.count} signed as of {export.edition.as_of:%Y-%m-%d %H:%M:%S} UTC).\n"
            f"Check it with: cd {folder} && sha256sum -c --quiet {static_export.SUMS}"
        )
        for link in sorted(export.dead_links):
            self.stderr.write(f"leads nowhere in the archive: {link}")

    def _print_progress(self, files: int) -> None:
        if files % EVERY == 0:
            self.stdout.write(f"{files} files …")
