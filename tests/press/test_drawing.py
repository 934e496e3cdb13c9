"""Pictures are drawn anew: nothing but pixels stays, and what would take too much memory is never unpacked."""

import io
import os
import struct
import subprocess
import zlib

import pytest
from PIL import Image, ImageCms

from signatories.press import drawing, drawing_process
from tests.press.pictures import PLACE_OF_A_PHOTOGRAPH, picture, with_exif


@pytest.mark.parametrize(
    ("kind", "mode", "format_"),
    [
        ("JPEG", "RGB", "jpg"), ("JPEG", "L", "jpg"), ("JPEG", "CMYK", "jpg"), ("PNG", "RGB", "png"), ("PNG", "P", "png"),
        ("PNG", "1", "png"), ("PNG", "I;16", "png"), ("PNG", "RGBA", "png"), ("WEBP", "RGB", "jpg"), ("WEBP", "RGBA", "png"),
    ],
)  # fmt: skip
def test_what_is_taken_becomes_a_file_for_print_and_a_small_one(kind: str, mode: str, format_: str) -> None:
    found = picture(kind, mode="RGB")
    if mode == "RGBA":
        out = io.BytesIO()
        Image.new("RGBA", (1600, 900), (200, 30, 20, 128)).save(out, kind)
        found = out.getvalue()
    elif mode == "I;16":
        out = io.BytesIO()
        Image.new("I;16", (1600, 900), 128 * 256).save(out, kind)
        found = out.getvalue()
    elif mode != "RGB":
        found = picture(kind, mode=mode)
    drawn = drawing.draw(found)
    full, small = Image.open(io.BytesIO(drawn.content)), Image.open(io.BytesIO(drawn.small))
    assert (drawn.format, full.format, small.format) == (format_, {"jpg": "JPEG", "png": "PNG"}[format_], "WEBP")
    assert full.size == (drawn.width, drawn.height) == (1600, 900)
    assert small.size == (drawn.small_width, drawn.small_height) == (1200, 675)
    assert full.has_transparency_data is (mode == "RGBA")
    if mode == "I;16":
        assert full.getpixel((5, 5)) == 128


