"""The public log of corrections: sums by the week that anybody can check, and nobody who left is explained."""

import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from signatories.audit import chain, corrections
from signatories.desk.duplicates import services as duplicates
from signatories.desk.queue import services as queue
from signatories.listing import explained as explanation
from signatories.mine import services as mine
from signatories.models import PublicChange, Signature
from signatories.tally import services as tally
from signatories.tasks import figures
from tests.people import ADDRESS, organizer, signed

pytestmark = pytest.mark.django_db


def sealed() -> None:
    """Let the jobs count."""
    chain.seal_waiting()
    tally.fold()


def explained() -> None:
    """Let the jobs count the figures of a week, too."""
    sealed()
    figures()


def after_this_week() -> time_machine.travel:
    """The clock of the week after this one."""
    return time_machine.travel(timezone.now() + timedelta(days=7, minutes=20))


def sums() -> dict[tuple[str, str], int]:
    """What is counted in all weeks, by kind and reason."""
    sealed()
    return {(row.kind, row.reason): row.count for row in PublicChange.objects.all()}


def one(n: int = 0) -> Signature:
    return signed(address=f"p{n}@example.org", name=f"Person{n} Ashgrove{n}")


def leave(count: int) -> None:
    """So many sign and withdraw."""
    for n in range(count):
        mine.withdraw(signature_id=one(n).pk, now=timezone.now())


def decide(signature: Signature, verb: str) -> None:
    """An organizer decides about a signature."""
    olga = get_user_model().objects.first() or organizer()
    getattr(queue, verb)(signature_id=signature.pk, organizer=olga, reason="Looked at.", now=timezone.now())


def test_what_moves_a_signature_is_counted_once() -> None:
    signature = one()
    decide(signature, "hold")
    decide(signature, "publish")
    decide(signature, "reject")
    mine.withdraw(signature_id=signature.pk, now=timezone.now())  # it stood on no page any more
    assert sums() == {("added", ""): 1, ("taken_off", "checked"): 1, ("put_back", ""): 1, ("taken_off", "refused"): 1}
    assert sums()["added", ""] == 1


def test_who_waits_first_is_added_when_published() -> None:
    signed(name="Nils Ashgrove")
    second = signed(name="Inga Ashgrove")  # of the same mailbox, so held
    assert sums() == {("added", ""): 1}
    decide(second, "publish")
    assert sums() == {("added", ""): 2}


def test_withdrawn_and_put_back() -> None:
    signature = one()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    mine.undo(signature_id=signature.pk, now=timezone.now())
    assert sums() == {("added", ""): 1, ("taken_off", "asked"): 1, ("put_back", ""): 1}


def test_merged_and_put_back_by_the_signer() -> None:
    first, second = (signed(address=f"{n}@example.org", profession="poet") for n in "ab")
    duplicates.merge(keep=first.pk, others=[second.pk], organizer=organizer(), reason="One person.", now=timezone.now())
    assert sums()["taken_off", "merged"] == 1
    assert corrections.merged() == 1
    mine.undo(signature_id=second.pk, now=timezone.now())
    assert sums()["put_back", "merged"] == 1
    assert corrections.merged() == 0


def test_a_mended_name_is_corrected() -> None:
    signature = one()
    update = mine.SignatureUpdate(**mine.update_of(signature).__dict__ | {"affiliation": "The Paper Lanterns"})
    mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    assert sums() == {("added", ""): 1, ("corrected", ""): 1}


def test_what_only_looks_or_sends_is_not_counted(desk: Client) -> None:
    signature = one()
    desk.post(f"/desk/signatures/{signature.pk}/resend/")
    desk.post("/desk/notable/add/", {"number": signature.number})
    assert sums() == {("added", ""): 1}


@pytest.mark.parametrize("address", ["/corrections/", "/fr/corrections/"])
def test_the_page_shows_the_arithmetic(client: Client, address: str) -> None:
    leave(12)
    for n in range(20, 33):
        one(n)
    for n in range(20, 31):
        signed(address=f"p{n}@example.org", name="Zed Quillon")  # the second of that mailbox: held
    explained()
    page = client.get(address).content.decode()
    numbers = [int(n) for n in re.findall(r"<td>(?:[−=] )?(\d+)</td>", page)]
    confirmed, held, withdrawn, counted, named, unnamed = numbers[:6]
    assert (confirmed, held, withdrawn, counted, named, unnamed) == (36, 11, 12, 13, 13, 0)
    assert confirmed - held - withdrawn == counted
    assert chain.head().hash.hex() in page
    assert "Ashgrove" not in page
    assert ADDRESS not in page


def test_few_are_not_explained(client: Client) -> None:
    """One is refused and one withdraws: who misses a name does not learn which of the two it was."""
    leave(1)
    decide(one(5), "reject")
    explained()
    page = client.get("/corrections/").content.decode()
    for words in ("efused by organizers", "ithdrawn by the signer", "double"):
        assert words not in page
    answer = client.get("/api/v1/corrections").json()
    assert answer["gone"] == {"other": 2}
    assert (answer["confirmed"], answer["count"]) == (2, 0)
    assert answer["weeks"][0]["reasons"] == {}
    assert answer["weeks"][0]["taken_off"] == 2


