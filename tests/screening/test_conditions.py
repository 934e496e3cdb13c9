"""Conditions of rules: the query about those who are there and the test of one who comes say the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signatories.models import Signature, Signup
from signatories.screening.conditions import Conditions, matches, matching
from tests.people import signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]
NETWORK = bytes(range(16))
NAMES = ["Zoë Ångström", "Яна Вольская", "星野原花音", "O’Brien", "will.i.fen", "100% Fen_", "Ann Fen"]
PARTS = [*NAMES, "zoe", "ang", "fen", "%", "_", "100", "yana", "o brien", "q", "\\"]
DOMAINS = [
    "union.example",
    "*.example",
    "uni?n.example",
    "*",
    "u*e",
    "?",
    "example",
    "union_example",
    "*[a-z]*",
    "union.e.*",
]

conditions = st.builds(
    Conditions,
    name=st.sampled_from(["", *PARTS]) | st.text(max_size=3).filter(lambda text: "\0" not in text),
    domain=st.sampled_from(["", *DOMAINS]),
    network=st.sampled_from(["", NETWORK.hex(), "00" * 16]),
    country=st.sampled_from(["", "IE", "FR"]),
    language=st.sampled_from(["", "en", "fr"]),
    profession=st.sampled_from(["", "singer", "actor"]),
    affiliation=st.sampled_from(["", "The Paper Lanterns", "the paper lanterns"]),
    reason=st.sampled_from(["", "second-in-mailbox"]),
    decided=st.booleans(),
)


@pytest.fixture
def people() -> list[Signature]:
    """People who differ in what can be asked for."""
    made = [
        signed(
            name=name, address=f"p{n}@{'union.example' if n % 2 else 'example.org'}", country="IE" if n % 3 else "",
            affiliation="The Paper Lanterns" if n % 2 else "", profession="singer" if n % 4 else "actor",
        )
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    Signup.objects.filter(signature=made[0]).update(network=NETWORK)
    return made


@given(asked=conditions)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_agree(asked: Conditions, people: list[Signature]) -> None:
    found = set(matching(asked).values_list("pk", flat=True))
    one_by_one = {each.pk for n, each in enumerate(people) if matches(asked, each, b"" if n else NETWORK)}
    assert found == one_by_one


def test_a_moment_counts_from_itself_and_ends_before_itself(people: list[Signature]) -> None:
    moment = people[3].confirmed_at
    later = Conditions(since=moment.isoformat())
    before = Conditions(until=moment.isoformat())
    for asked in (later, before, replace(later, until=(moment + timedelta(microseconds=1)).isoformat())):
        assert set(matching(asked).values_list("pk", flat=True)) == {
            each.pk for each in people if matches(asked, each, b"")
        }
    assert people[3] in matching(later) and people[3] not in matching(before)


def test_what_is_stored_reads_back(people: list[Signature]) -> None:
    asked = Conditions(states=("rejected",), name="fen", decided=True)
    assert Conditions.stored(asked.to_store()) == asked
    assert not Conditions(decided=True).narrows and asked.narrows
