"""What the views of several rooms read from a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatories.http import read_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", " 1", "1 ", "1.0", "1_0", "x", "²", "１", "1\n", "9" * 19, "9" * 5000]
)
def test_anything_else_is_none(text: str) -> None:
    assert read_number(text) is None


@given(st.text(max_size=30))
def test_any_text_is_read(text: str) -> None:
    number = read_number(text)
    assert number is None or 0 <= number < 2**63
