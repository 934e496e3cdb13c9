"""Builds of editions, each in a new process to measure its peak of memory: `python -m bench.typesetting ENGINE`.

ENGINE is "ours" (an edition with its full list), "field" or "changes" (a list of the newest edition), or "typst".
Prints seconds, pages and the resident peaks of the process and of its largest child (MB).
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import django

# One paragraph per entry: a single one for all names takes Typst much longer.
_TYPST = """
#set page("a4", margin: 60pt, numbering: "1 of 1", columns: 3)
#set text(font: ("EB Garamond", "Noto Sans", "Noto Sans CJK JP"), size: 9.5pt)
#set par(spacing: 0.5em)
#for it in json("rows.json") [
  #par[#it.name #text(size: 6pt, it.number)#if it.detail != "" [ \\ #h(8pt)#emph(it.detail)]]
]
"""


class Cost(NamedTuple):
    """Cost of one edition; memory in MB, of the process itself and of its largest child."""

    seconds: float
    pages: int
    own_memory: float
    helper_memory: float


def measure(engine: str, times: int = 3) -> Cost:
    """Typeset the public signatures of the database with `engine`; returns the build of median time.

    One more before opens the fonts: a cold Typst takes five seconds more.
    """
    costs = [build(engine) for _ in range(1 + times)]
    return sorted(costs[1:])[times // 2]


def build(engine: str) -> Cost:
    """Typeset once, in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.typesetting", engine]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Cost(*json.loads(said.splitlines()[-1]))


def _ours(folder: Path) -> int:
    """Build as `manage.py edition` does: snapshot, CSV, PDF, files, row; without segments of an earlier edition."""
    from django.core.files.storage import default_storage

    from declaration.ops import storage
    from signatories.editions import kept_segments
    from signatories.editions import services as editions
    from signatories.models.edition import EditionState

    for name in list(storage.files(default_storage, kept_segments.FOLDER)):
        default_storage.delete(name)
    editions.ask()
    edition = editions.build_waiting()
    if edition is None or edition.state != EditionState.READY:
        raise SystemExit(edition.error if edition else "Another edition is being built.")
    return edition.pages


def _field(folder: Path) -> int:
    """Build the list of those who make music, of the newest edition."""
    return _list("music")


def _changes(folder: Path) -> int:
    """Build the list of what changed between the two newest editions."""
    return _list("changes")


def _list(name: str) -> int:
    from signatories.editions import building
    from signatories.editions import services as editions
    from signatories.models import Edition, EditionPart
    from signatories.models.edition import Part

    latest = Edition.objects.latest_ready()
    if latest is None:
        raise SystemExit("There is no edition.")
    since = (latest.number or 0) - 1 if name == Part.CHANGES else 0
    EditionPart.objects.filter(edition=latest, part=name).delete()
    part = editions.ask_part(latest, Part(name), since=since)
    building.build_part(part)
    return part.pages


def _typst(folder: Path) -> int:
    """Typeset the same rows in three plain columns, tagged: without letters, running headers and cover."""
    import typst

    from declaration import fonts
    from signatories.editions import building, rows

    entries = [building.entry(row) for row in rows.compared(building.snapshot().named, 1, None)]
    lines = [{"name": e.name, "number": str(e.number), "detail": e.detail} for e in entries]
    (folder / "rows.json").write_text(json.dumps(lines))
    (folder / "list.typ").write_text(_TYPST)
    typst.compile(folder / "list.typ", output=folder / "list.pdf", font_paths=fonts.folders(), ignore_system_fonts=True)
    import pikepdf

    with pikepdf.open(folder / "list.pdf") as pdf:
        return len(pdf.pages)


def _own_peak() -> float:
    """Return the peak of resident memory of this process in MB.

    On Linux `getrusage` begins with the peak of the process that started this one, which is large here.
    """
    status = Path("/proc/self/status")
    if not status.exists():  # macOS
        return _peak(resource.RUSAGE_SELF)
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _peak(who: int) -> float:
    """Return the peak of resident memory in MB; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(who).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Typeset once and print the cost."""
    django.setup()
    engine = {"ours": _ours, "field": _field, "changes": _changes, "typst": _typst}[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        pages = engine(Path(folder))
        seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps([seconds, pages, _own_peak(), _peak(resource.RUSAGE_CHILDREN)]) + "\n")


if __name__ == "__main__":
    main()
