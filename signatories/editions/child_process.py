"""Child processes that run one of our modules and read their work from a pipe.

A worker of Celery may not fork, and the memory of such a process is free again when it ends. It needs neither Django
nor the settings, and it is given no secrets.
"""

import os
import sys
from pathlib import Path

_PASSED_ON = ("PATH", "HOME", "LANG", "FONTCONFIG_FILE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_ROOT = str(Path(__file__).resolve().parents[2])


def command(module: str) -> list[str]:
    """The command that runs `module`. -P: nothing is imported from the current folder of the worker."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """The variables that a child process is given: paths, and nothing secret."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": os.pathsep.join(filter(None, [_ROOT, passed_on.get("PYTHONPATH", "")]))}
