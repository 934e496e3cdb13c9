"""Modules of ours run by themselves, in plain processes fed through pipes.

A worker of Celery may not fork, and what such a process took goes back to the machine when it ends. It needs neither
Django nor the settings, and holds no secrets.
"""

import os
import sys
from pathlib import Path

_KEPT = ("PATH", "HOME", "LANG", "FONTCONFIG_FILE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_ROOT = str(Path(__file__).resolve().parents[2])


def command(module: str) -> list[str]:
    """What runs `module`. -P: the folder a worker happens to stand in is no place to import from."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """What it may know of ours: where things are."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, [_ROOT, kept.get("PYTHONPATH", "")]))}
