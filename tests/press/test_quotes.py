"""What signatories say: cleared, shown as long as the person stands on the list, erased with them."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from signatories.mine import services as mine
from signatories.models import Act, Quote, Signature
from signatories.privacy import own_data, retention
from tests.people import ADDRESS, signed

pytestmark = pytest.mark.django_db
WORDS = "Our songs are not <b>raw material</b>."


def filled(signature: Signature, **changes: Any) -> dict[str, Any]:
    return {"number": signature.number, "words": WORDS, "language": "en", "cleared": "mail of 24 November"} | changes


def test_a_quote_is_on_the_press_page_with_its_author(desk: Client) -> None:
    signature = signed()
    assert desk.post("/desk/quotes/", filled(signature)).status_code == 303
    page = Client().get("/press/").content.decode()
    assert "Our songs are not &lt;b&gt;raw material&lt;/b&gt;." in page
    assert signature.get_absolute_url() in page.partition("What signatories say")[2]
    assert "mail of 24 November" not in page
    assert "mail of 24 November" in desk.get("/desk/quotes/").content.decode()
    assert Act.objects.filter(verb="feature", reason="a quote added", signature=signature).exists()
    desk.post(f"/desk/quotes/{Quote.objects.get().pk}/remove/")
    assert "What signatories say" not in Client().get("/press/").content.decode()
    again = desk.post("/desk/quotes/1/remove/", follow=True).content.decode()
    assert "Nothing was changed" in again


def test_who_hides_or_leaves_is_not_quoted(desk: Client) -> None:
    signature = signed()
    desk.post("/desk/quotes/", filled(signature))
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert "What signatories say" not in Client().get("/press/").content.decode()
    mine.undo(signature_id=signature.pk, now=timezone.now())
    assert "What signatories say" in Client().get("/press/").content.decode()
    Signature.objects.update(named=False)
    assert "What signatories say" not in Client().get("/press/").content.decode()


def test_it_is_the_persons_data_and_erased_with_them(desk: Client) -> None:
    signature = signed()
    desk.post("/desk/quotes/", filled(signature))
    assert own_data.of_mailbox(ADDRESS)["signatures"][0]["quotes"][0]["words"] == WORDS
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    retention.erase_withdrawn(timezone.now() + timedelta(days=settings.UNDO_DAYS + 1))
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"cleared": ""}, "Only words that their author has cleared"), ({"words": " "}, "Please type the words."),
        ({"words": "x" * 601}, "At most 600 characters"), ({"number": "987654321"}, "not on the list by name"),
        ({"number": "x"}, "number of a signature on the list"), ({"language": "tlh"}, "not one of the available choices"),
    ],
)  # fmt: skip
def test_what_cannot_be_quoted_is_explained(desk: Client, changes: dict[str, Any], wrong: str) -> None:
    answer = desk.post("/desk/quotes/", filled(signed(), **changes))
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert not Quote.objects.exists()


def test_an_unnamed_person_is_not_quoted(desk: Client) -> None:
    assert desk.post("/desk/quotes/", filled(signed(named=False))).status_code == 422
