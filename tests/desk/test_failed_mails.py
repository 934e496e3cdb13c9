"""The mails that were not delivered: of all kinds in one list, with the reason in plain words and no address."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.identity import mailbox as mailboxes
from signatories.mail import outbox
from signatories.models import Act, OutboundMail, Signature, Signup
from signatories.models.mailing import MailState
from signatories.models.organizer import Role
from tests.people import ADDRESS, enter, organizer, post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
PATH = "/desk/mails/"


def signup(address: str = ADDRESS, **mail: Any) -> Signup:
    """A signup whose mail has failed."""
    post_form(Client(), email=address, name=f"Aveline {address.partition('@')[0].capitalize()}")
    row = Signup.objects.latest("pk")
    Signup.objects.filter(pk=row.pk).update(**{"mail_state": MailState.UNDELIVERABLE, "mail_error": "SMTP 550"} | mail)
    return row


def other(kind: str = "link", address: str = ADDRESS, **mail: Any) -> OutboundMail:
    """Another mail that was set aside."""
    given = {"mail_state": MailState.SET_ASIDE, "mail_error": "daily limit", "domain": "example.org"} | mail
    return OutboundMail.objects.create(
        kind=kind, address_sealed=mailboxes.seal(address), address_digest=mailboxes.digest(address),
         language="en", once=address.encode().rjust(32)[:31] + bytes([len(kind)]), **given,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _text() -> None:
    text()


def links(page: str) -> list[str]:
    return re.findall(r'<li>\s*<p><a href="([^"]*)"', page)


def test_a_refused_mail_is_listed_with_its_reason_and_its_person(desk: Client, mailbox: Catcher) -> None:
    """From the form to the list, with a mail server that knows no such mailbox."""
    post_form(Client(), email="bounce@example.org")
    outbox.drain()
    row = Signup.objects.get()
    page = desk.get(PATH).content.decode()
    assert links(page) == [f"/desk/signups/{row.pk}/"]
    assert "refused it for good (SMTP 550). Most often there is no such mailbox." in page
    assert "•••@example.org" in page
    assert "bounce@" not in page
    assert mailbox.mails == []
    assert not Act.objects.of_the_desk().exists()


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ({"mail_error": "came back: bounced"}, "It was sent and came back (bounced). The address is probably wrong."),
        ({"mail_state": "set_aside", "mail_error": "stopped by the owner"}, "has stopped our mails"),
        ({"mail_state": "set_aside", "mail_error": "daily limit"}, "had its mails of that day"),
        ({"mail_state": "set_aside", "mail_error": "nothing to say"}, "It was not needed any more"),
        ({"mail_state": "set_aside", "mail_error": "held back by a restore"}, "when a backup was restored"),
        ({"mail_state": "set_aside", "mail_error": "ValueError"}, "It could not be made"),
    ],
)
def test_why_in_plain_words(desk: Client, mail: dict[str, str], words: str) -> None:
    signup(**mail)
    assert words in desk.get(PATH).content.decode()


@pytest.mark.parametrize("state", [MailState.SENT, MailState.WAITING])
def test_what_was_sent_or_waits_is_not_listed(desk: Client, state: MailState) -> None:
    signup(mail_state=state, mail_error="SMTP 451")
    other(mail_state=state)
    page = desk.get(PATH).content.decode()
    assert links(page) == []
    assert "None." in page


def test_each_leads_to_whom_it_was_about(desk: Client) -> None:
    signature = signed(address="bram@example.org", name="Bram Bellweather")
    Signup.objects.filter(signature=signature).update(mail_state=MailState.UNDELIVERABLE, mail_error="came back: x")
    unconfirmed = signup("cosima@example.org")
    other("changed", "bram@example.org", signature=signature)
    other("reminder", "cosima@example.org", signup=unconfirmed)
    other("link", "bram@example.org")  # names nobody: found by its mailbox
    other("link", "stranger@example.org")
    page = desk.get(PATH).content.decode()
    person, signup_page = f"/desk/signatures/{signature.pk}/", f"/desk/signups/{unconfirmed.pk}/"
    assert sorted(links(page)) == sorted([person, person, person, signup_page, signup_page])
    assert page.count("Nobody who has signed") == 1
    assert "stranger@" not in page
    for path in set(links(page)):
        assert desk.get(path).status_code == 200


def test_a_mail_sent_again_leaves_the_list(desk: Client) -> None:
    row = signup()
    desk.post(f"/desk/signups/{row.pk}/")
    assert links(desk.get(PATH).content.decode()) == []


def test_pages_of_fifty_lose_and_repeat_nobody(desk: Client) -> None:
    """Also where many mails have the same moment, as after an import."""
    now = timezone.now()
    signup("p0@example.org")
    for n in range(60):
        other(f"k{n % 3}", f"m{n}@example.org", created_at=now - timedelta(seconds=n // 20), domain=f"m{n}.example")
    Signup.objects.update(created_at=now - timedelta(seconds=1))
    seen: list[str] = []
    path = PATH
    for _page in range(3):
        page = desk.get(path).content.decode()
        seen += re.findall(r"•••@([\w.]+)", page)
        more = re.search(r'href="(\?before=[^"]*)"', page)
        if not more:
            break
        assert len(seen) % 50 == 0
        path = PATH + more[1]
    assert len(seen) == len(set(seen)) == 61
    order = [int(found[1]) // 20 for domain in seen if (found := re.match(r"m(\d+)\.", domain))]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "before", ["", "x", "1-2-3", "1-1", "9" * 30 + "-1-1", "１-1-1", "99999999999999999-1-1", "0-0-0"]
)
def test_places_that_are_none(desk: Client, before: str) -> None:
    signup()
    assert desk.get(PATH, {"before": before}).status_code == 200


def test_the_newest_are_found_through_an_index(desk: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        for model in (Signup, OutboundMail):
            plan = (
                model.objects.filter(mail_state__in=["undeliverable", "set_aside"])
                .order_by("-created_at", "-pk")[:50]
                .explain()
            )
            assert "_failed" in plan
            assert "Sort" not in plan


def test_those_who_do_not_help_signers_do_not_see_it(client: Client, olga: AbstractBaseUser) -> None:
    signup()
    for role in (Role.VIEWER, Role.EDITOR):
        enter(client, organizer(role.value, role=role))
        assert client.get(PATH).status_code == 403
        assert PATH not in client.get("/desk/numbers/").content.decode()
    assert Signature.objects.count() == 0
