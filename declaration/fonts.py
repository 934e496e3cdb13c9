"""The fonts of the product. What wheels draw is drawn by them: the same page breaks on every machine.

Scripts without a wheel come from the system's Noto, which `scripts/extra_fonts.py` copies into `EXTRA`. `use()` must
run before WeasyPrint is imported: Pango reads `FONTCONFIG_FILE` once. Web pages use none of this, but pictures do.
"""

import hashlib
import os
import sys
import tempfile
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import icu

TEXT_FACE = "EB Garamond"
# The text face for a name with its number after it: its figures are small and raised; see `_numbered_copy`.
NUMBERED_FACE = "EB Garamond Numbered"
NUMBERED_FIGURE = 0.36  # the width of such a figure, em
# Beside the packages, so that an installation has its own; see scripts/system-parts and the Dockerfile.
EXTRA = Path(sys.prefix) / "share" / "faces"
# Packages with font files that have no entry point of `fontpkg`.
_PLAIN_PACKAGES = ("manimgx_fonts", "noto_cjk_sans_otc")
_SUFFIXES = {".ttf", ".otf", ".ttc"}
# The order of faces to find a glyph: the text face, then serifs, then one face per script.
_ORDER = (
    "EBGaramond",
    "NotoSerif",
    "FrankRuhlLibre",
    "Amiri",
    "NotoSans",
    "NotoSansCJK",
    "NotoSansSymbols",
    "NotoEmoji",
)
_SCRIPTS = (
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Georgian",
    "Armenian",
    "Ethiopic",
    "Hebrew",
    "Arabic",
)
_HAN = {"zh": "SC", "zh-hans": "SC", "zh-cn": "SC", "zh-sg": "SC", "zh-hant": "TC", "zh-tw": "TC", "zh-hk": "HK"}
_HAN |= {"zh-mo": "HK", "ja": "JP", "ko": "KR"}

_VARYING = {"avar", "cvar", "fvar", "gvar", "HVAR", "MVAR", "STAT", "VVAR"}
_REGULAR = 400
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMERATORS = tuple(f"{digit}.numr" for digit in _DIGITS)
_NUMERATOR_WIDTH, _NUMERATOR_TOP = 300, 625  # of most of them, in units of the face
_COPY_VERSION = 3  # to be raised when `_static_copy` or `_numbered_copy` changes


def wheel_folders() -> list[Path]:
    """Return the folders of font files in packages of Python."""
    packages = sorted({entry.value.partition(":")[0] for entry in entry_points(group="fontpkg.family")})
    found = [Path(place) / "files" for package in packages for place in _places(package)]
    found += [Path(place) for package in _PLAIN_PACKAGES for place in _places(package)]
    return [folder for folder in found if folder.is_dir()]


def folders() -> list[Path]:
    """Return the folders of our font files, those of `FONT_DIRS` (separated as in `PATH`) last."""
    others = [EXTRA, *(Path(place) for place in os.environ.get("FONT_DIRS", "").split(os.pathsep) if place)]
    return [*wheel_folders(), *(folder for folder in others if folder.is_dir())]


def files(places: list[Path] | None = None) -> list[Path]:
    """Return our font files in the order of the search for glyphs; of two copies of a face, the first."""
    found: dict[str, Path] = {}
    for path in _every_file(folders() if places is None else places):
        found.setdefault(_face(path), path)
    return sorted(found.values(), key=lambda path: (_rank(path), _face(path)))


def families(lang: str = "") -> str:
    """Return the CSS `font-family` list; `lang` (BCP 47) selects the shape of Han characters."""
    han = _HAN.get(lang.lower()) or _HAN.get(lang.lower().partition("-")[0], "JP")
    regions = [han, *(region for region in ("JP", "SC", "TC", "HK", "KR") if region != han)]
    names = [TEXT_FACE, "Noto Serif", "Frank Ruhl Libre", "Amiri", "Noto Sans"]
    names += [f"Noto Sans {script}" for script in _SCRIPTS]
    names += [f"Noto Sans CJK {region}" for region in regions[:1]]
    names += ["Noto Sans Symbols", "Noto Emoji"]
    return ", ".join(f'"{name}"' for name in names) + ", serif"


