"""How we verify, with live figures, and names at random."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from signatories.mine import services as mine
from signatories.models import Signature
from signatories.press import verification
from signatories.tally import services as tally
from signatories.tasks import figures
from tests.people import signed, text

pytestmark = pytest.mark.django_db
HOW, SAMPLE = "/press/verification/", "/press/sample/"
A_NUMBER, A_WORD = "Please type a number from 1 to 200.", "Please type a word."


def crowd(count: int) -> None:
    """People with the numbers from 1 on: the sequence goes on from test to test."""
    for n in range(count):
        numbered(n + 1, name=f"Person {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n]}", address=f"p{n}@example.org")
    tally.fold()


def numbered(number: int, **person: Any) -> None:
    signature = signed(**person)
    Signature.objects.filter(pk=signature.pk).update(number=number)


def test_before_the_first_count_the_page_explains_without_figures(client: Client) -> None:
    page = client.get(HOW).content.decode()
    assert "How we verify" in page
    assert "In figures" not in page


def test_the_figures_are_those_of_the_database(client: Client) -> None:
    crowd(12)
    signed(name="Hidden One", address="h@example.org", named=False)
    held = [signed(name=f"Waiting {n}", address=f"w{n}@example.org").pk for n in range(10)]
    Signature.objects.filter(pk__in=held).update(state="held", confirmed_at=timezone.now() - timedelta(hours=3))
    tally.repair()
    figures()
    page = " ".join(client.get(HOW).content.decode().split())
    for words in ("<dd>23, of whom 23 have confirmed</dd>", "<dd>23</dd>", "<dd>12</dd>", "<dd>1</dd>",
                  "<dd>10, the oldest for 3 hours", "Mailboxes at example.org"):  # fmt: skip
        assert words in page, words
    assert "100.0 % of those by name" in page


def test_few_who_wait_are_not_told(client: Client) -> None:
    crowd(12)
    held = signed(name="Waiting One", address="w@example.org")
    Signature.objects.filter(pk=held.pk).update(state="held")
    tally.repair()
    figures()
    page = client.get(HOW).content.decode()
    assert "<dd>13</dd>" in page
    assert "Waiting until" not in page
    assert "the oldest for" not in page
    for path in ("/press/", "/corrections/"):
        assert "Waiting until" not in client.get(path).content.decode()


def test_the_figures_follow_a_launch(client: Client) -> None:
    crowd(11)
    for more, counted in ((0, 11), (1, 11), (1, 13), (1, 13), (1, 15)):
        for _ in range(more):
            signed(name=f"Late {Signature.objects.count()}", address=f"l{Signature.objects.count()}@example.org")
        tally.fold()
        figures()
        found = verification.latest()
        assert found
        assert (found.found["count"], found.found["named"]) == (counted, counted)


def test_a_mail_domain_of_few_is_not_told(client: Client) -> None:
    crowd(9)
    figures()
    assert "Mailboxes at" not in client.get(HOW).content.decode()


def test_gaps_between_the_numbers_are_one_sum(client: Client) -> None:
    crowd(3)
    goes = Signature.objects.order_by("number")[1]
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    tally.fold()
    verification.measure(timezone.now())
    found = verification.latest()
    assert found
    last = Signature.objects.order_by("-number").first()
    assert last
    assert found.found["highest"] == last.number
    assert found.found["gaps"] == (last.number or 0) - 2
    assert goes.name not in client.get(HOW).content.decode()


def drawn(client: Client, **asked: Any) -> list[str]:
    answer = client.get(SAMPLE, {key: str(value) for key, value in asked.items()} | {"format": "csv"})
    assert answer.status_code == 200
    return [row["name"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


def test_the_same_seed_draws_the_same_names(client: Client) -> None:
    crowd(20)
    up_to = 20
    first = drawn(client, size=5, seed="Tuesday", up_to=up_to)
    assert len(set(first)) == 5
    assert first != drawn(client, size=5, seed="Wednesday", up_to=up_to)
    numbered(21, name="Somebody New", address="new@example.org")
    assert drawn(client, size=5, seed="Tuesday", up_to=up_to) == first
    goes = Signature.objects.get(name=first[1])
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    again = drawn(client, size=5, seed="Tuesday", up_to=up_to)
    assert again[:4] == [first[0], *first[2:]]
    page = client.get(SAMPLE, {"size": "5", "seed": "Tuesday"}).content.decode()
    assert f"seed=Tuesday&amp;up_to={up_to + 1}" in page


def test_the_sample_stays_when_the_highest_number_leaves(client: Client) -> None:
    crowd(20)
    page = client.get(SAMPLE, {"size": "20", "seed": "Tuesday"}).content.decode()
    cited = re.findall(r'href="(\?size=20&amp;seed=Tuesday&amp;up_to=20[^"]*)"', page)
    assert len(cited) == 2
    first = drawn(client, size=20, seed="Tuesday", up_to=20)
    leaves = Signature.objects.get(number=20)
    mine.withdraw(signature_id=leaves.pk, now=timezone.now())
    assert drawn(client, size=20, seed="Tuesday", up_to=20) == [name for name in first if name != leaves.name]
    again = client.get(SAMPLE + html.unescape(cited[0])).content.decode()
    assert "up_to=20" in again
    assert leaves.name not in again


def test_only_public_people_are_drawn(client: Client) -> None:
    crowd(3)
    hidden = signed(name="Hidden One", address="h@example.org", named=False)
    Signature.objects.filter(pk=hidden.pk).update(number=4)
    assert sorted(drawn(client, size=200, seed="x")) == ["Person A", "Person B", "Person C"]


def test_a_name_is_no_formula(client: Client) -> None:
    numbered(1, name="Ann Other", affiliation="=1+1")
    assert "'=1+1" in client.get(SAMPLE, {"size": "1", "seed": "x", "format": "csv"}).content.decode()


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"size": "0", "seed": "x"}, A_NUMBER), ({"size": "201", "seed": "x"}, A_NUMBER),
        ({"size": "many", "seed": "x"}, A_NUMBER), ({"size": "5", "seed": ""}, A_WORD),
        ({"size": "5", "seed": "x" * 101}, "This is too long."),
        ({"size": "5", "seed": "x", "up_to": "-1"}, "This link to a sample is wrong."),
        ({"size": "5", "seed": "x", "up_to": "x"}, "This link to a sample is wrong."),
        ({"size": "5", "seed": "a\x00b"}, A_WORD), ({"seed": "x"}, A_NUMBER),
        ({"size": "999"}, A_NUMBER), ({"size": "5"}, A_WORD), ({"up_to": "9"}, A_WORD),
        ({"size": "5", "seed": "x", "format": "xml"}, "The format can be csv"), ({"format": "csv"}, A_WORD),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_explained(client: Client, asked: dict[str, Any], wrong: str) -> None:
    answer = client.get(SAMPLE, asked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert wrong in page
    assert not any(words in page for words in ("Ensure", "is required", "whole number", "Null"))


def test_of_an_empty_list_nothing_is_drawn(client: Client) -> None:
    text()
    assert drawn(client, size=5, seed="x", up_to=10**9) == []
