"""The mark on a PDF that invited press takes away before the release: for whom it is, on every page.

It is drawn once as outlines, in the faces of the editions, so that a name of any script is seen as it is written. The
same words lie invisibly below it, so that they can be searched for.
"""

import io
import re
from datetime import UTC, datetime

import pikepdf
from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path import parse_path

from declaration import shaping

_NAME = pikepdf.Name("/Watermark")
_SIZE, _LEFT, _BOTTOM = 8, 40, 22  # points
_MARGINS = 2 * _LEFT

type _Point = tuple[float, float]


def marked(stored: bytes, *, name: str, account: int, until: datetime) -> bytes:
    """Return the PDF with a line at the foot of every page."""
    line = f"Embargo until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC. For {name} (no. {account}) only."
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(stored)) as pdf:
        width = max(float(page.mediabox[2]) for page in pdf.pages)
        mark = _mark(pdf, line, width - _MARGINS)
        for page in pdf.pages:
            page.add_resource(mark, pikepdf.Name.XObject, _NAME, replace_existing=True)
            page.contents_add(b"q", prepend=True)  # the page may leave its own coordinates behind
            page.contents_add(b"Q q 1 0 0 1 %d %d cm /Artifact BMC /Watermark Do EMC Q" % (_LEFT, _BOTTOM))
        pdf.save(out)
    return out.getvalue()


def _mark(pdf: pikepdf.Pdf, line: str, room: float) -> pikepdf.Object:
    """Draw the line, at most `room` points wide, as a form that all pages share."""
    drawn = shaping.draw(line, _SIZE)
    scale = min(1.0, room / drawn.width)
    outlines = b"\n".join(_outline(glyph) for glyph in drawn.glyphs)
    latin = re.sub(rb"([()\\])", rb"\\\1", line.encode("cp1252", "replace"))
    actual = (b"\xfe\xff" + line.encode("utf-16-be")).hex().encode()
    words = b"/Span <</ActualText <%b>>> BDC BT /Plain %d Tf 3 Tr (%b) Tj ET EMC" % (actual, _SIZE, latin)
    content = b"%.4f 0 0 %.4f 0 0 cm %b 0.65 0.12 0.09 rg\n%b" % (scale, scale, words, outlines)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    return pdf.make_stream(
        content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form,
        BBox=pikepdf.Array([-_SIZE, -_SIZE, int(room) + _SIZE, 2 * _SIZE]),
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(Plain=font)),
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
