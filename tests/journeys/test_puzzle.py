"""In a rush: the browser solves the puzzle by itself; without script the code of the mail does (T14)."""

from collections.abc import Callable

import pytest

from signatories.models import Signature, Signup
from tests.journeys.conftest import PHONE, Visitor
from tests.journeys.form import fill, send
from tests.people import read_mail, set_to, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def rush() -> None:
    """Organizers have switched the puzzle on for everyone."""
    text()
    set_to(puzzle_for_everyone=True)


def test_the_browser_solves_the_puzzle_by_itself(visit: Visit, mailbox: Catcher) -> None:
    visitor = visit()
    visitor.go("/fr/")
    fill(visitor, name="Amélie d’Aubépine “L’Ombre”")
    send(visitor)
    visitor.page.wait_for_url("**/fr/sign/sent/**", timeout=30_000)
    assert "ann@example.org" in visitor.page.inner_text("main")
    assert Signup.objects.get().held_for == []
    assert Signup.objects.get().name == "Amélie d’Aubépine “L’Ombre”"
    assert visitor.foreign == []
    assert visitor.context.cookies() == []


def test_without_script_the_code_of_the_mail_does(visit: Visit, mailbox: Catcher) -> None:
    visitor = visit(javascript=False, viewport=PHONE)
    visitor.go("/")
    fill(visitor)
    send(visitor)
    assert Signup.objects.count() == 0
    visitor.is_no_wider_than_the_window()
    visitor.page.click("text=Go on without the puzzle")
    visitor.page.fill("[name=code]", read_mail(mailbox).code)
    visitor.page.click("form[action*='/confirm/'] [type=submit]")
    visitor.page.click("form [type=submit]")
    assert Signature.objects.get().state == "published"


def test_the_page_of_the_puzzle_looks_right_while_it_is_not_solved(visit: Visit) -> None:
    visitor = visit(color_scheme="dark")
    visitor.page.route("**/puzzle-worker.js", lambda route: route.abort())
    visitor.go("/")
    fill(visitor)
    send(visitor)
    visitor.page.wait_for_selector("text=Go on without the puzzle")
    visitor.looks_right()
