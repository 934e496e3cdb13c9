"""Cards for tests: who has one, and what a picture of one looks like from outside."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from PIL import Image

from signatories.mail import messages
from signatories.models import Card, Embargo, Signature
from signatories.models.embargo import forget_embargo
from tests.people import signed

SIZE = (1200, 630)
# Where nothing but paper is: outside the rules, and between them and the letters.
_PAPER = (
    (0, 0, 1200, 40),
    (0, 590, 1200, 630),
    (0, 0, 40, 630),
    (1160, 0, 1200, 630),
    (0, 52, 60, 586),
    (1140, 52, 1200, 586),
)
type Picture = Callable[[], bytes]


def own(signature: Signature) -> str:
    """The address of somebody's own page for their card."""
    return f"/mine/{messages.own_link(signature, timezone.now().date())}/card/"


def with_card(client: Client, **said: Any) -> Card:
    """Somebody who has signed and made a card."""
    signature = signed(**said)
    answer = client.post(own(signature))
    assert answer.status_code == 303
    return Card.objects.get(signature=signature)


def hide(hours: float = 5) -> None:
    """An embargo, set before the text was published."""
    Embargo.objects.update_or_create(pk=1, defaults={"until": timezone.now() + timedelta(hours=hours)})
    forget_embargo()


def looked_at(png: bytes) -> Image.Image:
    """The picture, once it is known to be whole, of the right size, and with no ink beyond its frame."""
    picture = Image.open(io.BytesIO(png))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", SIZE)
    plain = picture.convert("RGB")
    paper = plain.getpixel((1, 1))
    for place in _PAPER:
        assert plain.crop(place).getcolors(1) == [((place[2] - place[0]) * (place[3] - place[1]), paper)], place
    assert len(plain.getcolors(2**20) or []) > 3  # something is drawn
    return plain
