"""Check that nobody has changed, removed or reordered an act of the trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories.audit import chain, trail_check
from signatories.audit.chain import Head


class Command(BaseCommand):
    help = "Check the hash chain over the trail. Ends with 1 and names every fault if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], metavar="POSITION:HASH", type=Head.read,
            help="A head that was published, as on the cover of an edition; the chain must still have it.",
        )  # fmt: skip

    def handle(self, *, head: list[Head], **_: Any) -> None:
        """Raises CommandError, with one line for each fault."""
        chain.seal_waiting()
        if faults := trail_check.run(timezone.now(), head):
            raise CommandError("\n".join(fault.words for fault in faults))
        self.stdout.write(f"The trail is whole. Head: {chain.head()}")
