"""Capability links: bound to purpose, row and nonce; nothing else opens, and none tells how many rows there are."""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as settings_of_django
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatories.identity import links
from signatories.identity.links import Purpose

NONCE = b"0123456789abcdef"


def test_a_link_proves_its_row() -> None:
    """T6."""
    link = links.make(Purpose.CONFIRM, 7, NONCE)
    assert links.row_of(link, Purpose.CONFIRM) == 7
    assert links.proves(link, Purpose.CONFIRM, 7, NONCE)
    assert len(link.partition(".")[2]) * 6 >= 128


@pytest.mark.parametrize(
    ("purpose", "row", "nonce"),
    [(Purpose.STOP, 7, NONCE), (Purpose.CONFIRM, 8, NONCE), (Purpose.CONFIRM, 7, b"another-nonce-xx")],
)
def test_and_nothing_else(purpose: Purpose, row: int, nonce: bytes) -> None:
    assert not links.proves(links.make(Purpose.CONFIRM, 7, NONCE), purpose, row, nonce)


def test_cut_upper_cased_and_longer_links_fail() -> None:
    link = links.make(Purpose.CONFIRM, 7, NONCE)
    for wrong in (
        link[:-1],
        link.upper() if link.upper() != link else link.lower(),
        link + "A",
        "0" + link,
        link + "\n",
    ):
        assert not links.proves(wrong, Purpose.CONFIRM, 7, NONCE)


def test_old_keys_still_verify(settings: Settings) -> None:
    link = links.make(Purpose.CONFIRM, 7, NONCE)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key"
    assert not links.proves(link, Purpose.CONFIRM, 7, NONCE)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert links.proves(link, Purpose.CONFIRM, 7, NONCE)


def before(purpose: Purpose, row: int, made_on: date | None = None) -> str:
    """A link as it was made before ids were hidden."""
    day = made_on.toordinal() if made_on else None
    dated = [] if day is None else [str(day).encode()]
    message = b"\0".join((b"link", purpose.encode(), str(row).encode(), NONCE, *dated))
    mac = hmac.digest(settings_of_django.SECRET_KEY.encode(), message, hashlib.sha256)[:24]
    return f"{row if day is None else f'{row}-{day:06}'}.{base64.urlsafe_b64encode(mac).decode()}"


@given(st.integers(min_value=0, max_value=2**63 - 2))
def test_links_do_not_count_the_rows(row: int) -> None:
    one, other = (links.make(Purpose.CONFIRM, each, NONCE).partition(".")[0] for each in (row, row + 1))
    assert len(one) == len(other) == 22
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 12
    assert links.row_of(f"{one}.{'A' * 32}", Purpose.CONFIRM) == row


def test_no_link_explains_another() -> None:
    """Links of one row for different purposes begin differently: a pair of id and head opens no other table."""
    heads = {purpose: links.make(purpose, 7, NONCE).partition(".")[0] for purpose in Purpose}
    assert len(set(heads.values())) == len(Purpose)
    for purpose, head in heads.items():
        read = [links.row_of(f"{head}.{'A' * 32}", each) for each in Purpose]
        assert read == [7 if each is purpose else None for each in Purpose]


@pytest.mark.parametrize("text", ["", "7", "A" * 21, "A" * 23, "é" * 22, "7" * 22])
def test_what_hides_no_id_is_none(text: str) -> None:
    assert links.found(Purpose.JOIN, text) is None
    assert links.found(Purpose.JOIN, links.hidden(Purpose.JOIN, 7)) == 7


@pytest.mark.parametrize("made_on", [None, date(2026, 11, 25)])
def test_links_that_were_mailed_with_the_bare_id_stay_valid(made_on: date | None) -> None:
    link = before(Purpose.MINE, 7, made_on)
    assert link.startswith("7")
    assert links.row_of(link, Purpose.MINE) == 7
    assert links.made_on(link) == made_on
    assert links.proves(link, Purpose.MINE, 7, NONCE)
    assert not links.proves(link, Purpose.MINE, 8, NONCE)


