"""Deletes the dossiers of watched names whose person never signed, once signing has closed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from signatories.audit.services import by_command
from signatories.privacy import dossiers


class Command(BaseCommand):
    help = "Deletes dossiers and notes of watched names whose person never signed. For when signing has closed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why; it stays in the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them, and say how many."""
        if not options["reason"].strip():
            raise CommandError("Please give a reason.")
        count = dossiers.forget_unsigned(by=by_command(options["reason"]))
        self.stdout.write(f"{count} dossier{pluralize(count)} deleted.")
