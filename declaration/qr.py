"""QR codes of addresses, dark on white, so that they can be read on any ground."""

import io

import segno

_QUIET = 4  # modules of white around a code (ISO/IEC 18004)


def file(address: str) -> bytes:
    """Return a code as a file (SVG)."""
    out = io.BytesIO()
    _code(address).save(out, kind="svg", scale=10, border=_QUIET, light="#fff", title=address)
    return out.getvalue()


def inline(address: str) -> str:
    """Return a code as an element of a page; it has no size of its own."""
    return _code(address).svg_inline(border=_QUIET, light="#fff", omitsize=True, title=address)


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)
