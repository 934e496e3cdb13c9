"""What a partner is told in figures: rounded, true, and nothing about one person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatories.mine import services as mine
from signatories.models import Partner, Signature, Signup, Tally
from signatories.models.signer_fields import SignerInput
from signatories.partners import numbers
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.partners.partners import channel, officer, partner
from tests.people import text

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def bring(made: Partner, slug: str, people: int, *, now: datetime = MONDAY, named: bool = True) -> None:
    """So many people come by a channel, and confirm."""
    words = text()
    for n in range(people):
        signer = SignerInput(name=f"Person {n} {slug or 'page'} {now:%d}", profession="singer", named=named)
        signing.sign(
            signer=signer, address=f"{made.pk}-{slug}-{now:%d}-{named}-{n}@example.org", news=False, language="en",
            text=words, now=now, origin=signing.Origin(channel=channel(made, slug)),
        )  # fmt: skip
        signup = Signup.objects.latest("pk")
        signing.confirm(signup_id=signup.pk, corrections=signing.said_by(signup), now=now)
    tally.fold()


@given(st.integers(0, 10**7))
def test_a_figure_is_rounded_down_to_tens(count: int) -> None:
    told = numbers.rounded(count)
    assert (told is None) == (count < 10)
    assert told is None or (told % 10 == 0 and 0 <= count - told < 10)


@pytest.mark.django_db
def test_numbers_by_channel_and_week() -> None:
    made = partner()
    bring(made, "newsletter", 21)
    bring(made, "", 9)
    bring(made, "newsletter", 12, now=MONDAY + timedelta(days=7), named=False)
    found = numbers.of_partner(made)
    assert found.count == 40
    assert [(row.channel.slug, row.count) for row in found.rows] == [("", None), ("newsletter", 30)]
    assert [(f"{week.monday:%d %B}", week.count) for week in found.weeks] == [("30 November", 10), ("23 November", 30)]


@pytest.mark.django_db
def test_who_leaves_is_counted_out_and_another_partner_sees_nothing_of_it() -> None:
    made, other = partner(), partner("Label of Lanterns", "lanterns")
    bring(made, "newsletter", 10)
    assert numbers.of_partner(made).count == 10
    assert numbers.of_partner(other).count is None
    assert numbers.of_partner(other).weeks == []
    mine.withdraw(signature_id=Signature.objects.latest("pk").pk, now=MONDAY)
    tally.fold()
    assert numbers.of_partner(made).count is None


@pytest.mark.django_db
def test_the_page_says_fewer_than_ten_and_names_nobody() -> None:
    made = partner()
    bring(made, "newsletter", 3)
    page = officer(made).get("/partner/").content.decode()
    assert "fewer than ten" in page
    assert "Person" not in page and "example.org" not in page
    table = officer(made, "olaf").get("/partner/numbers.csv").content.decode("utf-8-sig")
    assert table.splitlines() == [
        "week,channel,name,signatures_rounded_down",
        "2026-W48,newsletter,The newsletter,fewer than 10",
    ]


@pytest.mark.django_db
def test_the_nightly_count_knows_the_same_rule() -> None:
    made = partner()
    bring(made, "newsletter", 2)
    bring(made, "", 2, named=False)
    assert Tally.objects.get(facet=f"channel:{channel(made).pk}:2026-W48").count == 2
    assert Tally.objects.get(facet=f"channel:{channel(made, '').pk}:2026-W48").count == 2
    assert tally.repair() == {}
