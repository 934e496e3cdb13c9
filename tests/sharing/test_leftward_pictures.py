"""Pictures in Arabic: they begin at the right, and their sentences read as on the page."""

import io
import re

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageChops
from pytest_django import Settings

from declaration import languages, shaping
from signatories.demo import invented_people
from tests.people import text

pytestmark = pytest.mark.django_db
SCALE = 2  # dots a pixel
type Box = tuple[int, int, int, int]


@pytest.fixture(autouse=True)
def in_arabic(settings: Settings) -> None:
    """Forty have signed, most with names that run rightward."""
    settings.LANGUAGES = languages.known()
    text()
    invented_people.signatures(40, until=timezone.now())


def drawn(client: Client, path: str) -> Image.Image:
    answer = client.get(path)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def ink(picture: Image.Image, *, red: bool = False) -> Box:
    """The box of what differs from the paper, or of what is red."""
    if red:
        strong, green, blue = picture.split()
        found = ImageChops.subtract(strong, ImageChops.lighter(green, blue)).point([0] * 60 + [255] * 196)
    else:
        paper = Image.new("RGB", picture.size, picture.getpixel((2, picture.height - 60)))
        found = ImageChops.difference(picture, paper).convert("L").point([0] * 30 + [255] * 226)
    box = found.getbbox()
    assert box
    return box


@pytest.mark.parametrize("kind", ["counter", "names"])
def test_the_number_stands_in_its_sentence_and_lines_begin_at_the_right(client: Client, kind: str) -> None:
    """In the page the verb comes first, at the right; spaces stand around the number."""
    page = client.get(f"/ar/embed/{kind}/").content.decode()
    sentence = re.search(r"(\S+)\s+<strong[^>]*>40</strong>\s+(\S+)", page)
    assert sentence
    before, after = sentence.groups()
    picture = drawn(client, f"/ar/embed/{kind}.png")
    left, top, right, bottom = ink(picture, red=True)
    at_right = ink(picture.crop((right + 1, top, picture.width, bottom)))
    at_left = ink(picture.crop((0, top, left - 1, bottom)))
    assert abs(at_right[2] - at_right[0] - shaping.draw(before, 24 * SCALE).width) < 12
    assert abs(at_left[2] - at_left[0] - shaping.draw(after, 24 * SCALE).width) < 12
    assert at_right[0] >= 8
    assert left - at_left[2] >= 8
    for place in (top - 50, top, picture.height - 60):  # title, sentence, foot
        line = ink(picture.crop((0, place, picture.width, place + 40)))
        assert picture.width - line[2] < 40 * SCALE
        assert line[0] > picture.width / 4


def test_the_moment_of_a_plot_stands_before_what_it_is_told_in(client: Client) -> None:
    """The line below begins with the site at the right, and ends with UTC at the left."""
    page = client.get("/ar/press/plots/countries.svg").content.decode()
    groups = re.findall(r"<g fill=[^>]*>(.*?)</g>", page)
    (u,) = shaping.draw("U", 1).glyphs
    foot = re.findall(r'd="([^"]*)" transform="matrix\(\S+ 0 0 \S+ (\S+) \S+\)"', groups[-1])
    assert foot[0][0] == u.path
    assert max(float(x) for _path, x in foot) > 500
    picture = drawn(client, "/ar/press/plots/countries.png")
    head = ink(picture.crop((0, 20, picture.width, 80)))
    assert picture.width - head[2] < picture.width / 12 < head[0]
