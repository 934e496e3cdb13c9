"""`scripts/system-parts` gets faces for the scripts without a wheel, or says what is missing and goes on."""

import os
import shutil
import subprocess
from pathlib import Path

from declaration.settings import BASE_DIR

# Stands for the project's Python: Pango is there, and faces are taken as soon as "the system" has them.
PYTHON = """#!/bin/sh
case "$*" in *extra_fonts*)
    [ ! -e system-has-noto ] || { mkdir -p .venv/share/faces && touch .venv/share/faces/NotoSerifTibetan-Regular.ttf; } ;;
esac
"""
APT = """#!/bin/sh
echo "$*" >>asked
case "$*" in install*fonts-noto-core*) touch system-has-noto ;; esac
"""


def system_parts(folder: Path, *, user: int) -> subprocess.CompletedProcess[str]:
    """Run it for `make demo` in a folder of its own, as that user."""
    for path, words in {".venv/bin/python": PYTHON, "bin/apt-get": APT, "bin/id": f"#!/bin/sh\necho {user}\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(words)
        (folder / path).chmod(0o755)
    shutil.copy(BASE_DIR / "scripts/system-parts", folder)
    env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        ["./system-parts", "demo"], cwd=folder, env=env, capture_output=True, text=True, check=True
    )  # fmt: skip


def test_they_are_installed_where_that_is_ours_to_do_and_once(tmp_path: Path) -> None:
    first, second = system_parts(tmp_path, user=0), system_parts(tmp_path, user=0)
    assert "fonts-noto-core" in first.stdout
    assert (first.stderr, second.stdout, second.stderr) == ("", "", "")
    assert (tmp_path / "asked").read_text().count("fonts-noto-core") == 1


def test_those_of_the_system_are_taken_without_installing(tmp_path: Path) -> None:
    (tmp_path / "system-has-noto").touch()
    said = system_parts(tmp_path, user=1000)
    assert (said.stdout, said.stderr) == ("", "")
    assert not (tmp_path / "asked").exists()


def test_where_nothing_can_be_installed_it_says_so_and_goes_on(tmp_path: Path) -> None:
    said = system_parts(tmp_path, user=1000)
    assert "fonts-noto-core" in said.stderr
    assert not (tmp_path / "asked").exists()
