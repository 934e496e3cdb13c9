"""No figure that anybody can read tells more than the number, also not by subtracting: nothing about the unnamed, and of
nobody who left why."""

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_countries import countries
from hypothesis import given
from hypothesis import strategies as st

from signatories.audit import chain
from signatories.desk.duplicates import services as duplicates
from signatories.desk.queue import services as queue
from signatories.listing import explained
from signatories.mine import services as mine
from signatories.models import Profession, PublicChange, Signature
from signatories.models.profession import FIELD_OF
from signatories.models.tally import Tally
from signatories.tally import services as tally
from signatories.tasks import figures
from tests.listed import csv_of
from tests.people import organizer, signed

pytestmark = pytest.mark.django_db


def crowd(seed: int, *, unnamed: int) -> None:
    """Twelve people by name and some without, each of any profession and country."""
    chosen = random.Random(seed)
    for n in range(12 + unnamed):
        signed(
            address=f"p{seed}-{n}@example.org", name=f"{chosen.choice('ABCÅÉИ王')}name {n}", named=n < 12,
            profession=chosen.choice(Profession.values), country=chosen.choice(["", "FR", "IE", "JP"]),
        )  # fmt: skip
    tally.fold()


def tables(client: Client) -> dict[str, dict[str, int]]:
    """The tables of the page for the press, by their captions."""
    page = client.get("/press/").content.decode()
    found = {}
    for table in re.findall(r"<table>(.*?)</table>", page, re.DOTALL):
        (caption,) = re.findall(r"<caption[^>]*>(.*?)</caption>", table)
        if "over time" in caption:
            continue
        rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', table)
        found[caption] = {label: int(count) for label, count in rows}
    return found


def test_anybody_counts_every_breakdown_again_from_the_csv(client: Client) -> None:
    crowd(1, unnamed=9)
    rows = list(csv.DictReader(io.StringIO(csv_of(Signature.objects.public()).decode("utf-8-sig"))))
    assert len(rows) == 12
    professions = Counter(row["profession"] for row in rows)
    assert tables(client) == {
        "Signatories by field": dict(Counter(str(FIELD_OF[row["profession"]].label) for row in rows)),
        "Signatories by profession": {str(Profession(code).label): count for code, count in professions.items()},
        "Signatories by country": dict(Counter(countries.name(row["country"]) for row in rows if row["country"])),
    }


def test_two_looks_around_one_who_signs_without_a_name_differ_by_one_number_only(client: Client) -> None:
    crowd(2, unnamed=3)
    tables_before, facets_before = tables(client), dict(Tally.objects.values_list("facet", "count"))
    signed(address="x@example.org", name="Xaver", named=False, profession="playwright", country="MC")
    tally.fold()
    assert tables(client) == tables_before
    for page in ("/signatories/", "/press/"):
        assert "Monaco" not in client.get(page).content.decode()
    after = dict(Tally.objects.values_list("facet", "count"))
    assert {facet for facet, count in after.items() if count != facets_before.get(facet, 0)} == {"all"}


def test_whoever_hides_the_name_leaves_every_breakdown(client: Client) -> None:
    crowd(3, unnamed=0)
    before = tables(client)
    for named in (True, False):
        signature = signed(address=f"h{named}@example.org", name="Hedda", profession="poet", country="MC", named=named)
    tally.fold()
    shown = tables(client)
    assert shown["Signatories by country"] == before["Signatories by country"] | {"Monaco": 1}
    assert sum(shown["Signatories by profession"].values()) == 13
    assert not signature.named


TOLD = (
    "/press/", "/corrections/", "/corrections/feed/", "/press/verification/", "/api/v1/corrections", "/api/v1/count",
    "/api/v1/tallies/day", "/fr/corrections/",
)  # fmt: skip
PARTS = ("held", "asked", "refused", "merged")
WAYS = ("withdraw", "reject", "hold", "merge")


