"""Pictures as people send them, and one that is offered to the press."""

import io
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from signatories.desk.pictures import services
from signatories.models import PressPicture
from signatories.models.organizer import Role
from signatories.press import drawing
from tests.people import organizer

PLACE_OF_A_PHOTOGRAPH = b"48.8566"


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 900), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with a gradient, as a file."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def with_exif(kind: str = "JPEG", orientation: int = 6, size: tuple[int, int] = (1600, 900)) -> bytes:
    """A photograph that tells where it was made, by whom and how the camera was held, and has a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Artist] = orientation, "Secret Person"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = PLACE_OF_A_PHOTOGRAPH.decode()
    more: dict[str, Any] = {"comment": b"Secret Person"} if kind == "JPEG" else {}
    return picture(kind, size, exif=exif, xmp=b"<x>Secret Person</x>", **more)


def sent(content: bytes, name: str = "stage.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def filled(**changes: Any) -> dict[str, Any]:
    """A rightly filled form, but for the file."""
    return {
        "kind": "picture", "credit": "Photograph: Ina Holm", "alternative_en": "Ten people on a stage",
        "caption_en": "The first evening", "caption_fr": "La première soirée",
    } | changes  # fmt: skip


def editor() -> AbstractBaseUser:
    """Who offers them."""
    return get_user_model().objects.filter(username="eve").first() or organizer("eve", role=Role.EDITOR)


def offered(content: bytes = b"", **changes: Any) -> PressPicture:
    """A picture on the page for the press."""
    values = {"kind": "picture", "credit": "Ina Holm", "caption": {}, "alternative": {"en": "A stage"}} | changes
    drawn = drawing.draw(content or picture(size=(1600, 900 + PressPicture.objects.count())))
    return services.add(drawn=drawn, values=values, organizer=editor())
