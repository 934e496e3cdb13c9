"""Draws anew a picture that somebody sent: as the press prints it, and small for the page.

Nothing else of the file stays: no place of a photograph (EXIF), no program hidden behind a picture, and no broken file
reach a reader. Without Django: see drawing_process.py.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

SMALL = (1200, 1200)  # pixels, at most, of the picture on the page
TOO_MUCH = "This picture takes too much memory or time to be drawn. Please save it anew, as a plain JPEG or smaller."
_OPENED = ("JPEG", "PNG", "WEBP")
# Drawing takes 8 bytes a pixel, a progressive JPEG 14, a WebP 16; a web process runs beside it, with 256 MB for both.
_MOST = {"JPEG": 6_000_000, "PNG": 6_000_000, "WEBP": 3_000_000}
_MOST_PROGRESSIVE = 4_000_000
_MOST_REDUCED = 64_000_000  # a JPEG can be unpacked at half its width and height, or at a quarter
MOST_BYTES = 8_000_000  # of the file that we make: a PNG can be larger than the one that came


class Unusable(Exception):
    """The file cannot be used; the message says why, and what to do."""


@dataclass(frozen=True)
class Drawn:
    """A picture for print (`jpg` or `png`) and the small one (WebP), each with its measures in pixels."""

    format: str
    content: bytes
    width: int
    height: int
    small: bytes
    small_width: int
    small_height: int


def draw(content: bytes) -> Drawn:
    """Draw the picture in `content`. Raises Unusable."""
    try:
        with Image.open(io.BytesIO(content), formats=_OPENED) as opened:
            kind = (
                "JPEG" if opened.format == "MPO" else str(opened.format)
            )  # MPO: a JPEG of a phone with another behind
            _check_pixels(opened, kind)
            ImageOps.exif_transpose(opened, in_place=True)
            picture = _in_srgb(opened)
    except Unusable:
        raise
    except MemoryError as error:
        raise Unusable(TOO_MUCH) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable(_too_many("100 or more")) from error
    except Exception as error:  # of any kind: each part of Pillow has its own for a file that is broken
        raise Unusable(_no_picture(content)) from error
    is_jpeg = picture.mode != "RGBA" and kind != "PNG"
    full = _written(picture, "JPEG", quality=92) if is_jpeg else _written(picture, "PNG", compress_level=4)
    if len(full) > MOST_BYTES:
        raise Unusable("Drawn anew, this picture is larger than 8 MB. Please save it as JPEG, or smaller.")
    width, height = picture.size
    picture.thumbnail(SMALL)
    return Drawn("jpg" if is_jpeg else "png", full, width, height, _written(picture, "WEBP", quality=80), *picture.size)


def _check_pixels(picture: Image.Image, kind: str) -> None:
    """Look at the measures before anything is unpacked (decompression bombs); have a larger JPEG unpacked smaller."""
    pixels, is_progressive = picture.width * picture.height, bool(picture.info.get("progressive"))
    if pixels <= (_MOST_PROGRESSIVE if is_progressive else _MOST[kind]):
        return
    if kind != "JPEG" or is_progressive or pixels > _MOST_REDUCED:
        raise Unusable(_too_many(f"{pixels / 1e6:.0f}"))
    times = 2 if pixels <= 4 * _MOST[kind] else 4
    picture.draft(None, (picture.width // times, picture.height // times))


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, in the colours that every screen and program shows alike."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.point(lambda level: level / 256).convert("L")
    profile, wanted = picture.info.get("icc_profile"), "RGB"
    if picture.has_transparency_data:
        wanted = "RGBA"
    elif picture.mode in ("1", "L"):
        wanted = "L"
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            there = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(picture, io.BytesIO(profile), there, outputMode=wanted)
        except (ImageCms.PyCMSError, OSError):
            changed = None  # a profile that is broken, or of other colours
        picture = changed or picture
    picture = picture.convert(wanted)
    picture.info = {}  # comments and profiles would be written again
    return picture


def _written(picture: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _too_many(megapixels: str) -> str:
    return (
        f"This picture has {megapixels} megapixels. At most 6 (3000 × 2000) can be taken, 4 of a progressive JPEG, "
        "3 of a WebP, and 64 of a plain JPEG, which is then halved until it fits. Please save it smaller."
    )


def _no_picture(content: bytes) -> str:
    """Say what it seems to be instead: the name of a file says nothing."""
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start or start.startswith(b"<?xml"):
        return (
            "This is an SVG. A drawing can hold programs and load things from elsewhere, so none is taken. Please save "
            "it as PNG, 2,000 pixels wide or more: then it can be printed."
        )
    if start.startswith(b"gif8"):
        return "This is a GIF. Please save it as PNG or JPEG."
    if start[4:8] == b"ftyp":
        return "This is a picture of a phone (HEIC or AVIF) or a film. Please save it as JPEG."
    return "This is no JPEG, PNG or WebP picture, or it is damaged. What counts is what is in it, not its name."
