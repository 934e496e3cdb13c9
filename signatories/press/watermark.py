"""The mark on a PDF that invited press takes away before the release: for whom it is, on every page."""

import io
from datetime import UTC, datetime

import pikepdf

_FONT = pikepdf.Name("/Watermark")
_SIZE, _LEFT, _BOTTOM = 8, 40, 22  # points


def marked(stored: bytes, *, name: str, account: int, until: datetime) -> bytes:
    """Return the PDF with a line at the foot of every page. Letters that no standard font has become "?"."""
    line = f"Embargo until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC. For {name} (no. {account}) only."
    shown = "".join(f"\\{sign}" if sign in "()\\" else sign for sign in line).encode("cp1252", "replace")
    drawn = b"q BT /Watermark %d Tf 0.65 0.12 0.09 rg %d %d Td (%b) Tj ET Q" % (_SIZE, _LEFT, _BOTTOM, shown)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(stored)) as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        )  # fmt: skip
        for page in pdf.pages:
            page.add_resource(font, pikepdf.Name.Font, _FONT, replace_existing=True)
            page.contents_add(b"q", prepend=True)  # the page may leave its own coordinates behind
            page.contents_add(b"Q " + drawn)
        pdf.save(out)
    return out.getvalue()
