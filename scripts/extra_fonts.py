"""Picks, out of folders of fonts, the Noto faces for letters that no wheel of ours has.

`python -m scripts.extra_fonts FOLDER …` copies them to where `declaration/fonts.py` looks for them.

`scripts/system-parts` and the image use it. A face whose letters we can draw already is left out, so the pages of an
edition break everywhere at the same places, and the image stays small.
"""

import shutil
import sys
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

from declaration import fonts

# One weight is printed; faces for screens and for headlines repeat the letters of their plain sister.
# Han is drawn by a wheel.
UNWANTED = ("CJK", "Display", "Mono-", "Tight", "UI-")


def main(sources: list[Path], target: Path) -> None:
    """Copy what is wanted and say how much that is."""
    target.mkdir(parents=True, exist_ok=True)
    found = [path for source in sources for path in source.rglob("Noto*-Regular.[ot]tf")]
    chosen = choose(sorted(found, key=lambda path: path.name))
    for path in chosen:
        shutil.copy2(path, target)
    sys.stdout.write(f"{len(chosen)} faces\n")


def choose(candidates: list[Path]) -> list[Path]:
    """Those that draw a letter which neither a wheel's face nor one chosen before them draws."""
    drawn = frozenset[int]().union(*map(letters, fonts.files(fonts.wheel_folders())))
    chosen = []
    for path in candidates:
        if any(part in path.name for part in UNWANTED):
            continue
        if new := letters(path) - drawn:
            drawn |= new
            chosen.append(path)
    return chosen


def letters(path: Path) -> frozenset[int]:
    """The letters, marks and digits that a face has."""
    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(code for code in font.getBestCmap() if unicodedata.category(chr(code))[0] in "LMN")


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]], fonts.EXTRA)
