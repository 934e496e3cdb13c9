"""`manage.py rotate_keys`: move every address under the keys in use, while the site runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatories.operations import key_rotation
from signatories.operations.key_rotation import TableResult

SHOWN = 20  # ids


class Command(BaseCommand):
    """Move rows, or only count them; then print what still needs older keys."""

    help = "Puts addresses and their digests under the first of MAILBOX_KEYS and under DIGEST_KEY. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only say what needs older keys")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move or count; raises CommandError if a row needs a person."""
        found = key_rotation.count_older() if options["check"] else key_rotation.move(self._progress)
        if options["check"]:
            for table in found:
                self.stdout.write(f"{table.table}: {table.rows:,} rows, {table.older:,} under older keys")
        needed = self._remaining(found)
        if broken := [line for table in found for line in _broken(table)]:
            raise CommandError("\n".join(broken))
        if not needed:
            self.stdout.write(
                "No address and no digest needs an older key: DIGEST_KEY_FALLBACKS and all but the first of "
                "MAILBOX_KEYS can go from the environment. Keep them with the backups made under them."
            )

    def _progress(self, found: TableResult) -> None:
        if found.older:
            self.stdout.write(f"{found.table}: {found.rows:,} rows looked at, {found.moved:,} moved")

    def _remaining(self, found: list[TableResult]) -> bool:
        """Print what needs older keys, and until when; returns whether anything does."""
        remains = key_rotation.remains()
        older = sum(table.left for table in found)
        if older:
            self.stdout.write(f"{older:,} rows are under older keys: run `manage.py rotate_keys` (again).")
        if remains.erased and remains.erased_until:
            self.stdout.write(
                f"{remains.erased:,} digests of erased persons are under an older DIGEST_KEY; the last is forgotten "
                f"after {remains.erased_until:%Y-%m-%d}. Until then a search by address needs the key to find them."
            )
        if remains.stopped:
            self.stdout.write(
                f"{remains.stopped:,} mailboxes that want no mail are known by an older DIGEST_KEY alone. Each is "
                "moved when somebody next asks us to mail it; without the key that mail would be sent."
            )
        if remains.asked:
            self.stdout.write(
                f"Of people whom partners named, {remains.asked:,} are known by an older DIGEST_KEY "
                "alone. Without the key they could be asked to sign a second time."
            )
        return bool(older or remains.erased or remains.stopped or remains.asked)


def _broken(table: TableResult) -> list[str]:
    said = []
    if table.unreadable:
        said.append(f"{table.table}: no key of MAILBOX_KEYS opens {_ids(table.unreadable)}. Nothing was changed there.")
    if table.clashing:
        said.append(
            f"{table.table}: the mailbox of {_ids(table.clashing)} has another live signature under DIGEST_KEY. "
            "Withdraw one of the two at the desk, then run this again."
        )
    return said


def _ids(rows: list[int]) -> str:
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return f"{len(rows):,} (id {', '.join(map(str, rows[:SHOWN]))}{more})"