def configuration(cache_folder: Path) -> str:
    """Return the text of `fonts.conf`: only our faces, each once, and `serif`. Makes the static copies it names."""
    copies = {path: _static_copy(path, cache_folder / "faces") for path in files()}
    _numbered_copy(next(path for path in copies if _face(path) == "EBGaramond"), cache_folder / "faces")
    unwanted = [path for path in _every_file(folders()) if copies.get(path) != path]
    places = [*folders(), cache_folder / "faces"]
    lines = ['<?xml version="1.0"?>', "<fontconfig>"]
    lines += [f"  <dir>{escape(str(place))}</dir>" for place in places]
    lines.append(f"  <cachedir>{escape(str(cache_folder / 'fontconfig'))}</cachedir>")
    lines += [f"  <selectfont><rejectfont><glob>{_glob(path)}</glob></rejectfont></selectfont>" for path in unwanted]
    lines.append(f"  <alias><family>serif</family><prefer><family>{TEXT_FACE}</family></prefer></alias>")
    return "\n".join([*lines, "</fontconfig>", ""])


def use(folder: Path | None = None) -> Path:
    """Write `fonts.conf` into `folder` and set `FONTCONFIG_FILE`; returns its path.

    The default is the user's cache, or a private temporary folder if that cannot be written. The first call
    on a machine takes about three seconds, later ones milliseconds.
    """
    target = _prepared(folder or _cache_folder())
    os.environ["FONTCONFIG_FILE"] = str(target)
    return target


def plain_one(font: Any) -> None:
    """Replace EB Garamond's old-style one by its flagged form: most readers take the usual one for an "I".

    No OpenType feature of the face selects that form. Other faces are unchanged.
    """
    for usual, flagged in (("one.osf", "one.01"), ("one.tosf", "one.tosf01")):
        if {usual, flagged} <= set(font.getGlyphOrder()):
            font["glyf"][usual] = font["glyf"][flagged]
            font["hmtx"][usual] = font["hmtx"][flagged]


def digest() -> str:
    """Return a name for all our font files; another one when one of them changes."""
    return _digest(files())


def missing_glyphs(text: str) -> set[str]:
    """Return the characters of `text` without a glyph in our faces."""
    return {character for character in set(text) if not _is_drawn(ord(character)) and not _invisible(character)}


@cache
def _prepared(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "fonts.conf"
    text = configuration(folder)
    if not target.exists() or target.read_text() != text:
        _write(target, text)
    return target


def _write(target: Path, text: str) -> None:
    """Write a whole file or none: other processes may write or read the same one."""
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    Path(temporary).replace(target)


def _static_copy(path: Path, folder: Path) -> Path:
    """Return `path`, or for a variable font a static copy in `folder`; we print one weight.

    WeasyPrint makes a variable font static for every document, which took a second for ten pages of names.
    """
    if "[" not in path.name:  # the usual sign of a variable font; opening all others would take half a second
        return path
    target = folder / f"{_face(path)}-{_digest([path])}.ttf"
    if target.exists():
        return target
    with _open(path) as font:
        axes = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes} if "fvar" in font else {}
        if axes.get("wght") != _REGULAR:
            return path
        _make_static(font, target)
    return target


