"""Cards: pictures of the size that is shown beside a link, set like a title page; with a name, or with the number."""

import hashlib
import hmac
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache

from signatories.plots.raster import png
from signatories.sharing.fitting import Box, fit
from signatories.sharing.pictures import THEMES, Picture

WIDTH, HEIGHT = 1200, 630  # px, as the Open Graph protocol's readers ask for
SIDE = 88  # free of letters at each side
KEPT_SECONDS = 60  # in the cache; what nobody asks for again is not worth the room
WAIT_SECONDS = 0.5  # for another card that is being drawn
_DRAWN = 1  # to be raised when the same words are drawn otherwise
_FRAME, _TOP, _BOTTOM = 40, 70, 510  # the rules at head and foot, and the room between them
_ADDRESS = 558  # the baseline of the foot
_WIDEST = 2.4  # how far the gaps between rows grow where there is room
_drawing = threading.Lock()
_here = threading.BoundedSemaphore(2)  # one draws and one waits: the threads of a process have better to do
MOST_PAGES = 100  # whose pictures a process keeps: some 6 MB
_pages: OrderedDict[str, tuple[float, bytes]] = OrderedDict()  # by key: when it was drawn, and the picture


class Busy(Exception):
    """Another card is being drawn for too long; this one was not."""


class Row(NamedTuple):
    """Words of a card: how they may be set, in which colour of the theme, and the distance to the words above."""

    words: str
    box: Box
    colour: str = "ink"
    gap: float = 0


class Card(NamedTuple):
    """What stands on a card."""

    rows: tuple[Row, ...]
    address: str


def _box(height: float, *sizes: int, italic: bool = False) -> Box:
    return Box(WIDTH - 2 * SIDE, height, sizes, italic=italic)


_LARGE = _box(182, 124, 108, 94, 82, 71, 62, 54, 47, 41, 36, 32, 28)
_BESIDE = _box(56, 42, 37, 33, 29, 25, 22, italic=True)
_ACT = _box(46, 44, 38, 33, 28, 22, italic=True)
_TITLE = _box(100, 60, 54, 48, 43, 38, 34, 30, 26)
_NUMBER = _box(120, 88, 76, 66, 57, 49, 42, 36, 30)


def with_name(*, name: str, beside: str, signed: str, title: str, address: str) -> Card:
    """Return the card of a signer: the name, what stands beside it, that it has signed, and what."""
    rows = (
        Row(name, _LARGE),
        Row(beside, _BESIDE, "faint", 14),
        Row(signed, _ACT, "red", 26),
        Row(title, _TITLE, gap=16),
    )
    return Card(rows, address)


def with_number(*, title: str, number: str, brought_by: str, address: str) -> Card:
    """Return the card of a page: the title, how many have signed ("" if that is not shown), and who brings it."""
    rows = (Row(title, _LARGE), Row(brought_by, _BESIDE, "faint", 14), Row(number, _NUMBER, "red", 40))
    return Card(rows, address)


def svg(card: Card, theme: str) -> str:
    """Draw a card: its rows one below the other, in the middle between head and foot."""
    picture = Picture(THEMES[theme], WIDTH)
    picture.rule(_FRAME, side=_FRAME, thickness=4)
    picture.rule(_FRAME + 8, side=_FRAME)
    picture.rule(HEIGHT - _FRAME - 2, side=_FRAME, thickness=2)
    blocks = [(row, fit(row.words, row.box)) for row in card.rows if row.words.strip()]
    free = _BOTTOM - _TOP - sum(block.height for _row, block in blocks)
    gaps = sum(row.gap for row, _block in blocks[1:])
    stretch = min(_WIDEST, free / (2 * gaps)) if free > 2 * gaps > 0 else 1.0
    y = _TOP + (free - stretch * gaps) / 2
    for place, (row, block) in enumerate(blocks):
        y += stretch * row.gap if place else 0
        for line, baseline in block.lines:
            colour = getattr(picture.theme, row.colour)
            picture.centred(line, y + baseline, block.size, colour, italic=row.box.italic)
        y += block.height
    foot = fit(card.address, _box(34, 26, 22, 18, 14))
    for line, _baseline in foot.lines:
        picture.centred(line, _ADDRESS, foot.size, picture.theme.faint)
    return picture.svg(HEIGHT, card.rows[0].words, ". ".join(row.words for row in card.rows if row.words))


def etag(card: Card, theme: str) -> str:
    """Return a name for the picture that tells nothing of what stands on it."""
    said = json.dumps([_DRAWN, theme, [row.words for row in card.rows], card.address])
    return hmac.digest(settings.SECRET_KEY.encode(), b"card\0" + said.encode(), hashlib.sha256).hex()[:32]


def picture(card: Card, theme: str) -> bytes:
    """Return a card as PNG, drawn anew unless it was just now. One is drawn at a time. Raises Busy."""
    key = f"card:{etag(card, theme)}"
    if found := cache.get(key):
        return bytes(found)
    with alone():
        if found := cache.get(key):
            return bytes(found)
        made = png(svg(card, theme), scale=1)
        cache.set(key, made, KEPT_SECONDS)
    return made


def of_page(key: str, card: Callable[[], Card]) -> bytes:
    """Return the picture of a page as PNG, at most KEPT_SECONDS old. Raises Busy.

    It is kept in this process and not in Redis: strangers can ask for each page in each language, and that room is for
    limits and pages. While another one is drawn, the last one of this page stands in.
    """
    drawn_at, kept = _pages.get(key, (float("-inf"), b""))
    if time.monotonic() - drawn_at < KEPT_SECONDS:
        return kept
    try:
        with alone():
            made = png(svg(card(), "light"), scale=1)
    except Busy:
        if kept:
            return kept
        raise
    _pages[key] = time.monotonic(), made
    _pages.move_to_end(key)
    while len(_pages) > MOST_PAGES:
        _pages.popitem(last=False)
    return made


def forget_pages() -> None:
    """Draw the pictures of pages anew at the next question, as a process that has just started does."""
    _pages.clear()


@contextmanager
def alone() -> Iterator[None]:
    """Draw while nobody else does; one more may wait a little. Raises Busy."""
    if not _here.acquire(blocking=False):
        raise Busy
    try:
        if not _drawing.acquire(timeout=WAIT_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _drawing.release()
    finally:
        _here.release()
