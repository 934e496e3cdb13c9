"""The mark on a PDF that invited press takes away before the release: for whom it is, on every page.

It is drawn once as outlines, in the faces of the editions, so that a name of any script is seen as it is written: small
at the foot, and large and pale behind the names, where no crop of them loses it. The same words lie invisibly below the
foot, so that they can be searched for.
"""

import io
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pikepdf
from django.utils.formats import date_format
from django.utils.translation import gettext
from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path import parse_path

from declaration import shaping

_FOOT, _BEHIND = pikepdf.Name("/Watermark"), pikepdf.Name("/WatermarkBehind")
_SIZE, _LEFT, _BOTTOM = 8, 40, 22  # points
_MARGINS = 2 * _LEFT
_RED, _PALE = b"0.65 0.12 0.09 rg", b"0.95 0.83 0.8 rg"
# Behind the names: the size of the letters, the angle of the lines, the distance between them, and between two marks.
_LARGE, _ANGLE, _APART, _GAP = 20, math.radians(32), 92, 44

type _Point = tuple[float, float]


def marked(stored: bytes, *, name: str, account: int, until: datetime) -> bytes:
    """Return the PDF with the mark on every page, in the active language."""
    moment = date_format(until.astimezone(UTC), "DATETIME_FORMAT")
    words = gettext("Embargo until %(moment)s UTC. For %(name)s (no. %(account)s) only.")
    line = words % {"moment": moment, "name": name, "account": account}
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(stored)) as pdf:
        width, height = (max(float(page.mediabox[side]) for page in pdf.pages) for side in (2, 3))
        drawn = shaping.draw(line, _SIZE)
        outlines = _outlines(pdf, drawn)
        foot = _foot(pdf, line, drawn, outlines, width - _MARGINS)
        behind = _behind(pdf, drawn, outlines, width, height)
        for page in pdf.pages:
            page.add_resource(foot, pikepdf.Name.XObject, _FOOT, replace_existing=True)
            page.add_resource(behind, pikepdf.Name.XObject, _BEHIND, replace_existing=True)
            # The page may leave its own coordinates behind.
            page.contents_add(b"/Artifact BMC /WatermarkBehind Do EMC q", prepend=True)
            page.contents_add(b"Q q 1 0 0 1 %d %d cm /Artifact BMC /Watermark Do EMC Q" % (_LEFT, _BOTTOM))
        pdf.save(out)
    return out.getvalue()


def _outlines(pdf: pikepdf.Pdf, drawn: shaping.Line) -> pikepdf.Object:
    """Return the letters of the line as a form; whoever uses it tells the colour."""
    content = b"\n".join(_outline(glyph) for glyph in drawn.glyphs)
    return _form(pdf, content, [-_SIZE, -_SIZE, math.ceil(drawn.width) + _SIZE, 2 * _SIZE])


def _foot(pdf: pikepdf.Pdf, line: str, drawn: shaping.Line, outlines: pikepdf.Object, room: float) -> pikepdf.Object:
    """Return the line at the foot, at most `room` points wide, where lines of its language begin."""
    scale = min(1.0, room / drawn.width)
    left = room - drawn.width * scale if shaping.is_leftward(line) else 0
    latin = re.sub(rb"([()\\])", rb"\\\1", line.encode("cp1252", "replace"))
    actual = (b"\xfe\xff" + line.encode("utf-16-be")).hex().encode()
    words = b"/Span <</ActualText <%b>>> BDC BT /Plain %d Tf 3 Tr (%b) Tj ET EMC" % (actual, _SIZE, latin)
    content = b"%.4f 0 0 %.4f %.2f 0 cm %b %b /Outlines Do" % (scale, scale, left, words, _RED)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    form = _form(pdf, content, [-_SIZE, -_SIZE, int(room) + _SIZE, 2 * _SIZE], outlines)
    form.Resources.Font = pikepdf.Dictionary(Plain=font)
    return form


def _behind(
    pdf: pikepdf.Pdf, drawn: shaping.Line, outlines: pikepdf.Object, width: float, height: float
) -> pikepdf.Object:
    """Return the line again and again, rising over the whole page, each one shifted against the one below."""
    scale = _LARGE / _SIZE
    across, along = scale * math.cos(_ANGLE), scale * math.sin(_ANGLE)
    turned = b"%.4f %.4f %.4f %.4f" % (across, along, -along, across)
    marks = (
        b"q %b %.1f %.1f cm /Outlines Do Q" % (turned, x, y)
        for x, y in _starts(drawn.width * scale + _GAP, width, height)
    )
    return _form(pdf, _PALE + b" " + b"\n".join(marks), [0, 0, math.ceil(width), math.ceil(height)], outlines)


def _starts(length: float, width: float, height: float) -> Iterator[_Point]:
    """Yield where marks of this length begin, so that they cover a page."""
    sine, cosine = math.sin(_ANGLE), math.cos(_ANGLE)
    for row in range(math.ceil((width * sine + height * cosine) / _APART) + 1):
        up, along = row * _APART - width * sine, -(row * 0.38 % 1) * length
        while along < width * cosine + height * sine:
            yield along * cosine - up * sine, along * sine + up * cosine
            along += length


def _form(pdf: pikepdf.Pdf, content: bytes, box: list[int], outlines: pikepdf.Object | None = None) -> pikepdf.Object:
    inside = pikepdf.Dictionary() if outlines is None else pikepdf.Dictionary(Outlines=outlines)
    return pdf.make_stream(
        content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=pikepdf.Array(box),
        Resources=pikepdf.Dictionary(XObject=inside),
    )  # fmt: skip


def _outline(glyph: shaping.Glyph) -> bytes:
    place = b"%.5f 0 0 %.5f %.2f %.2f" % (glyph.scale, glyph.scale, glyph.x, -glyph.y)
    pen = _PdfPen()
    parse_path(glyph.path, pen)
    return b"q %b cm %b f Q" % (place, b" ".join(pen.operators))


class _PdfPen(BasePen):  # type: ignore[misc]  # fontTools brings no types
    """Writes a path as operators of PDF. BasePen makes quadratic curves cubic, the only ones that PDF has."""

    def __init__(self) -> None:
        super().__init__()
        self.operators: list[bytes] = []

    def _moveTo(self, pt: _Point) -> None:
        self._write(b"m", pt)

    def _lineTo(self, pt: _Point) -> None:
        self._write(b"l", pt)

    def _curveToOne(self, pt1: _Point, pt2: _Point, pt3: _Point) -> None:
        self._write(b"c", pt1, pt2, pt3)

    def _closePath(self) -> None:
        self._write(b"h")

    def _write(self, operator: bytes, *points: _Point) -> None:
        self.operators.append(b" ".join([*(b"%.1f %.1f" % point for point in points), operator]))
