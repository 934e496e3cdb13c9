"""Stopping news: by the button of a page, and by one click in a mail program (RFC 8058). The signature stays."""

import pytest
from django.test import Client

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mine import services as mine
from signatories.models import Act, Signature
from tests.news.news import news_of, prepared, reader, receivers, send_all, started
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link_of(mailbox: Catcher, address: str = "ann@example.org") -> str:
    """The path that stands in the header of the mail."""
    found = str(news_of(mailbox, address)[0].message["List-Unsubscribe"]).strip("<>")
    assert found.startswith("http://testserver/")
    return found.removeprefix("http://testserver")


@pytest.fixture
def path(mailbox: Catcher) -> str:
    reader("ann@example.org")
    started()
    send_all()
    return link_of(mailbox)


def test_the_page_changes_nothing(client: Client, path: str) -> None:
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store" and not page.cookies
    assert "Stop the news" in page.content.decode()
    assert client.head(path).status_code == 200
    assert Signature.objects.get().news
    assert not Act.objects.filter(verb="correct").exists()


def test_one_click_without_cookie_token_and_redirect(path: str) -> None:
    """T3: as a mail provider sends it, from its own servers."""
    provider = Client(enforce_csrf_checks=True)
    answer = provider.post(path, ONE_CLICK, headers={"User-Agent": "Mail Provider"})
    assert answer.status_code == 200 and "Location" not in answer and not answer.cookies
    signature = Signature.objects.get()
    assert (signature.news, signature.state) == (False, "published")
    assert provider.post(path, ONE_CLICK).status_code == 200
    (act,) = Act.objects.filter(verb="correct")
    assert (act.actor, act.detail.before, act.detail.after) == ("signer", {"news": True}, {"news": False})
    assert "You get no more news" in provider.get(path).content.decode()


def test_a_form_of_several_parts_and_an_empty_one_are_taken_too(path: str) -> None:
    provider = Client(enforce_csrf_checks=True)
    assert provider.post(path).status_code == 200
    assert not Signature.objects.get().news


def test_who_stopped_gets_no_other_news_but_may_ask_for_it_again(client: Client, mailbox: Catcher, path: str) -> None:
    client.post(path)
    started()
    send_all()
    assert len(receivers(mailbox)) == 1
    signature = Signature.objects.get()
    update = mine.update_of(signature)
    mine.mend(signature_id=signature.pk, update=type(update)(**vars(update) | {"news": True}), now=signature.changed_at)
    started()
    send_all()
    assert len(receivers(mailbox)) == 2


def test_both_people_of_a_mailbox_get_none_any_more(client: Client, mailbox: Catcher, path: str) -> None:
    first = Signature.objects.get()
    other = reader("bo@example.org", name="Bo Ash")
    Signature.objects.filter(pk=other.pk).update(
        address_sealed=first.address_sealed, address_digest=first.address_digest, mailbox_place=2
    )
    client.post(path)
    assert set(Signature.objects.values_list("news", flat=True)) == {False}


@pytest.mark.parametrize("wrong", ["1.x", "0", "x" * 300, "%00", "1." + "A" * 32])
def test_other_links_stop_nothing(client: Client, path: str, wrong: str) -> None:
    for answer in (client.get(f"/updates/stop/{wrong}/"), client.post(f"/updates/stop/{wrong}/")):
        assert answer.status_code == 404
    assert Signature.objects.get().news


def test_a_link_for_something_else_stops_nothing(client: Client, path: str) -> None:
    signature = Signature.objects.get()
    for purpose in (Purpose.STOP, Purpose.MINE, Purpose.UNDO, Purpose.CONFIRM):
        assert client.post(f"/updates/stop/{links.make(purpose, signature.pk, signature.nonce)}/").status_code == 404
    own = links.make(Purpose.NEWS, signature.pk, signature.nonce)
    assert path == f"/updates/stop/{own}/"
    assert client.get(f"/mine/{own}/").status_code == 404
    assert Signature.objects.get().news


def test_the_link_of_a_test_stops_nothing_and_says_so(client: Client, mailbox: Catcher) -> None:
    reader("edna@declaration.example", name="Edna Ash")
    prepared()
    started()
    found = mailbox.of("edna@declaration.example")[0].message["List-Unsubscribe"].strip("<>")
    page = client.post(found.removeprefix("http://testserver"))
    assert page.status_code == 200 and "stops nothing" in page.content.decode()
    assert Signature.objects.get().news


def test_it_works_in_french_and_while_an_embargo_holds(client: Client, path: str) -> None:
    assert client.get(f"/fr{path}").status_code == 200


def test_methods_that_are_none(client: Client, path: str) -> None:
    assert client.put(path).status_code == 405
