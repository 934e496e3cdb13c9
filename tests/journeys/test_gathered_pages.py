"""The pages of a gathered file on the narrowest phone, from right to left: nothing is cut, and no address is broken."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from declaration import languages
from signatories.mail import outbox
from signatories.models import PartnerAccount
from tests.gathering.gathering import HEAD, checked, gathering_partner, proof, table, upload
from tests.journeys.conftest import Visitor, log_in
from tests.people import enter, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
NARROW = {"width": 320, "height": 640}
ADDRESS = "wilma.fernhill@members.example"
WIDE = (*HEAD, "Country", "Name in Latin letters")
ROWS = [("Wilma Fernhill", ADDRESS, "singer", "en", "IE", ""), ("Quillfeather, Marker", "q@m.example", "", "", "", "")]
# On how many lines each part of an address stands, between the places where it may break.
LINES_OF_PARTS = """node => [...node.childNodes].filter(part => part.nodeType == Node.TEXT_NODE).map(part => {
    const range = document.createRange(); range.selectNodeContents(part); return range.getClientRects().length })"""


def test_a_file_reads_well_from_right_to_left_on_a_narrow_phone(
    visit: Callable[..., Visitor], mailbox: Catcher, settings: Settings
) -> None:
    settings.LANGUAGES = languages.known()
    text()
    of = gathering_partner()
    account = get_user_model().objects.create_user("ina", "ina@desk.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=of)
    own = enter(Client(), account)
    visitor = log_in(visit(viewport=NARROW, locale="ar"), "ina", "**/partner/**")
    content = b"Members of the Union, 2026\n" + table(ROWS, WIDE)
    unread = upload(own, content)
    visitor.go(f"/partner/names/{unread.pk}/")
    assert visitor.page.locator("html").get_attribute("dir") == "rtl"
    visitor.looks_right()
    table_box = visitor.page.locator("table.turned").bounding_box()
    assert table_box and table_box["x"] >= 0 and table_box["x"] + table_box["width"] <= NARROW["width"]
    visitor.page.click("details summary >> nth=-1")
    visitor.looks_right()
    batch = checked(own, content)
    visitor.go(f"/partner/names/{batch.pk}/")
    visitor.looks_right()
    address = visitor.page.locator(".address").first
    assert address.inner_text().replace("\n", "") == ADDRESS
    assert address.evaluate(LINES_OF_PARTS) == [1, 1, 1, 1]
    own.post(f"/partner/names/{batch.pk}/proof/", proof())
    own.post(f"/partner/names/{batch.pk}/test/")
    visitor.page.reload()
    visitor.looks_right()
    outbox.drain()
    path = mailbox.of("ina@desk.example")[0].path("invited")
    for button in ("form.made button:not([name])", "form.made button[name=never]"):
        visitor.go(path)
        visitor.page.click(button)
        visitor.looks_right()
    visitor.go(f"/ar{path[:-4]}xxx/")
    visitor.looks_right()
    visitor.go("/partner/names/")
    visitor.looks_right()
