"""Signs that a name cannot have, because the list cannot print them: emoji, and what no face of ours draws. Pure."""

import re

import icu

from declaration import fonts

# Letters and signs of the most usual scripts. None is an emoji and our faces draw all (a test holds it), so that a
# usual name needs no look at the font files, which takes two seconds once in a process.
_COMMON = re.compile(
    "[ -~\u00a0-\u024f\u0300-\u0377\u0384-\u03e1\u0400-\u052f\u05b0-\u05ea\u0620-\u0652\u0671-\u06d3\u0900-\u097f"
    "\u0e01-\u0e5b\u1e00-\u1eff\u2010-\u2027\u3041-\u30ff\u4e00-\u9fa5\uac00-\ud7a3]*"
)
# A sign that becomes an emoji by the variation selector after it; not ©, ®, ‼ and ™, which keyboards write so, too.
_MADE_EMOJI = re.compile("[\u2190-\U0010ffff]\ufe0f|[0-9#*]\ufe0f?\u20e3")


def first_emoji(text: str) -> str:
    """The first emoji of a text as typed, with its variation selector; empty if there is none."""
    if _COMMON.fullmatch(text):
        return ""
    made = _MADE_EMOJI.search(text)
    if made:
        return made[0]
    return next((c for c in text if icu.Char.hasBinaryProperty(c, icu.UProperty.EMOJI_PRESENTATION)), "")


def first_undrawn(text: str) -> str:
    """The first character without a glyph in our faces; empty if there is none."""
    if _COMMON.fullmatch(text):
        return ""
    missing = fonts.missing_glyphs(text)
    return next((c for c in text if c in missing), "")