def test_a_small_picture_is_not_made_larger() -> None:
    drawn = drawing.draw(picture(size=(30, 20)))
    assert (drawn.width, drawn.height, drawn.small_width, drawn.small_height) == (30, 20, 30, 20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_places_names_and_comments_are_gone_and_it_stands_upright(kind: str) -> None:
    content = with_exif(kind)
    assert PLACE_OF_A_PHOTOGRAPH in content and b"Secret Person" in content
    drawn = drawing.draw(content)
    assert (drawn.width, drawn.height) == (900, 1600)
    for made in (drawn.content, drawn.small):
        assert not any(told in made for told in (PLACE_OF_A_PHOTOGRAPH, b"Secret Person", b"Exif", b"EXIF"))
        opened = Image.open(io.BytesIO(made))
        assert not opened.getexif() and not {"comment", "xmp", "exif", "icc_profile"} & opened.info.keys()


def test_what_hangs_behind_a_picture_is_gone() -> None:
    drawn = drawing.draw(picture("PNG") + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in drawn.content
    chunk = b"tEXtComment\0<script>alert(1)</script>"
    text = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    content = picture("PNG")
    assert b"script" not in drawing.draw(content[:33] + text + content[33:]).content


def test_colours_of_a_profile_are_kept_without_it() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same, without = drawing.draw(picture("PNG", icc_profile=profile)), drawing.draw(picture("PNG"))
    assert same.content == without.content
    assert drawing.draw(picture("PNG", icc_profile=b"broken")).content == without.content
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert drawing.draw(picture("PNG", icc_profile=lab)).content == without.content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is an SVG."),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><svg/>", "This is an SVG."),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "This is a GIF."),
        (picture("GIF", mode="P"), "This is a GIF."), (b"\0\0\0\x18ftypheic" + b"\0" * 50, "Please save it as JPEG."),
        (picture("TIFF"), "This is no JPEG"), (picture("BMP"), "This is no JPEG"), (b"", "This is no JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "This is no JPEG"), (picture()[:2000], "or it is damaged"),
        (b"%PDF-1.7", "This is no JPEG"), (b"%!PS-Adobe EPSF", "This is no JPEG"), (b"PK\x03\x04", "This is no JPEG"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_told_why(content: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", False)  # WeasyPrint has them loaded in its process
    with pytest.raises(drawing.Unusable, match=why):
        drawing.draw(content)


def says_it_has(width: int, height: int) -> bytes:
    """A small file that says it is very large."""
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    head = b"IHDR" + struct.pack(">II", width, height) + out.getvalue()[24:29]
    return out.getvalue()[:12] + head + struct.pack(">I", zlib.crc32(head)) + out.getvalue()[33:]


@pytest.mark.parametrize(
    "content",
    [
        says_it_has(3001, 2000), says_it_has(6_000_001, 1), says_it_has(10_000, 10_000), says_it_has(20_000, 20_000),
        says_it_has(2**31 - 1, 2**31 - 1), picture("WEBP", (2000, 1501), mode="L"),
        picture("JPEG", (2500, 1601), mode="L", progressive=True), picture("JPEG", (8001, 8000), mode="L"),
    ],
    ids=["wide", "long", "warned", "bomb", "largest", "webp", "progressive", "jpeg"],
)  # fmt: skip
def test_too_many_pixels_are_refused_before_they_are_unpacked(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpacked(*_args: object, **_kwargs: object) -> None:
        pytest.fail("it was unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpacked)
    with pytest.raises(drawing.Unusable, match="megapixels"):
        drawing.draw(content)


def test_what_becomes_too_large_for_the_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_BYTES", 1000)
    with pytest.raises(drawing.Unusable, match="save it as JPEG"):
        drawing.draw(picture("PNG"))


@pytest.mark.parametrize(
    ("size", "drawn"), [((3000, 2000), (3000, 2000)), ((6000, 4000), (3000, 2000)), ((8000, 6000), (2000, 1500))]
)
def test_a_large_jpeg_is_halved_until_it_fits(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    made = drawing.draw(picture("JPEG", size, mode="L"))
    assert (made.width, made.height) == drawn


def test_a_process_of_its_own_draws_the_same_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SECRET_KEY", "not handed on")
    content = with_exif()
    assert drawing_process.drawn_apart(content) == drawing.draw(content)
    with pytest.raises(drawing.Unusable, match="This is an SVG"):
        drawing_process.drawn_apart(b"<svg/>")


def test_the_largest_of_each_sort_is_drawn_within_its_memory() -> None:
    for content in (
        with_exif(size=(3000, 2000)), with_exif("PNG", size=(3000, 2000)), with_exif("WEBP", size=(2000, 1500)),
        picture("JPEG", (2500, 1600), progressive=True, subsampling=0), picture("JPEG", (3000, 2000), "CMYK"),
    ):  # fmt: skip
        drawing_process.drawn_apart(content)


@pytest.mark.parametrize(("limit", "value"), [("_MEMORY", 50 * 1024**2), ("SECONDS", 0.01)])
def test_what_takes_too_much_is_refused(limit: str, value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends, and not the one that waits for it."""
    if limit == "SECONDS":
        monkeypatch.setattr(drawing_process, limit, value)
    else:
        run, less = subprocess.run, f"from signatories.press import drawing_process as d; d._MEMORY = {value}; d.main()"
        monkeypatch.setattr(subprocess, "run", lambda command, **more: run([*command[:2], "-c", less], **more))
    with pytest.raises(drawing.Unusable, match="too much memory or time"):
        drawing_process.drawn_apart(picture("PNG", (3000, 2000)))
