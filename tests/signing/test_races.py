"""The same act many times at once, on real PostgreSQL: one signature."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories import tally
from signatories.mine import services as mine
from signatories.models import Signature, Signup
from signatories.models.signature import State
from signatories.signing import outbox
from tests.people import ADDRESS, post_form, sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(times: int, act: Callable[[], int]) -> list[int]:
    """Run `act` in so many threads at the same time, each with a connection of its own."""

    def run() -> int:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]


def test_twenty_posts_of_one_form(client: Client, mailbox: Catcher) -> None:
    text()
    assert at_once(20, lambda: post_form(Client()).status_code) == [303] * 20
    assert Signup.objects.count() == 1
    outbox.drain()
    assert len(mailbox.mails) == 1
    client.post(mailbox.mails[0].path("confirm"))
    assert Signature.objects.count() == 1


def test_twenty_confirms_of_one_link(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    assert at_once(20, lambda: Client().post(path).status_code) == [303] * 20
    assert Signature.objects.count() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1
    assert set(at_once(4, lambda: Client().get(path).status_code)) == {200}


def test_twenty_wrong_codes_are_five_tries(client: Client, mailbox: Catcher) -> None:
    """T6: nobody buys more tries by posting them at once, and the right code among the late ones is worth nothing."""
    mail = sign_up(client, mailbox)
    typed = {"email": ADDRESS, "code": "00000000"}
    assert at_once(20, lambda: Client().post("/confirm/", typed).status_code) == [422] * 20
    assert Signup.objects.get().code_tries == 5
    assert client.post("/confirm/", typed | {"code": mail.code}).status_code == 422
    assert client.get(mail.path("confirm")).status_code == 200


@pytest.mark.parametrize("_round", range(8))
def test_different_links_of_one_mailbox_at_once(client: Client, mailbox: Catcher, _round: int) -> None:
    paths = [sign_up(client, mailbox, name=f"Ann {n}").path("confirm") for n in range(5)]
    waiting = list(paths)
    assert at_once(5, lambda: Client().post(waiting.pop()).status_code) == [303] * 5
    assert Signature.objects.count() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1


def test_folding_loses_nothing_under_eight_writers() -> None:
    text()
    addresses = iter([f"p{n}@example.org" for n in range(200)])

    def write() -> int:
        from tests.people import signed

        for _ in range(5):
            signed(address=next(addresses))
            tally.fold()
        return 0

    at_once(8, write)
    tally.fold()
    assert tally.number(timezone.now()).count == Signature.objects.counted().count() == 40
    assert tally.repair() == {}


@pytest.mark.parametrize("_round", range(10))
def test_confirmed_and_withdrawn_at_once_is_one_order_or_the_other(
    client: Client, mailbox: Catcher, _round: int
) -> None:
    """F17: the mailbox confirms a second form in the moment in which it withdraws what it has signed."""
    first, second = (sign_up(client, mailbox).path("confirm") for _ in range(2))
    client.post(first)
    signature = Signature.objects.get()
    acts = [
        lambda: Client().post(second).status_code,
        lambda: Client().post(second).status_code,
        lambda: 303 * bool(mine.withdraw(signature_id=signature.pk, now=timezone.now())),
    ]
    random.shuffle(acts)
    at_once(3, lambda: acts.pop()())
    signature.refresh_from_db()
    assert signature.state == State.WITHDRAWN
    assert Signature.objects.live().count() <= 1
    tally.fold()
    assert tally.number(timezone.now()).count == Signature.objects.counted().count()
    assert tally.repair() == {}
