"""Two names in one mailbox: one person, two people, or a question to ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatories.identity.same_person import Likeness, likeness

SAME, SIMILAR, DIFFERENT = Likeness.SAME, Likeness.SIMILAR, Likeness.DIFFERENT
# Given names that are two people's, however long the surname is that they share.
PAIRS = [
    ("Nils", "Inga"), ("Otto", "Ada"), ("Corisande", "Delphin"), ("Ann", "Bram"), ("Jonas", "Tomas"), ("Lena", "Nele"),
    ("Sven Ole", "Kari Ann"), ("Яна", "Олег"), ("Leïla", "Karim"), ("Björn", "Astrid"),
]  # fmt: skip
SURNAMES = ["Fen", "Ashgrove", "Featherstonehaugh", "Quillfeather-Moonwright", "van der Ostgaardsen"]
# One letter apart: a typing error, or two people.
NEAR = [("Paul", "Paula"), ("Martin", "Martina"), ("Petra", "Petre"), ("Jon", "Jan"), ("Aveline", "Avelinne")]


@pytest.mark.parametrize("surname", SURNAMES)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_common_surname_makes_nobody_one_person(one: str, other: str, surname: str) -> None:
    assert likeness(f"{one} {surname}", f"{other} {surname}") is DIFFERENT
    assert likeness(f"{surname}, {one}", f"{other} {surname}") is DIFFERENT


@pytest.mark.parametrize("surname", SURNAMES)
@pytest.mark.parametrize(("one", "other"), NEAR)
def test_one_letter_is_a_question(one: str, other: str, surname: str) -> None:
    assert likeness(f"{one} {surname}", f"{other} {surname}") is SIMILAR


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Ann Vale", "Ann Vale-Marsh", SAME), ("A. Vale", "Ann Vale", SAME), ("Vale, Ann", "Ann Vale", SAME),
        ("Ann", "Ann Vale", SAME), ("Dr. Ann Vale", "Ann Vale", SAME), ("ANN VALE", "ann vale", SAME),
        ("Mary Ann Vale", "Maryann Vale", SAME), ("Zoë Ørn", "Zoe Orn", SAME), ("Ann B. Vale", "Ann Vale", SAME),
        ("Petra Gildenstern", "Petra Gildenstren", SIMILAR), ("Ann Vale", "Anne Vale", SIMILAR),
        ("Avelinne Ashgrove", "Aveline Ashgrove", SIMILAR), ("Яна Барвинок", "Yana Barvinok", SAME),
        ("Ann Vale", "Bram Bellweather", DIFFERENT), ("Ann Vale", "Ann Marsh", DIFFERENT),
        ("星野原花音", "水無瀬風太郎", DIFFERENT), ("", "Ann Vale", DIFFERENT), ("Bo Li", "Bo Lu", SIMILAR),
        ("A. Vale", "B. Vale", DIFFERENT), ("Ann Vale", "Vale Ann Inga", SAME),
    ],
)  # fmt: skip
def test_spellings(name: str, other: str, expected: Likeness) -> None:
    assert likeness(name, other) is expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_it_matters_not_which_comes_first(name: str, other: str) -> None:
    assert likeness(name, other) == likeness(other, name)
    assert likeness(name, name) is SAME or not name.strip()
