"""`manage.py restore FILE`: restore a backup; erased persons stay erased, nobody is mailed twice."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from declaration.database import roles
from signatories.models import Signature
from signatories.operations.backup import services
from signatories.privacy import erasure_log

OTHER_KEYS = (
    "WARNING: other keys. With another MAILBOX_KEYS nobody can be mailed, with another DIGEST_KEY nobody is recognised "
    "and the file cannot be proved to be ours, with another SECRET_KEY every link mailed before is dead."
)


class Command(BaseCommand):
    """Restore in one transaction and print what was done."""

    help = "Restores a backup. Stop web and workers first, and start them afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path)
        parser.add_argument("--replace", action="store_true", help="give up what is in the database")
        parser.add_argument("--other-keys", action="store_true", help="take a backup made under keys that are lost")
        parser.add_argument(
            "--send-waiting", action="store_true", help="mail what waited at the backup: after a move, not after a loss"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore; raises CommandError, and then the database is unchanged."""
        roles.become()
        if options["other_keys"]:
            self.stderr.write(OTHER_KEYS)
        asked = {name: options[name] for name in ("source", "replace", "other_keys", "send_waiting")}
        try:
            done = services.restore(**asked, now=timezone.now())
        except services.RestoreRefused as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except ProgrammingError as error:  # the role may not empty tables
            raise CommandError(
                f"Only the owner of the tables can restore: set MIGRATE_DATABASE_URL. {error}"
            ) from error
        self.stdout.write(
            f"Restored as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC: "
            f"{done.counts[Signature._meta.db_table]:,} signatures. What was signed since is lost.\n"
            f"Done again from the ledger: {done.erased} erased, {done.withdrawn} withdrawn, {done.undone} back.\n"
            f"{done.held_back} mails held back; `manage.py release_mail` sends them, if you know they were not sent.\n"
            f"The next number is {done.next_number}."
        )
        if done.rotated:
            self.stdout.write("It was made under older keys too: run `manage.py rotate_keys`.")
        if not done.complete:
            self.stderr.write(
                f"WARNING: no ledger at {erasure_log.path()}: who withdrew since the backup is on the list again."
            )
