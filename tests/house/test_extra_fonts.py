"""Which faces are taken over from the system's Noto: those with letters of their own, and no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from declaration import fonts
from scripts import extra_fonts

TIBETAN, JAVANESE = "བོད", "ꦗꦮ"
NOBODY = "\U00030001"  # a Han character that no face of ours draws
ASKS = f"""
import sys
from declaration import fonts
print(*fonts.missing_glyphs("A{NOBODY}"), sep="", end="|")
print("opened" if "fontTools.ttLib" in sys.modules else "kept")
"""


def face(folder: Path, name: str, characters: str) -> Path:
    """A font file that draws these characters."""
    builder = FontBuilder(1000)
    glyphs = [".notdef", *(f"u{ord(c):X}" for c in characters)]
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(c): f"u{ord(c):X}" for c in characters})
    builder.setupGlyf({glyph: TTGlyphPen(None).glyph() for glyph in glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (500, 0)))
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": name.partition("-")[0]})
    builder.setupPost()
    path = folder / name
    builder.save(path)
    return path


def test_only_what_no_wheel_draws_and_each_once(tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    (source / "truetype").mkdir(parents=True)
    face(source, "NotoSansCopy-Regular.ttf", "abcяע")
    face(source, "NotoSansDisplayTibetan-Regular.ttf", TIBETAN)
    face(source, "NotoSansJavanese-Regular.ttf", f"abc{JAVANESE}")
    face(source, "NotoSansJavanese-Bold.ttf", JAVANESE)
    face(source, "OtherTibetan-Regular.ttf", TIBETAN)
    face(source / "truetype", "NotoSansTibetan-Regular.ttf", TIBETAN)
    face(source, "NotoSerifTibetan-Regular.ttf", TIBETAN)
    extra_fonts.main([source, tmp_path / "not there"], target)
    assert sorted(path.name for path in target.iterdir()) == [
        "NotoSansJavanese-Regular.ttf",
        "NotoSansTibetan-Regular.ttf",
    ]


def test_the_editions_find_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed, others = tmp_path / "installed", tmp_path / "others"
    for folder in (installed, others):
        folder.mkdir()
    chosen = {face(installed, "NotoSansTibetan-Regular.ttf", TIBETAN), face(others, "Own-Regular.ttf", JAVANESE)}
    assert not chosen & set(fonts.files())
    monkeypatch.setattr(fonts, "EXTRA", installed)
    monkeypatch.setenv("FONT_DIRS", str(others))
    assert chosen <= set(fonts.files())


def test_what_faces_draw_is_kept_between_processes_until_they_change(tmp_path: Path) -> None:
    """A process that finds what another one kept opens no font file."""
    face(tmp_path, "Own-Regular.ttf", TIBETAN)
    told = [drawn(tmp_path) for _ in range(2)]
    face(tmp_path, "Own-Regular.ttf", TIBETAN + NOBODY)
    assert [*told, drawn(tmp_path)] == [[NOBODY, "opened"], [NOBODY, "kept"], ["", "opened"]]


def drawn(folder: Path) -> list[str]:
    """What a new process says: the missing signs, and whether it opened font files."""
    env = os.environ | {"FONT_DIRS": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run([sys.executable, "-c", ASKS], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip("\n").split("|")
