"""`manage.py person export|erase ADDRESS`: answer a data-protection request; it is recorded without the address."""

import json
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories.audit.services import by_command, record
from signatories.identity import addresses
from signatories.models.act import Verb
from signatories.privacy import own_data, retention


class Command(BaseCommand):
    """Export or erase all stored data of a mailbox."""

    help = "Exports or erases everything that is kept of a mailbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("export", "erase"))
        parser.add_argument("address")
        parser.add_argument("--reason", default="", help="why, for the record; never a name or an address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export or erase; raises CommandError for an invalid address or an erasure without a reason."""
        try:
            address = addresses.check(options["address"])
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        reason = options["reason"].strip()
        if "@" in reason:
            raise CommandError("The reason is kept for good: leave the address out of it.")
        if options["what"] == "export":
            self._export(address, reason)
        else:
            self._erase(address, reason)

    def _export(self, address: str, reason: str) -> None:
        found = own_data.of_mailbox(address)
        record(Verb.EXPORT, by=by_command(reason))
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))

    def _erase(self, address: str, reason: str) -> None:
        if not reason:
            raise CommandError("An erasure needs a --reason.")
        if sys.stdin.isatty() and sys.stdout.isatty():
            self.stdout.write("This cannot be undone. Type yes to erase everything that is kept of this mailbox.")
            if input() != "yes":
                raise CommandError("Nothing was erased.")
        gone = retention.erase_mailbox(address=address, reason=reason, now=timezone.now())
        self.stdout.write(f"{gone} rows erased." if gone else "Nothing is kept of this mailbox (any more).")
