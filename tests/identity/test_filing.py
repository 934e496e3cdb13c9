"""Under which word a name is filed: the guess that the signer sees."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatories.identity import names
from signatories.identity.filing import guess_filing

SHAPES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "filing_shapes.tsv").read_text().splitlines()
    if not line.startswith("# ")
]


def test_the_table_is_long_enough() -> None:
    assert len(SHAPES) >= 200
    assert len(SHAPES) == len({(name, country) for name, country, _filing, _letter in SHAPES})


@pytest.mark.parametrize(("name", "country", "filing", "letter"), SHAPES)
def test_a_shape_is_filed_under_its_surname(name: str, country: str, filing: str, letter: str) -> None:
    assert guess_filing(name, country=country) == filing
    assert names.keys(name=name, filed_under=filing).letter == letter


def test_the_language_tells_the_use_where_no_country_does() -> None:
    assert guess_filing("Les Lanternes Rousses", language="fr") == "Lanternes"
    assert guess_filing("Anna Du Bosquet", language="fr") == "Du Bosquet"
    assert guess_filing("Anne-Marie D'Aubrepierre", language="fr-CH") == "Aubrepierre"
    assert guess_filing("Anne-Marie D'Aubrepierre", language="fr", country="GB") == "D'Aubrepierre"
    # Everybody whose own language is not offered signs in English.
    assert guess_filing("Jan van der Quill", language="en") == "Quill"


@given(st.text(min_size=1, max_size=80), st.sampled_from(["", "BE", "DE", "FR", "IS"]))
def test_every_name_has_a_filing_of_its_own_letters(typed: str, country: str) -> None:
    try:
        name = names.tidy_name(typed)
    except names.NameRefused:
        return
    filing = guess_filing(name, country=country)
    assert bool(filing.strip()) is bool(name)
    assert filing.replace(" ", "") in name.replace(" ", "") or names.scripts(name) & {"Hani", "Hira", "Kana", "Hang"}
