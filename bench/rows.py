"""Results of `make bench`, and how they are printed."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

_first: dict[str, "Row"] = {}  # the row of the smallest size, by name


@dataclass(frozen=True)
class Row:
    """One result: `ratio` is `value` divided by the same quantity of `reference`; `size` is the number of names."""

    name: str
    size: int
    value: float
    unit: str
    reference: str
    ratio: float


def printed(rows: Iterator[Row]) -> Iterator[Row]:
    """Print each row when it is measured, with its growth since the smallest size."""
    for row in rows:
        first = _first.setdefault(row.name, row)
        growth = f"{row.value / first.value:.2f} × its value at {first.size:,}" if row is not first else ""
        say(f"{row.name:34}{row.size:>7,}{row.value:>10,} {row.unit:11}{row.ratio:>7} of {row.reference:32}{growth}")
        yield row


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
