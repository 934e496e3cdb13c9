"""Runs the restore command, and compares databases."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from signatories.models import Signature
from signatories.operations.backup import tables
from tests.people import signed


def restore(source: Path, *flags: str) -> str:
    """Run the command; what it said."""
    out = StringIO()
    call_command("restore", str(source), *flags, stdout=out, stderr=out)
    return out.getvalue()


def state_of_everything() -> dict[str, bytes]:
    """Every table, as COPY text."""
    return {table: b"".join(sorted(tables.copy_out(table, tables.columns(table)))) for table in tables.names()}


def person(n: int) -> Signature:
    """Somebody of a row of invented people."""
    return signed(name=f"Person Number{n}", address=f"p{n}@example.org")