def _make_static(font: Any, target: Path) -> None:
    """Save a variable font as it is drawn by default."""
    for table in _VARYING & set(font.keys()):
        del font[table]
    plain_one(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        font.save(stream, reorderTables=None)
    Path(temporary).replace(target)


def _numbered_copy(path: Path, folder: Path) -> None:
    """Make NUMBERED_FACE: the text face, whose figures are those of its numerators, all of one width.

    So a name and its number are one run of text, which is set in three fifths of the time that an element of its own
    for the number takes, and is read back as plain digits; superscript characters are not.
    """
    target = folder / f"EBGaramondNumbered-{_digest([path])}.ttf"
    if target.exists():
        return
    with _open(path) as font:
        for code, name in zip(range(ord("0"), ord("9") + 1), _NUMERATORS, strict=True):
            _enlarge(font, name)
            for table in font["cmap"].tables:
                if code in table.cmap:
                    table.cmap[code] = name
        for record in font["name"].names:
            if record.nameID in {1, 3, 4, 6, 16}:
                font["name"].setName(
                    NUMBERED_FACE.replace(" ", "") if record.nameID == 6 else NUMBERED_FACE,
                    record.nameID,
                    record.platformID,
                    record.platEncID,
                    record.langID,
                )
        _make_static(font, target)


def _enlarge(font: Any, name: str) -> None:
    """Draw a numerator larger, as high as capitals, in the middle of the width of all figures."""
    from fontTools.misc.transform import Transform
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    width, scale = font["hmtx"][name][0], NUMBERED_FIGURE * font["head"].unitsPerEm / _NUMERATOR_WIDTH
    advance = round(_NUMERATOR_WIDTH * scale)
    drawn, pen = DecomposingRecordingPen(font.getGlyphSet()), TTGlyphPen(None)
    font.getGlyphSet()[name].draw(drawn)
    moved = Transform(scale, 0, 0, scale, (advance - width * scale) / 2, _NUMERATOR_TOP * (1 - scale))
    drawn.replay(TransformPen(pen, moved))
    font["glyf"][name] = glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = advance, glyph.xMin


def _digest(paths: Iterable[Path]) -> str:
    """A name for what is made of these files; another one when they change."""
    stamps = [(str(path), stamp.st_size, stamp.st_mtime_ns) for path in paths for stamp in [path.stat()]]
    return hashlib.sha256(f"{_COPY_VERSION} {stamps}".encode()).hexdigest()[:12]


def _places(package: str) -> list[str]:
    spec = find_spec(package)
    return list(spec.submodule_search_locations or []) if spec else []


def _every_file(places: list[Path]) -> Iterator[Path]:
    for folder in places:
        yield from sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _face(path: Path) -> str:
    return path.stem.partition("[")[0]


def _rank(path: Path) -> int:
    matches = [(len(start), place) for place, start in enumerate(_ORDER) if path.name.startswith(start)]
    return max(matches)[1] if matches else len(_ORDER)


def _glob(path: Path) -> str:
    return escape(str(path).replace("[", "?").replace("]", "?"))


@cache
def _cache_folder() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "declaration"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="declaration-fonts-"))


def _invisible(character: str) -> bool:
    """Whether no glyph is needed: spaces, controls, and what Unicode lets a font ignore (joiners, soft hyphens …)."""
    ignorable = icu.Char.hasBinaryProperty(character, icu.UProperty.DEFAULT_IGNORABLE_CODE_POINT)
    return bool(ignorable) or unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc"}


def _open(path: Path) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(path, lazy=True, fontNumber=0, recalcTimestamp=False)


def _is_drawn(code: int) -> bool:
    starts, ends = _coverage()
    place = bisect_right(starts, code)
    return place > 0 and code < ends[place - 1]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """The characters of all faces as ranges (first ones, and those after the last ones).

    Opening all font files takes a second or two, so a file keeps what was found.
    """
    paths = files()
    kept = _cache_folder() / f"letters-{_digest(paths)}.txt"
    with suppress(OSError, ValueError):
        starts, ends = ([int(word) for word in line.split()] for line in kept.read_text().splitlines())
        return starts, ends
    codes: set[int] = set()
    for path in paths:
        with _open(path) as font:
            codes.update(font.getBestCmap())
    starts, ends = sorted(c for c in codes if c - 1 not in codes), sorted(c + 1 for c in codes if c + 1 not in codes)
    with suppress(OSError):
        _write(kept, "\n".join(" ".join(map(str, line)) for line in (starts, ends)))
    return starts, ends
