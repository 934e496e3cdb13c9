"""The same act many times at once, on real PostgreSQL: one signature."""

import random
import threading
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import Signature, Signup
from signatories.models.signature import State
from signatories.models.signer_fields import SignerInput
from signatories.screening import limits
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.faults.length import LONG, SEED
from tests.people import ADDRESS, organizer, post_form, set_to, sign_up, signed, text
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200 if LONG else 6


@pytest.mark.usefixtures("in_one_window")
def test_twenty_posts_of_one_form(client: Client, mailbox: Catcher) -> None:
    """F15: a double click is one row, one mail, one signature."""
    text()
    assert at_once(20, lambda: post_form(Client()).status_code) == [303] * 20
    assert Signup.objects.count() == 1
    outbox.drain()
    assert len(mailbox.mails) == 1
    client.post(mailbox.mails[0].path("confirm"))
    assert Signature.objects.count() == 1


def test_the_first_twenty_after_a_start_meet_the_rules_of_the_desk() -> None:
    """Whoever comes while the first of them reads the rules is judged by what organizers set, not by the defaults."""
    text()
    set_to(puzzle_for_everyone=True)
    limits.forget_rules()  # as in a web process that has just started
    assert at_once(20, lambda: post_form(Client()).status_code) == [429] * 20


def test_twenty_confirms_of_one_link(client: Client, mailbox: Catcher) -> None:
    """F16: one is counted, and each of the twenty is told that it has signed."""
    path = sign_up(client, mailbox).path("confirm")
    assert at_once(20, lambda: Client().post(path).status_code) == [303] * 20
    assert Signature.objects.count() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1
    assert set(at_once(4, lambda: Client().get(path).status_code)) == {200}


@pytest.mark.usefixtures("in_one_window")
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
    """F16."""
    spellings = ["Ann Vale", "A. Vale", "Vale, Ann", "ANN VALE", "Ann B. Vale"]
    waiting = [sign_up(client, mailbox, name=name).path("confirm") for name in spellings]
    assert at_once(5, lambda: Client().post(waiting.pop()).status_code) == [303] * 5
    assert Signature.objects.count() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1


def test_misspelt_links_of_one_mailbox_at_once(client: Client, mailbox: Catcher) -> None:
    """Who comes later is asked whether they are somebody else (422), or was too quick to be asked: one person then."""
    spellings = ["Ann Vale", "Anne Vale", "Ann Valee", "Anna Vale"]
    waiting = [sign_up(client, mailbox, name=name).path("confirm") for name in spellings]
    assert set(at_once(4, lambda: Client().post(waiting.pop()).status_code)) <= {303, 422}
    assert Signature.objects.count() == 1


def test_folding_loses_nothing_under_eight_writers() -> None:
    """F18."""
    text()
    addresses = iter([f"p{n}@example.org" for n in range(200)])

    def write() -> int:
        for _ in range(5):
            signed(address=next(addresses))
            tally.fold()
        return 0

    at_once(8, write)
    tally.fold()
    assert tally.number(timezone.now()).count == Signature.objects.counted().count() == 40
    assert tally.repair() == {}


@dataclass
class Asked:
    """Somebody who has signed, with a second form of the same mailbox that waits to be confirmed."""

    signature: int
    signup: int
    organizer: AbstractBaseUser

    def confirm(self) -> object:
        """Open the second mail."""
        form = signing.said_by(Signup.objects.get(pk=self.signup))
        return signing.confirm(signup_id=self.signup, corrections=form, now=timezone.now())

    def withdraw(self) -> object:
        """Take it back."""
        return mine.withdraw(signature_id=self.signature, now=timezone.now())

    def undo(self) -> object:
        """Bring it back."""
        return mine.undo(signature_id=self.signature, now=timezone.now())

    def hide(self) -> object:
        """No longer by name."""
        before = mine.update_of(Signature.objects.get(pk=self.signature))
        mended = mine.SignatureUpdate(**vars(before) | {"named": False})
        return mine.mend(signature_id=self.signature, update=mended, now=timezone.now())

    def hold(self) -> object:
        """An organizer wants to look at it."""
        return queue.hold(signature_id=self.signature, organizer=self.organizer, reason="Odd.", now=timezone.now())

    def reject(self) -> object:
        """An organizer knows better."""
        return queue.reject(signature_id=self.signature, organizer=self.organizer, reason="No.", now=timezone.now())


# What is done at once, and the states that the first signature may be in afterwards.
RACES: dict[str, tuple[list[str], set[str]]] = {
    "confirmed twice and withdrawn": (["confirm", "confirm", "withdraw"], {State.WITHDRAWN}),
    "withdrawn and undone": (["withdraw", "undo", "undo"], {State.PUBLISHED, State.WITHDRAWN}),
    "withdrawn, undone and confirmed": (["withdraw", "undo", "confirm"], {State.PUBLISHED, State.WITHDRAWN}),
    "hidden and withdrawn": (["hide", "withdraw"], {State.WITHDRAWN}),
    "held, withdrawn and confirmed": (["hold", "withdraw", "confirm"], {State.WITHDRAWN}),
    "rejected, withdrawn and confirmed": (["reject", "withdraw", "confirm"], {State.WITHDRAWN}),
}


@pytest.mark.parametrize("race", RACES)
def test_all_at_once_is_one_order_or_the_other(race: str) -> None:
    """F17: never counted and withdrawn, never two live signatures of one mailbox."""
    text()
    olga, chosen = organizer(), random.Random(SEED)
    acts, ends = RACES[race]
    for n in range(ROUNDS):
        address = f"p{n}@example.org"
        signature = signed(name=f"Person {n}", address=address)
        said = SignerInput(name=f"Person {n}", profession="poet", named=True)
        signing.sign(signer=said, address=address, news=False, language="en", text=text(), now=timezone.now())
        asked = Asked(signature.pk, Signup.objects.latest("pk").pk, olga)
        ready = threading.Barrier(len(acts))
        waiting = chosen.sample(acts, len(acts))

        def act(asked: Asked = asked, ready: threading.Barrier = ready, waiting: list[str] = waiting) -> int:
            name = waiting.pop()
            ready.wait(10)
            getattr(asked, name)()
            return 0

        at_once(len(acts), act)
        signature.refresh_from_db()
        assert signature.state in ends, SEED
        assert Signature.objects.of_mailbox([bytes(signature.address_digest)]).count() <= 1, SEED
        if n % 20 == 0:
            tally.fold()
    tally.fold()
    assert tally.number(timezone.now()).count == Signature.objects.counted().count()
    assert tally.number(timezone.now()).named == Signature.objects.public().count()
    assert tally.repair() == {}
