"""Somebody on a phone looks for the poets of a country, and sees that the page has answered (B14)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from signatories.tally import services as tally
from tests.journeys.conftest import Visitor
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"width": 375, "height": 667}


@pytest.mark.parametrize("scripts", [True, False])
def test_after_choosing_the_count_and_the_first_name_are_on_the_screen(
    visit: Callable[..., Visitor], scripts: bool
) -> None:
    for n in range(30):
        signed(
            name=f"{chr(65 + n % 26)}da {chr(65 + n % 26)}birch{n}", address=f"p{n}@example.org",
            profession="poet" if n % 2 else "actor", country="FR" if n % 3 else "IE",
        )  # fmt: skip
    signed(name="Ζωή Άνθη", address="z@example.org", profession="poet", country="FR")
    tally.fold()
    visitor = visit(viewport=SMALL, javascript=scripts)
    visitor.go("/signatories/")
    page = visitor.page
    page.get_by_label("Profession").select_option("poet")
    page.get_by_label("Country").select_option("FR")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("11 names")).to_be_in_viewport(ratio=1)
    expect(page.locator(".roll li").first).to_be_in_viewport(ratio=1)
    page.get_by_role("navigation", name="By letter").get_by_role("link", name="Α", exact=True).click()
    expect(page.get_by_text("1 name", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.locator(".roll li").first).to_be_in_viewport(ratio=1)
    expect(page.locator(".roll h2")).to_have_text("Α Greek")
    if scripts:
        visitor.looks_right()
    visitor.left_no_trace()
