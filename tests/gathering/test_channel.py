"""The channel by which invitees are counted is the system's: nobody removes it, prints it or comes by it."""

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.gathering import services
from signatories.models import Channel, Partner, PartnerSheet, Signature, Signup
from signatories.models.partner import SheetKind
from signatories.partners import channels, kit, numbers
from tests.gathering.gathering import approved, gathering_partner, members, send_all, table
from tests.partners.partners import channel, officer, partner
from tests.people import enter, organizer, post_form, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/with/stage-hands/"


@pytest.fixture
def union() -> Partner:
    text()
    return gathering_partner()


def browsers(of: Partner) -> list[tuple[Client, str]]:
    """Its officer and the desk, each with where the channels of this partner stand."""
    return [(officer(of), "/partner/"), (enter(Client(), organizer("olga")), f"/desk/partners/{of.pk}/")]


def test_neither_the_partner_nor_the_desk_removes_it(union: Partner) -> None:
    kept, other = channel(union, "invited"), channel(union)
    for browser, path in browsers(union):
        browser.post(f"{path}channels/{kept.pk}/remove/")
        assert channel(union, "invited") == kept
    browser.post(f"{path}channels/{other.pk}/remove/")
    assert not Channel.objects.with_link().filter(pk=other.pk).exists()


def test_the_kit_offers_no_link_code_or_print_for_it(union: Partner) -> None:
    kept = channel(union, "invited")
    for browser, path in browsers(union):
        page = browser.get(path).content.decode()
        assert "?by=invited" not in page and "?by=newsletter" in page
        assert f"channels/{kept.pk}/" not in page
        assert browser.get(f"{path}channels/{kept.pk}/code.svg").status_code == 404
        for kind in ("poster", "handout"):
            browser.post(f"{path}channels/{kept.pk}/{kind}/", {"language": "en"})
    assert not PartnerSheet.objects.exists()


def test_a_sheet_that_was_asked_for_before_is_neither_made_nor_sent(union: Partner) -> None:
    words = text()
    kept = channel(union, "invited")
    row = PartnerSheet.objects.create(channel=kept, language="en", kind=SheetKind.POSTER, text=words)
    assert kit.make_waiting() == 0
    PartnerSheet.objects.update(pdf=b"%PDF-1.4")
    for browser, path in browsers(union):
        assert browser.get(f"{path}sheets/{row.pk}.pdf").status_code == 404


def test_by_its_word_people_come_by_the_page_itself(client: Client, union: Partner, settings: Settings) -> None:
    post_form(client, f"{PAGE}?by=invited")
    assert Signup.objects.get().channel == channel(union, "")
    settings.PAGE_SECONDS = 60
    caches["default"].clear()
    plain = client.get(PAGE).content
    Partner.objects.update(name="Changed")
    assert client.get(f"{PAGE}?by=invited").content == plain


def test_a_partner_registers_twenty_of_its_own_with_it_or_without(union: Partner) -> None:
    account = organizer("adder")
    for n in range(channels.MOST - 1):
        channels.add(partner_id=union.pk, name=f"Link {n}", slug=f"link-{n}", account=account)
    own = officer(union)
    answer = own.post("/partner/channels/", {"name": "One more", "slug": "more"})
    assert (answer.status_code, union.channels.exclude(slug__in=("", "invited")).count()) == (422, channels.MOST)
    full = partner("House of Reeds", "reeds")
    for n in range(channels.MOST - 1):
        channels.add(partner_id=full.pk, name=f"Link {n}", slug=f"link-{n}", account=account)
    values = {"signed_by": "Olive Tarn", "signed_on": union.gathering.signed_on}
    assert services.grant(partner_id=full.pk, values=values, account=account, now=union.created_at)
    assert full.channels.exclude(slug__in=("", "invited")).count() == channels.MOST


def test_its_word_cannot_be_registered_before(client: Client) -> None:
    text()
    made = partner()
    for browser, path in browsers(made):
        answer = browser.post(f"{path}channels/", {"name": "Invited by us", "slug": "invited"})
        assert answer.status_code == 422
        assert "kept for invitations" in answer.content.decode()
    assert not made.channels.filter(slug="invited").exists()


def test_one_that_was_removed_comes_back_with_the_next_signature(mailbox: Catcher, client: Client) -> None:
    """As partners could remove it before."""
    text()
    union = gathering_partner()
    approved(union, table(members(1)))
    send_all()
    Channel.objects.filter(slug="invited").delete()
    filled = {"name": "Member Ash", "profession": "singer", "appearance": "named"}
    assert client.post(mailbox.of("m0@union.example")[0].path("invited"), filled).status_code == 303
    assert Signature.objects.get().channel == channel(union, "invited")


def test_the_numbers_have_a_line_for_it(union: Partner) -> None:
    found = numbers.of_partner(union, timezone.now())
    assert [row.channel.slug for row in found.rows] == ["", "invited", "newsletter"]