def leave(signature: Signature, way: str) -> None:
    """Somebody on the list is on it no more."""
    now = timezone.now()
    if way == "withdraw":
        mine.withdraw(signature_id=signature.pk, now=now)
    elif way == "merge":
        keep = Signature.objects.public().filter(name=signature.name).exclude(pk=signature.pk).get()
        olga = organizer(f"o{signature.pk}")
        assert duplicates.merge(keep=keep.pk, others=[signature.pk], organizer=olga, reason="One person.", now=now) == 1
    else:
        act = {"reject": queue.reject, "hold": queue.hold}[way]
        act(signature_id=signature.pk, organizer=organizer(f"o{signature.pk}"), reason="Looked at.", now=now)


def jobs() -> None:
    chain.seal_waiting()
    tally.fold()
    figures()


def look(client: Client) -> dict[str, str]:
    """All that is told, but for seals, which name no reason, and the moments of the looks."""
    found = {path: client.get(path).content.decode() for path in TOLD}
    return {path: re.sub(r"\d+:[0-9a-f]{64}|\d\d:\d\d:\d\d|T\d\d:\d\d", "", page) for path, page in found.items()}


@contextmanager
def world() -> Iterator[None]:
    """What happens in it has not happened after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def person() -> Signature:
    """Somebody on a list of which, in the weeks before, twelve left for each reason: so many that these are told."""
    for way in ("withdraw", "reject", "hold"):
        for n in range(12):
            leave(signed(address=f"{way}{n}@example.org", name=f"Person {way} {n}"), way)
    for n in range(12):
        pair = [signed(address=f"merge{n}{which}@example.org", name=f"Merged Number {n}") for which in "ab"]
        leave(pair[0], "merge")
    chosen = signed(address="chosen@example.org", name="Chosen Name")
    signed(address="chosen2@example.org", name="Chosen Name")
    signed(address="last@example.org", name="Last Name")
    jobs()
    PublicChange.objects.update(week=F("week") - timedelta(days=7))
    return chosen


def looks(client: Client) -> list[dict[str, str]]:
    """What is told at once, after this week, and one and two weeks later."""
    now, found = timezone.now(), []
    for days in (0, 7, 14, 21):
        with time_machine.travel(now + timedelta(days=days, minutes=20 if days else 0), tick=False):
            jobs()
            found.append(look(client))
    return found


def test_no_two_looks_tell_why_one_person_left(client: Client, person: Signature) -> None:
    """Whatever has happened to one person, every page says the same, in that week and in later ones."""
    with world():
        told = looks(client)[0]["/corrections/"]
        for words in ("withdrawn by the signer", "refused by organizers", "Waiting until", "a double"):
            assert words.casefold() in told.casefold(), words
    with time_machine.travel(timezone.now(), tick=False):
        seen = []
        for way in WAYS:
            with world():
                leave(person, way)
                seen.append(looks(client))
    for way, found in zip(WAYS[1:], seen[1:], strict=True):
        for when, (first, other) in enumerate(zip(seen[0], found, strict=True)):
            for path in TOLD:
                assert other[path] == first[path], (way, when, path)


def test_within_a_week_one_who_leaves_changes_the_number_alone(client: Client, person: Signature) -> None:
    before = client.get("/api/v1/corrections").json(), client.get("/press/verification/").content
    number = client.get("/api/v1/count").json()["count"]
    leave(person, "withdraw")
    jobs()
    after = client.get("/api/v1/corrections").json(), client.get("/press/verification/").content
    assert client.get("/api/v1/count").json()["count"] == number - 1
    assert "The number at" in client.get("/corrections/").content.decode()
    for part in ("confirmed", "held", "gone", "count", "as_of"):
        assert after[0][part] == before[0][part]
    assert after[1] == before[1]


@given(
    st.dictionaries(st.sampled_from(PARTS), st.integers(0, 60)),
    st.dictionaries(st.sampled_from(PARTS), st.integers(0, 60)),
)
def test_a_part_is_told_of_ten_who_are_and_ten_who_moved(levels: dict[str, int], before: dict[str, int]) -> None:
    told = explained.tell(levels, before)
    assert sum(told.values()) == sum(levels.values())
    for part, count in told.items():
        if part != "other":
            assert count == levels[part] >= 10
            assert abs(count - before.get(part, 0)) >= 10