def test_after_a_change_of_the_key_the_row_is_still_found(settings: Settings) -> None:
    link = links.make(Purpose.MINE, 7, NONCE)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key"
    assert links.row_of(link, Purpose.MINE) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert links.row_of(link, Purpose.MINE) == 7


def test_a_hidden_id_has_one_spelling() -> None:
    link = links.make(Purpose.CONFIRM, 7, NONCE)
    head, _dot, mac = link.partition(".")
    others = [head[:-1] + c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if head[:-1] + c != head]
    assert not any(links.proves(f"{other}.{mac}", Purpose.CONFIRM, 7, NONCE) for other in others)
    assert links.row_of(f"{'1' * 22}.{mac}", Purpose.CONFIRM) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    row = links.row_of(text, Purpose.CONFIRM)
    assert row is None or 0 <= row < 2**63


@given(st.integers(min_value=1, max_value=2**63 - 1), st.binary(min_size=16, max_size=16))
def test_codes_survive_the_way_people_type_them(row: int, nonce: bytes) -> None:
    code = links.make_code(row, nonce)
    assert len(code) == links.CODE_LENGTH
    for typed in (
        code,
        code.lower(),
        f" {code[:4]} {code[4:]} ",
        f"{code[:4]}-{code[4:]}",
        code.replace("0", "o").replace("1", "l"),
    ):
        assert links.same_code(links.read_code(typed), row, nonce)


@pytest.mark.parametrize("row", ["１", "١", "१"])
def test_digits_of_other_scripts_are_no_link(row: str) -> None:
    link = row + before(Purpose.CONFIRM, 1)[1:]
    assert links.row_of(link, Purpose.CONFIRM) is None
    assert not links.proves(link, Purpose.CONFIRM, 1, NONCE)


NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("purpose", "setting"),
    [(Purpose.CONFIRM, "LINK_DAYS"), (Purpose.CODE, "LINK_DAYS"), (Purpose.UNDO, "UNDO_DAYS")],
)
def test_a_link_lives_as_long_as_the_settings_say_at_the_moment(
    settings: Settings, purpose: Purpose, setting: str
) -> None:
    for days in (3, 5):
        setattr(settings, setting, days)
        assert purpose.lifetime == timedelta(days=days)
        assert not links.is_expired(purpose, NOW - timedelta(days=days), NOW)
        assert links.is_expired(purpose, NOW - timedelta(days=days) - SECOND, NOW)


def test_the_day_in_a_link_to_the_own_page_counts_whole(settings: Settings) -> None:
    settings.OWN_PAGE_DAYS = 3
    link = links.make(Purpose.MINE, 7, NONCE, date(2026, 11, 25))
    evening = NOW.replace(hour=23, minute=59, second=59)
    assert not links.is_expired(Purpose.MINE, links.made_on(link), evening)
    assert links.is_expired(Purpose.MINE, links.made_on(link), evening + SECOND)
    undated = links.make(Purpose.MINE, 7, NONCE)
    assert links.is_expired(Purpose.MINE, links.made_on(undated), NOW)


def test_a_link_that_stops_mails_lives_as_long_as_its_row() -> None:
    assert not links.is_expired(Purpose.STOP, datetime(2000, 1, 1, tzinfo=UTC), NOW)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_link_to_somebodys_data_ends(purpose: Purpose) -> None:
    """The links that stop mails, and news, show no data and change no signature: they last as long as their row.

    That of a member shows a group's name, which is public, and works once.
    """
    if purpose in (Purpose.STOP, Purpose.NEWS, Purpose.JOIN):
        assert not links.is_expired(purpose, NOW - timedelta(days=400), NOW)
        return
    assert purpose.lifetime <= timedelta(days=31)
    assert links.is_expired(purpose, NOW - timedelta(days=32), NOW)
    assert links.is_expired(purpose, None, NOW)
