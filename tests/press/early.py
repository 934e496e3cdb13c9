"""An embargo with something to hide, and invited press, for tests."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from signatories.models import Embargo, PressAccount, Signature
from signatories.models.embargo import forget_embargo
from signatories.press import embargo
from signatories.tally import services as tally
from tests.editions.building import build
from tests.people import organizer, signed


def hide(hours: float = 5) -> None:
    """An embargo, set before the text was published."""
    Embargo.objects.update_or_create(pk=1, defaults={"until": timezone.now() + timedelta(hours=hours)})
    forget_embargo()


def prepared() -> Signature:
    """One signature and an edition with it, under embargo."""
    hide()
    signature = signed(name="Ada Vance", address="ada@example.org")
    tally.fold()
    build()
    return signature


def let_in(name: str = "Nora Quill, The Evening Paper") -> tuple[PressAccount, Client]:
    """Somebody of the press, who has followed the link and pressed the button."""
    account, link = embargo.invite(name=name, organizer=organizer("boss"), now=timezone.now())
    browser = Client()
    page = browser.get(f"/press/early/{link}/")
    assert page.status_code == 200
    assert not page.cookies
    assert browser.post(f"/press/early/{link}/").status_code == 303
    return account, browser
