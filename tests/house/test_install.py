"""`scripts/install` where something is missing: it says what, for each Python it tried."""

import os
import shutil
import subprocess
from pathlib import Path

from declaration.settings import BASE_DIR

NO_NETWORK = """#!/bin/sh
echo "error: cannot download for $*" >&2
exit 1
"""


def install(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it in a folder of its own, with a uv that reaches nothing."""
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(BASE_DIR / "scripts/install", folder / "scripts")
    shutil.copy(BASE_DIR / ".python-version", folder)
    uv = folder / "bin/uv"
    uv.parent.mkdir()
    uv.write_text(NO_NETWORK)
    uv.chmod(0o755)
    path = f"{uv.parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["scripts/install"], cwd=folder, env={"PATH": path} | env, capture_output=True, text=True, check=False
    )


def test_each_python_that_was_tried_says_why_not(tmp_path: Path) -> None:
    wanted = (BASE_DIR / ".python-version").read_text().strip()
    kept = tmp_path / "pyenv" / "versions" / f"{wanted}.1" / "bin" / "python"
    kept.parent.mkdir(parents=True)
    kept.touch()
    said = install(tmp_path / "clone", HOME=str(tmp_path), PYENV_ROOT=str(tmp_path / "pyenv"))
    assert said.returncode == 1
    for python in (wanted, str(kept), ">=3.12"):
        assert f"With Python {python}: error: cannot download" in said.stderr
    assert not (tmp_path / "clone/.uv-errors").exists()


def test_a_place_that_is_not_there_is_not_tried(tmp_path: Path) -> None:
    said = install(tmp_path / "clone", HOME=str(tmp_path))
    assert said.returncode == 1
    assert "With Python >=3.12: error: cannot download" in said.stderr
    assert "*" not in said.stderr
