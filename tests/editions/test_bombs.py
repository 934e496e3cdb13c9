"""T31: names that are made to use up memory, in thousands of rows, leave each process of an edition within its limit."""

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from signatories.editions import child_process
from signatories.editions.layout import ListEntry
from signatories.identity import names
from tests.editions.covers import COVER, LONGEST

ROOT = Path(__file__).parents[2]
ROWS = 400  # that take some seconds; what one process holds does not depend on them, so it is the same with 50,000
BOMBS = [
    ("o" + "\u0323\u0304\u0301\u0328") * (names.LONGEST_NAME // 5),  # as many marks as a name may have
    LONGEST,
    "W" * names.LONGEST_NAME,
    "\ufdfd" * names.LONGEST_NAME,  # a whole sentence as one sign
    "\u0e01\u0e34\u0e48" * (names.LONGEST_NAME // 3),
    "字" * names.LONGEST_NAME,
    "a " * (names.LONGEST_NAME // 2),
]
# The processes that render and merge are children of this one, so their peak is told apart from that of the tests.
_BUILDS = r"""
import json, pickle, re, resource, sys
from pathlib import Path
import django
django.setup()
from signatories.editions.document import build_pdf
cover, entries = pickle.load(sys.stdin.buffer)
build_pdf(cover, entries, Path(sys.argv[1]), processes=2)
# For itself not ru_maxrss, which begins with the memory of the process that has started it.
own = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]
print(json.dumps({"own": int(own), "children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a process")
def test_an_edition_of_bombs_stays_within_the_memory_of_a_process(tmp_path: Path) -> None:
    entries = [
        ListEntry(n + 1, BOMBS[n % len(BOMBS)], BOMBS[n % len(BOMBS)] if n % 5 == 0 else "", "", "A", "en")
        for n in range(ROWS)
    ]
    target = tmp_path / "edition.pdf"
    done = subprocess.run(
        [sys.executable, "-c", _BUILDS, target], input=pickle.dumps((replace(COVER, named=ROWS), entries)), cwd=ROOT,
        env=os.environ, capture_output=True, check=True,
    )  # fmt: skip
    most = {who: kilobytes * 1024 for who, kilobytes in json.loads(done.stdout).items()}
    assert most["children"] <= child_process.MEMORY_A_PROCESS
    assert most["own"] <= child_process.MEMORY_A_PROCESS
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) > ROWS // 50
    assert target.stat().st_size < 20 * 1024**2
