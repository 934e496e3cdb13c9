"""Our modules run as child processes, with pipes for input and output.

A Celery worker may not fork, and the memory of a child process is free again when it ends. The child needs neither
Django nor the settings, and holds no secrets.
"""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_KEPT = ("PATH", "HOME", "LANG", "FONTCONFIG_FILE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
# What a process that renders takes at most, bytes; where memory is limited, so is their number.
MEMORY_A_PROCESS = 300 * 1024**2
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_ROOT = str(Path(__file__).resolve().parents[2])


def command(module: str) -> list[str]:
    """Return the command that runs `module`. -P: import nothing from the working folder."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """Return the variables that a child gets: paths and language, no secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, [_ROOT, kept.get("PYTHONPATH", "")]))}


def most_at_once() -> int:
    """Return how many processes may render at once: one a core, as far as the memory of machine or container allows."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        with suppress(OSError, ValueError):  # no such file, or "max"
            memory = min(memory, int(Path(path).read_text()))
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_A_PROCESS))


@contextmanager
def killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill `process` if the block takes longer; the event that is yielded tells whether it did."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    watchdog = threading.Timer(seconds, kill)
    watchdog.start()
    try:
        yield late
    finally:
        watchdog.cancel()
        watchdog.join()  # a kill that has begun is told by the event, too


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, if it has not ended, and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):  # what is left in the pipe has no reader
                pipe.close()


def limit_memory(size: int) -> None:
    """End this process, and not its neighbours, when it needs more bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
