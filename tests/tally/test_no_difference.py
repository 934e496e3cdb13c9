"""The unnamed are one number: no figure that anybody can read tells more about them, also not by subtracting."""

import csv
import io
import random
import re
from collections import Counter

import pytest
from django.test import Client
from django_countries import countries

from signatories.editions import csv_file
from signatories.editions.rows import compared
from signatories.models import Profession, Signature
from signatories.models.profession import FIELD_OF
from signatories.models.tally import Tally
from signatories.tally import services as tally
from tests.people import signed

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
    rows = list(
        csv.DictReader(io.StringIO(csv_file.write(compared(Signature.objects.public(), 1, None)).decode("utf-8-sig")))
    )
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
