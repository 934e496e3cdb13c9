"""The list as the CSV of an edition, without building one."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from signatories.editions import csv_file
from signatories.editions.rows import compared
from signatories.models import Signature


def csv_of(signatures: Iterable[Signature]) -> bytes:
    """Return the CSV of these signatures, in their order."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "list.csv"
        csv_file.write(compared(signatures, 1, None), target, mark="1-0")
        return target.read_bytes()