@given(st.dictionaries(st.sampled_from(["asked", "refused", "checked", "rush", "merged"]), st.integers(0, 40)))
def test_every_told_reason_has_ten_people_and_the_sum_is_kept(counts: dict[str, int]) -> None:
    told = corrections.tell(counts)
    assert all(count >= 10 for count in told.values())
    assert sum(told.values()) in (sum(counts.values()), 0)
    assert told or sum(counts.values()) < 10


PARTS = ("held", "asked", "refused", "merged")
LEVELS = st.fixed_dictionaries(dict.fromkeys(PARTS, st.integers(0, 40)))


@given(LEVELS, LEVELS)
@example(
    {"held": 110, "asked": 31, "refused": 30, "merged": 25}, {"held": 100, "asked": 30, "refused": 20, "merged": 15}
)
@example({"held": 110, "asked": 31, "refused": 0, "merged": 0}, {"held": 100, "asked": 30, "refused": 0, "merged": 0})
def test_no_part_is_told_alone_that_few_came_to_or_left(levels: dict[str, int], before: dict[str, int]) -> None:
    """Neither by its own name, nor as the only one of those that are told together."""
    told = explanation.tell(levels, before)
    assert sum(told.values()) == sum(levels.values())
    alone = {part for part in told if part != "other"}
    assert all(abs(levels[part] - before[part]) >= 10 and levels[part] >= 10 for part in alone)
    together = [part for part in PARTS if part not in alone and levels[part]]
    assert len(together) != 1 or not alone


def test_the_page_says_what_is_told_when_the_week_is_over(client: Client) -> None:
    leave(11)
    for n in range(20, 24):
        decide(one(n), "reject")
    sealed()

    def reasons() -> dict[str, int]:
        week = client.get("/api/v1/corrections").json()["weeks"][0]
        assert week["taken_off"] == sum(week["reasons"].values()) or not week["reasons"]
        return week["reasons"]  # type: ignore[no-any-return]

    assert reasons() == {}
    with after_this_week():
        assert reasons() == {"other": 15}  # four alone would be explained
    for n in range(24, 30):
        decide(one(n), "reject")
    sealed()
    assert reasons() == {}
    assert "refused by organizers" not in client.get("/corrections/").content.decode()
    with after_this_week():
        assert reasons() == {"asked": 11, "refused": 10}
        assert "10 refused by organizers" in client.get("/corrections/").content.decode()


def test_weeks_begin_on_monday() -> None:
    signature = one()
    sealed()
    (week,) = corrections.weeks(timezone.now())
    assert week.monday == signature.confirmed_at.date() - timedelta(days=signature.confirmed_at.weekday())
    assert week.sunday - week.monday == timedelta(days=6)


def test_older_weeks_are_a_page_away(client: Client) -> None:
    for n in range(60):
        PublicChange.objects.create(week=date(2026, 11, 23) - timedelta(weeks=n), kind="added", count=n + 1)
    page = client.get("/corrections/").content.decode()
    assert page.count('<tr id="') == 53
    link = re.search(r'href="(\?before=[\d-]+)"', page)
    assert link
    older = client.get(f"/corrections/{link[1]}").content.decode()
    assert older.count('<tr id="') == 7
    assert "Older weeks" not in older


@pytest.mark.parametrize("before", ["x", "2026-13-01", "9" * 5000, "", "2026-W48-1-1"])
def test_a_garbled_week_is_not_found(client: Client, before: str) -> None:
    assert client.get("/corrections/", {"before": before}).status_code == 404


def test_the_feed_is_atom(client: Client) -> None:
    one()
    sealed()
    answer = client.get("/corrections/feed/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    assert b"1 added" in answer.content
    assert b"Ashgrove" not in answer.content


def test_the_old_address_still_takes_a_report() -> None:
    """As a browser sends it: without a token, which public pages do not have."""
    client, signature = Client(enforce_csrf_checks=True), one()
    answer = client.post("/corrections/", {"number": signature.number, "wrong": "other", "words": "Not so."})
    assert (answer.status_code, answer["Location"]) == (303, "/report/sent/")
    assert client.get("/report/").status_code == 200
    assert f"/report/?number={signature.number}" in client.get(f"/signatories/{signature.number}/").content.decode()


def test_the_data_say_the_same_as_the_page(client: Client) -> None:
    leave(2)
    one(9)
    assert client.get("/api/v1/corrections").json()["as_of"] is None
    explained()
    data = json.loads(client.get("/api/v1/corrections").content)
    assert data["confirmed"] == data["count"] + data["held"] + sum(data["gone"].values())
    assert data["head"] == str(chain.head())
