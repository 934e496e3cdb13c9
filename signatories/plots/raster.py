"""PNG from SVG, by resvg. All letters are outlines, so no font is opened."""

import resvg_py

SCALE = 2  # for dense screens and for print


def png(svg: str, scale: float = SCALE) -> bytes:
    """Return the picture as PNG, at so many times its size."""
    return resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, skip_system_fonts=True)
