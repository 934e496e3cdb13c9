"""What a partner is told in figures: rounded, true, and nothing about one person."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from signatories.mine import services as mine
from signatories.models import Channel, Closing, Partner, Signature, Signup, Tally
from signatories.models.signer_fields import SignerInput
from signatories.partners import channels, numbers
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.gathering.gathering import gathering_partner
from tests.partners.partners import channel, officer, partner
from tests.people import organizer, text

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def bring(
    made: Partner, slug: str, people: int, *, now: datetime = MONDAY, named: bool = True, who: str = "person"
) -> None:  # fmt: skip
    """So many people come by a channel, and confirm."""
    words = text()
    for n in range(people):
        signer = SignerInput(name=f"Person {who} {n} {slug or 'page'} {now:%d}", profession="singer", named=named)
        signing.sign(
            signer=signer, address=f"{made.pk}-{slug}-{now:%d}-{named}-{who}-{n}@example.org", news=False, language="en",
            text=words, now=now, origin=signing.Origin(channel=channel(made, slug)),
        )  # fmt: skip
        signup = Signup.objects.latest("pk")
        signing.confirm(signup_id=signup.pk, corrections=signing.said_by(signup), now=now)
    tally.fold()


def came(made: Partner, when: datetime) -> Partner:
    """A partner that was added at another time."""
    Partner.objects.filter(pk=made.pk).update(created_at=when)
    return Partner.objects.get(pk=made.pk)


def told(browser: Client) -> tuple[str, str]:
    """What a partner sees of its numbers, byte for byte: its page, but for the tokens of its forms, and the table."""
    page = browser.get("/partner/").content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return page, browser.get("/partner/numbers.csv").content.decode("utf-8-sig")


@given(st.integers(0, 10**7))
def test_a_figure_is_rounded_down_to_tens(count: int) -> None:
    told = numbers.rounded(count)
    assert (told is None) == (count < 10)
    assert told is None or (told % 10 == 0 and 0 <= count - told < 10)


@pytest.mark.django_db
def test_numbers_by_channel_and_week() -> None:
    made = came(partner(), MONDAY - WEEK)
    bring(made, "newsletter", 21)
    bring(made, "", 9)
    bring(made, "newsletter", 12, now=MONDAY + WEEK, named=False)
    found = numbers.of_partner(made, MONDAY + WEEK)
    assert found.count == 40
    assert [(row.channel.slug, row.count) for row in found.rows] == [("", None), ("newsletter", 30)]
    weeks = [(f"{week.monday:%d %B}", week.count, [row.count for row in week.rows]) for week in found.weeks]
    assert weeks == [
        ("30 November", 10, [None, 10]), ("23 November", 30, [None, 20]), ("16 November", None, [None, None]),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_whether_nobody_came_or_nine_pages_and_tables_are_the_same(seed: int) -> None:
    """One after the other comes by any way, in any week, by name or without, and some leave."""
    chosen, now = random.Random(seed), timezone.now()
    text()
    made = came(gathering_partner(), now - 3 * WEEK)
    Channel.objects.filter(slug="invited").delete()  # the first who signs so brings it back
    browser = officer(made)
    nobody, here = told(browser), 0
    for n in range(18):
        if here == 9 or (here and chosen.random() < 0.4):
            leaving = chosen.choice(Signature.objects.filter(state="published"))
            mine.withdraw(signature_id=leaving.pk, now=now)
            tally.fold()
            here -= 1
        else:
            slug = chosen.choice(["", "newsletter", "invited"])
            if slug == "invited":
                channels.of_invitations(made.pk)
            when = now - chosen.choice([0, 1, 2]) * WEEK
            bring(made, slug, 1, now=when, named=chosen.random() < 0.5, who=f"step{n}")
            here += 1
        assert told(browser) == nobody
    bring(made, "newsletter", 10 - here, now=now)
    assert told(browser) != nobody


@pytest.mark.django_db
def test_removing_a_link_does_not_tell_whether_somebody_came_by_it() -> None:
    text()
    made = came(partner(), timezone.now())
    browser, link = officer(made), channel(made)

    def removed_and_added_again() -> list[object]:
        answer = browser.post(f"/partner/channels/{link.pk}/remove/", follow=True)
        removed = [answer.redirect_chain, "Removed." in answer.content.decode(), *told(browser)]
        browser.post("/partner/channels/", {"name": "The newsletter", "slug": "newsletter"}, follow=True)
        return [*removed, *told(browser)]

    nobody = removed_and_added_again()
    assert nobody[1] is True and "by=newsletter" not in str(nobody[2]) and "by=newsletter" in str(nobody[4])
    for people in (1, 8):
        bring(made, "newsletter", people, now=timezone.now(), who=f"{people}")
        assert removed_and_added_again() == nobody
    bring(made, "newsletter", 1, now=timezone.now(), who="tenth")
    answer = browser.post(f"/partner/channels/{link.pk}/remove/", follow=True)
    assert "It stays: at least ten people came by it" in answer.content.decode()
    page = told(browser)[0]
    assert "at least 10" in page and "Remove this link" not in page  # the page itself and invitations never had it


@pytest.mark.django_db
def test_the_weeks_go_from_the_first_to_the_end_of_signing() -> None:
    made = came(partner(), MONDAY)
    assert [week.monday.day for week in numbers.of_partner(made, MONDAY + WEEK).weeks] == [30, 23]
    ended = MONDAY + 3 * WEEK
    Closing.objects.create(pk=1, ended_at=ended, ended_by_id=organizer("ender").pk)
    with_confirming = 1 + (ended + timedelta(days=settings.END_DAYS) - MONDAY) // WEEK
    assert len(numbers.of_partner(made, MONDAY + 52 * WEEK).weeks) == with_confirming
    bring(made, "", 10, now=MONDAY + 30 * WEEK)  # the desk decided late
    assert numbers.of_partner(made, MONDAY + 52 * WEEK).weeks[0].monday == (MONDAY + 30 * WEEK).date()


@pytest.mark.django_db
def test_the_page_shows_half_a_year_and_the_table_all() -> None:
    made = came(partner(), timezone.now() - 40 * WEEK)
    page, table = told(officer(made))
    assert page.count("<time datetime=") == 26
    assert "Only the newest 26 weeks stand here." in page
    assert len(table.splitlines()) == 1 + 41 * 3
    made = came(made, timezone.now())
    assert "Only the newest" not in told(officer(made, "olaf"))[0]


@pytest.mark.django_db
def test_who_leaves_is_counted_out_and_another_partner_sees_nothing_of_it() -> None:
    made, other = partner(), partner("Label of Lanterns", "lanterns")
    before = numbers.of_partner(other, MONDAY)
    bring(made, "newsletter", 10)
    assert numbers.of_partner(made, MONDAY).count == 10
    assert numbers.of_partner(other, MONDAY) == before
    mine.withdraw(signature_id=Signature.objects.latest("pk").pk, now=MONDAY)
    tally.fold()
    assert numbers.of_partner(made, MONDAY).count is None


@pytest.mark.django_db
def test_the_page_says_fewer_than_ten_and_names_nobody() -> None:
    now = timezone.now()
    made = came(partner(), now)
    bring(made, "newsletter", 3, now=now)
    page, table = told(officer(made))
    assert "fewer than ten" in page
    assert "Person" not in page and "example.org" not in page
    bring(made, "newsletter", 9, now=now, who="later")
    assert table.splitlines() == [
        "week,channel,name,signatures_rounded_down",
        f"{now:%G-W%V},*,all,fewer than 10",
        f"{now:%G-W%V},,The page itself,fewer than 10",
        f"{now:%G-W%V},newsletter,The newsletter,fewer than 10",
    ]
    assert [line.split(",")[-1] for line in told(officer(made, "olaf"))[1].splitlines()[1:]] == [
        "10", "fewer than 10", "10",
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_nightly_count_knows_the_same_rule() -> None:
    made = partner()
    bring(made, "newsletter", 2)
    bring(made, "", 2, named=False)
    assert Tally.objects.get(facet=f"channel:{channel(made).pk}:2026-W48").count == 2
    assert Tally.objects.get(facet=f"channel:{channel(made, '').pk}:2026-W48").count == 2
    assert tally.repair() == {}
