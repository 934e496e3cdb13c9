"""A disk that is soon full: a small file system in memory, where this machine lets us make one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Path]:
    """`folder` as a file system of its own; skips the test where that is not ours to do."""
    folder.mkdir(parents=True)
    size = f"size={megabytes}m,mode=755"
    if sys.platform != "linux" or subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]).returncode:
        pytest.skip("making a file system needs Linux and root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, but: int = 0) -> Path:
    """Write until nothing more fits, but for `but` bytes; the file to delete when there is to be room again."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with filler.open("r+b") as file:
        file.truncate(max(0, filler.stat().st_size - but))
    return filler
