"""Cuts the web face out of the EB Garamond wheel: `python -m scripts.subset_fonts`.

Writes `static/fonts/*.woff2` and the block of @font-face rules in `static/style.css`. A browser loads a file only if
the page holds one of its characters. The far letters are families of their own, so that the first page, which shows
whoever signed last, can do without them and keep to its 100 KB whatever their names.
"""

import logging
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from declaration.fonts import plain_one

STATIC = Path(__file__).resolve().parent.parent / "static"
BEGIN, END = "/* fonts: written by scripts/subset_fonts.py */\n", "/* end of fonts */\n"
# Kerning, ligatures, both kinds of figures, and what puts marks on their letters.
FEATURES = ["kern", "liga", "onum", "lnum", "pnum", "tnum", "mark", "mkmk", "ccmp", "locl"]

# Ranges of code points in hexadecimal, as CSS writes them; no character stands in two of one style.
LATIN = (
    "20-7E, A0-FF, 131, 152-153, 178, 2BC, 2C6, 2DA, 2DC, 2010-2014, 2018-201E, 2020-2022, 2026, 2032-2033, "
    "2039-203A, 20AC, 2116, 2190, 2192, 2212"
)
EUROPEAN = "100-101, 104-10F, 112-127, 12A-130, 132-151, 154-167, 16A-177, 179-17F, 218-21B, 1E9E"
VIETNAMESE = "102-103, 110-111, 128-129, 168-169, 1A0-1A1, 1AF-1B0, 1EA0-1EF9"
# Pinyin, African and Indian Latin, the marks that stand alone.
RARE = (
    "181, 186, 189-18A, 18E, 190, 193-194, 198-199, 19D, 1B3-1B4, 1CD-1DC, 1E2-1ED, 1F4-1F5, 1F8-1F9, 1FC-1FF, "
    "21E-21F, 226-233, 253-257, 259, 25B, 260, 263, 272, 2BB, 2BD-2BF, 300-304, 306-30C, 323, 328, 1E0C-1E0F, "
    "1E20-1E21, 1E24-1E25, 1E2A-1E2B, 1E30-1E37, 1E3E-1E49, 1E54-1E57, 1E5A-1E63, 1E6A-1E6F, 1E80-1E85, "
    "1E8C-1E8F, 1E92-1E97"
)
CYRILLIC = "401-404, 406-40B, 40E-44F, 451-454, 456-45B, 45E-45F, 490-491, 4AE-4AF, 4D8-4D9, 4E8-4E9"
GREEK = "37E, 384-38A, 38C, 38E-3A1, 3A3-3CE"
PLAIN = "20-7E, A0, AB, B7, BB, C0-FF, 152-153, 2010-2014, 2018-201A, 201C-201E, 2026"

# A family that has an italic takes no upright letter into italic text: so the far italic stands alone.
NEAR, FAR, FAR_ITALIC = "EB Garamond", "EB Garamond Far", "EB Garamond Far Italic"


class Cut(NamedTuple):
    """One file: its name, the face and weight it is cut from, the characters it holds, the family it belongs to."""

    name: str
    style: str
    weight: int
    ranges: str
    family: str = NEAR


CUTS = [
    Cut("latin", "normal", 400, LATIN),
    Cut("european", "normal", 400, EUROPEAN),
    Cut("vietnamese", "normal", 400, VIETNAMESE),
    Cut("rare", "normal", 400, RARE, FAR),
    Cut("cyrillic", "normal", 400, CYRILLIC, FAR),
    Cut("greek", "normal", 400, GREEK, FAR),
    Cut("italic", "italic", 400, PLAIN),
    Cut("italic-european", "italic", 400, f"{EUROPEAN}, {VIETNAMESE}", FAR_ITALIC),
    Cut("semibold", "normal", 600, PLAIN),
]


def main() -> None:
    """Write every file and the rules that name them."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    rules = []
    for cut in CUTS:
        size = write(cut)
        rules.append(rule(cut))
        sys.stdout.write(f"{cut.name:16} {size:6,} bytes\n")
    style = STATIC / "style.css"
    before, _begin, rest = style.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    style.write_text(f"{before}{BEGIN}{''.join(rules)}{END}{after}")


def write(cut: Cut) -> int:
    """Cut one file; returns its size in bytes."""
    face = "EBGaramond-Italic[wght].ttf" if cut.style == "italic" else "EBGaramond[wght].ttf"
    font = instantiateVariableFont(TTFont(source() / face, recalcTimestamp=False), {"wght": cut.weight})
    options = Options(layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14])
    plain_one(font)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points(cut.ranges))
    subsetter.subset(font)
    font.flavor = "woff2"
    packed = BytesIO()
    font.save(packed)
    file = STATIC / "fonts" / f"garamond-{cut.name}.woff2"
    file.write_bytes(packed.getvalue())
    return file.stat().st_size


def source() -> Path:
    """The folder of the wheel's font files."""
    spec = find_spec("fontpkg_eb_garamond")
    if spec is None or spec.origin is None:
        raise SystemExit("The wheel fontpkg-eb-garamond is not installed.")
    return Path(spec.origin).parent / "files"


def code_points(ranges: str) -> set[int]:
    """The code points of a list of ranges."""
    found: set[int] = set()
    for part in ranges.split(","):
        first, _dash, last = part.strip().partition("-")
        found |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


def rule(cut: Cut) -> str:
    """The @font-face rule of one file."""
    ranges = ", ".join(f"U+{part.strip()}" for part in cut.ranges.split(","))
    return (
        f'@font-face {{ font-family: "{cut.family}"; font-style: {cut.style}; font-weight: {cut.weight};\n'
        f'  font-display: swap; src: url("fonts/garamond-{cut.name}.woff2") format("woff2");\n'
        f"  unicode-range: {ranges}; }}\n"
    )


if __name__ == "__main__":
    main()
