"""Words are found in whatever way a letter with a mark is written, both ways."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatories.identity import names
from signatories.identity.spellings import MOST_WHOLE, is_one_name, sought, whole_names, written


def finds(typed: str, name: str) -> bool:
    key = f" {names.keys(name=name).search_key} "
    return all(any(part in key for part in parts) for parts in sought(typed))


SAME = [
    ("mueller", "Müller", "MUELLER"), ("soerby", "Sørby", "Sörby"), ("aangstrom", "Ångström"), ("Ångström", "Aangstroem", "Aangström"),
    ("aangstroem", "Ångström"), ("Strass", "Straß", "strass"), ("Kjaer", "Kjær", "Kjär"), ("Boeuvre", "Bœuvre"), ("Thorlin", "Þorlin"),
    ("jaeaeskelin", "Jääskelin"), ("Obermueller", "Obermüller"), ("Bühl", "Buehl"), ("Goehre", "Göhre", "Gøhre"),
    ("Aasgaard", "Åsgård"), ("Sue", "Sü"), ("Mu\u0308ller", "Mueller"), ("ＭＵＥＬＬＥＲ", "Müller"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "name"), [pair for same in SAME for pair in product(same, repeat=2)])
def test_a_spelling_finds_the_others(typed: str, name: str) -> None:
    assert finds(typed, name)
    assert finds(typed, f"Ilse {name}")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("noel", "Arnold Vale"), ("joel", "Jolanda Vale"), ("haas", "Hassana Vale"), ("sue", "Susanne Vale"), ("mueller", "Miller")],
)  # fmt: skip
def test_another_spelling_of_a_short_word_is_a_whole_word(typed: str, name: str) -> None:
    assert not finds(typed, name)


@pytest.mark.parametrize("typed", ["Ashgrove", "Bauer", "Enrique", "Яна", "星野原", "Vale-Marsh", "Bj"])
def test_most_words_have_one_spelling(typed: str) -> None:
    assert all(len(parts) == 1 for parts in sought(typed))


@given(st.text(max_size=100))
def test_nothing_that_was_found_is_lost_and_the_cost_is_bounded(typed: str) -> None:
    words = sought(typed)
    assert [parts[0].strip() for parts in words] == names.fold(typed).split()
    assert all(len(parts) <= 5 for parts in words)
    assert not {"%", "_", "\\"} & set("".join("".join(parts) for parts in words))


@given(st.text(alphabet="aoeuöåäøæœ bq'-", max_size=60))
def test_the_spellings_of_a_whole_name_are_bounded_and_one_is_as_typed(typed: str) -> None:
    ways = whole_names(typed)
    assert len(ways) <= MOST_WHOLE
    assert tuple(names.fold_untitled(typed).split()) in ways


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Björn Mueller", "Bjoern Müller", True), ("Bjorn Mueller", "Björn Müller", True), ("Müller", "MULLER", True),
        ("Michael", "Michal", False), ("Noel Quill", "Nol Quill", False), ("Pat O'Brienne", "Pat Obrienne", True),
        ("Anne-Marie", "Annemarie", True), ("Ann Avale", "Anna Vale", False), ("Dr. Anna Vale", "Anna Vale", True),
        ("Anna Vale", "Vale Anna", False), ("...", "!", False),
    ],
)  # fmt: skip
def test_two_names_are_one_if_a_marked_letter_explains_the_difference(one: str, other: str, same: bool) -> None:
    assert is_one_name(written(one), written(other)) is same
    assert is_one_name(written(other), written(one)) is same
