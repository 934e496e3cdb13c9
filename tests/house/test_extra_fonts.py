"""Which faces the image takes over from Debian: those with letters of their own, and no others."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from declaration import fonts
from scripts import extra_fonts

TIBETAN, COPTIC = "བོད", "ⲁⲃⲅ"


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


def test_only_what_no_wheel_draws_and_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "EXTRA", tmp_path / "none")
    source, target = tmp_path / "from", tmp_path / "to"
    source.mkdir()
    face(source, "NotoSansCopy-Regular.ttf", "abcяע")
    face(source, "NotoSansDisplayTibetan-Regular.ttf", TIBETAN)
    face(source, "NotoSansCoptic-Regular.ttf", f"abc{COPTIC}")
    face(source, "NotoSansCoptic-Bold.ttf", COPTIC)
    face(source, "NotoSansTibetan-Regular.ttf", TIBETAN)
    face(source, "NotoSerifTibetan-Regular.ttf", TIBETAN)
    extra_fonts.main(source, target)
    assert sorted(path.name for path in target.iterdir()) == [
        "NotoSansCoptic-Regular.ttf",
        "NotoSansTibetan-Regular.ttf",
    ]


def test_the_editions_find_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = face(tmp_path, "NotoSansTibetan-Regular.ttf", TIBETAN)
    assert chosen not in fonts.files()
    monkeypatch.setenv("FONT_DIRS", str(tmp_path))
    assert chosen in fonts.files()
