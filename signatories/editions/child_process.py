"""Our modules run as child processes, with pipes for input and output.

A Celery worker may not fork, and the memory of a child process is free again when it ends. The child needs neither
Django nor the settings, and holds no secrets.
"""

import os
import resource
import sys
from pathlib import Path

_KEPT = ("PATH", "HOME", "LANG", "FONTCONFIG_FILE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_ROOT = str(Path(__file__).resolve().parents[2])


def command(module: str) -> list[str]:
    """Return the command that runs `module`. -P: import nothing from the working folder."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """Return the variables that a child gets: paths and language, no secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, [_ROOT, kept.get("PYTHONPATH", "")]))}


def limit_memory(size: int) -> None:
    """End this process, and not its neighbours, when it needs more bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
