"""Two people of one mailbox, a misspelt name signed anew, and mails stopped: in a real browser, on a phone."""

from collections.abc import Callable

import pytest

from signatories.mail import outbox
from signatories.models import Signature
from signatories.models.signature import State
from tests.journeys.conftest import PHONE, Visitor
from tests.journeys.form import fill, send
from tests.people import ADDRESS, read_mail, text
from tests.smtp import Catcher, Mail

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("javascript", [True, False])


def fill_and_read(visitor: Visitor, mailbox: Catcher, name: str) -> Mail:
    """Sign the form under a name, and read the mail that comes."""
    visitor.go("/")
    fill(visitor, name=name, email=ADDRESS)
    send(visitor)
    assert ADDRESS in visitor.page.inner_text("main")
    return read_mail(mailbox)


def confirm(visitor: Visitor, mail: Mail, button: str) -> None:
    """Open the link of a mail, and press a button of its page."""
    visitor.go(mail.path("confirm"))
    visitor.page.get_by_role("button", name=button).click()


@WITH_AND_WITHOUT_SCRIPT
def test_two_people_of_one_surname_sign_from_one_mailbox(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    text()
    visitor = visit(javascript=javascript, viewport=PHONE)
    confirm(visitor, fill_and_read(visitor, mailbox, "Nils Featherstonehaugh"), "Confirm my signature")
    confirm(visitor, fill_and_read(visitor, mailbox, "Inga Featherstonehaugh"), "Confirm as another person")
    assert "signed" in visitor.page.inner_text("main")
    found = {each.name: each.state for each in Signature.objects.all()}
    assert found == {"Nils Featherstonehaugh": State.PUBLISHED, "Inga Featherstonehaugh": State.HELD}
    visitor.left_no_trace()


@WITH_AND_WITHOUT_SCRIPT
def test_a_stopped_mailbox_still_gets_the_link_to_the_own_page(
    visit: Visit, mailbox: Catcher, javascript: bool
) -> None:
    text()
    visitor = visit(javascript=javascript, viewport=PHONE)
    mail = fill_and_read(visitor, mailbox, "Aveline Ashgrove")
    confirm(visitor, mail, "Confirm my signature")
    visitor.go(mail.path("stop"))
    visitor.page.click("main form [type=submit]")
    visitor.go("/mine/")
    visitor.page.fill("[name=email]", ADDRESS)
    visitor.page.click("form [type=submit]")
    assert "on its way" in visitor.page.inner_text("main")
    visitor.go(read_mail(mailbox).path("mine"))
    visitor.page.click("a[href$='/withdraw/']")
    visitor.page.click("form [type=submit]")
    assert Signature.objects.get().state == State.WITHDRAWN
    visitor.left_no_trace()


@WITH_AND_WITHOUT_SCRIPT
def test_a_stopped_mailbox_without_a_signature_gets_nothing(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    text()
    visitor = visit(javascript=javascript, viewport=PHONE)
    visitor.go(fill_and_read(visitor, mailbox, "Aveline Ashgrove").path("stop"))
    visitor.page.click("main form [type=submit]")
    visitor.go("/mine/")
    visitor.page.fill("[name=email]", ADDRESS)
    visitor.page.click("form [type=submit]")
    assert "on its way" in visitor.page.inner_text("main")  # a stranger learns nothing
    assert outbox.drain() == 0


@WITH_AND_WITHOUT_SCRIPT
def test_signing_again_corrects_the_misspelt_name(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    text()
    visitor = visit(javascript=javascript, viewport=PHONE)
    older = fill_and_read(visitor, mailbox, "Petra Gildenstren")
    newer = fill_and_read(visitor, mailbox, "Petra Gildenstern")
    assert older.message["Subject"] != newer.message["Subject"]
    confirm(visitor, older, "Confirm my signature")
    confirm(visitor, newer, "This is me")
    assert "is saved" in visitor.page.inner_text("[role=status]")
    assert visitor.page.input_value("[name=name]") == "Petra Gildenstern"
    visitor.go("/signatories/?q=gildenstern")
    assert "Petra Gildenstern" in visitor.page.inner_text("main")
    assert Signature.objects.get().name == "Petra Gildenstern"
    visitor.left_no_trace()
