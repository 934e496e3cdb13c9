"""A signer withdraws, is told, may undo it for a week, and is then forgotten."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.mine import services
from signatories.models import OutboundMail, Signature, Signup
from signatories.models.signature import State
from signatories.privacy import erasure_log, retention
from signatories.tally import services as tally
from tests.people import ADDRESS, read_mail, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
type OwnPage = Callable[[Signature], str]


@pytest.fixture(autouse=True)
def _own_ledger(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


def count() -> int:
    tally.fold()
    return tally.number(timezone.now()).count


def days(number: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=number))


def test_get_shows_and_only_post_withdraws(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    """T3."""
    signature = signed()
    path = f"{own_page(signature)}withdraw/"
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert count() == 1
    answer = client.post(path)
    assert answer.status_code == 303
    assert b"withdrawn" in client.get(answer["Location"]).content
    assert count() == 0
    assert client.get(f"/signatories/{signature.number}/").status_code == 404
    assert b"Aveline" not in client.get("/signatories/").content
    assert b"Aveline" not in client.get("/").content
    mail = read_mail(mailbox)
    assert "Aveline Ashgrove" in mail.text
    assert mail.path("mine/undo")
    assert client.get(path).status_code == 404  # the links of before are dead


def test_undo_brings_back_the_same_number(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    signature = signed()
    client.post(f"{own_page(signature)}withdraw/")
    undo = read_mail(mailbox).path("mine/undo")
    with days(6):
        for _ in range(3):
            assert client.get(undo).status_code == 200
        assert count() == 0
        for _ in range(3):
            assert client.post(undo).status_code == 303
        assert count() == 1
        assert client.get(f"/signatories/{signature.number}/").status_code == 200
        assert b"stands" in client.get(undo).content
    assert tally.repair() == {}


def test_an_old_undo_link_opens_the_own_page_to_nobody(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    """Whoever finds the old mail of a withdrawal that was undone."""
    signature = signed()
    client.post(f"{own_page(signature)}withdraw/")
    undo = read_mail(mailbox).path("mine/undo")
    own = own_page(signature)[: len("/mine/") + 22]  # without the day
    client.post(undo)
    assert own in client.get(undo).content.decode()
    with days(0.1):
        later = client.get(undo)
        assert later.status_code == 200
        assert own not in later.content.decode()
    for day in (9, 400):
        with days(day):
            for answer in (client.get(undo), client.post(undo, follow=True)):
                assert answer.status_code == 410
                assert own not in answer.content.decode()
    assert count() == 1


def test_who_was_held_is_held_again_after_undoing() -> None:
    signature = signed()
    Signature.objects.update(state=State.HELD)
    tally.repair()
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    assert services.undo(signature_id=signature.pk, now=timezone.now())
    signature.refresh_from_db()
    assert signature.state == State.HELD


def test_withdrawing_twice_is_one_withdrawal_and_one_mail() -> None:
    signature = signed()
    assert services.withdraw(signature_id=signature.pk, now=timezone.now())
    assert not services.withdraw(signature_id=signature.pk, now=timezone.now())
    assert OutboundMail.objects.count() == 1
    assert tally.repair() == {}


def test_after_a_week_it_cannot_be_undone(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    signature = signed()
    client.post(f"{own_page(signature)}withdraw/")
    undo = read_mail(mailbox).path("mine/undo")
    with days(7.1):
        for answer in (client.get(undo), client.post(undo, follow=True)):
            assert answer.status_code == 410
            assert b"no longer" in answer.content
        retention.forget(timezone.now())
        assert client.get(undo).status_code == 404
    assert count() == 0


def test_signing_anew_keeps_the_old_one_from_coming_back(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    signature = signed()
    client.post(f"{own_page(signature)}withdraw/")
    undo = read_mail(mailbox).path("mine/undo")
    client.post(sign_up(client, mailbox, name="Aveline A. Ashgrove").path("confirm"))
    assert b"signed anew" in client.get(undo).content
    client.post(undo)
    assert list(Signature.objects.public().values_list("name", flat=True)) == ["Aveline A. Ashgrove"]
    assert count() == 1


def test_then_nothing_is_left_but_a_bare_row(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    signature = Signature.objects.get()
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    retention.forget(timezone.now())
    signature.refresh_from_db()
    assert signature.name == "Aveline Ashgrove"  # not before its time
    with days(7.1):
        retention.forget(timezone.now())
        retention.forget(timezone.now())
    signature.refresh_from_db()
    assert signature.erased_at
    assert signature.number
    said = [signature.name, signature.filed_under, signature.affiliation, signature.search_key, signature.domain]
    assert said == [""] * 5
    assert bytes(signature.address_sealed) == b""
    assert bytes(signature.address_digest) != b""
    assert not Signup.objects.exists()
    assert not OutboundMail.objects.exists()
    assert [line.row for line in erasure_log.read()] == [signature.pk]
    with days(38):
        retention.forget(timezone.now())
    signature.refresh_from_db()
    assert bytes(signature.address_digest) == b""
    assert tally.repair() == {}


def test_a_ledger_that_cannot_be_written_keeps_the_person(settings: Settings, tmp_path: Path) -> None:
    signature = signed()
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    settings.ERASURE_LEDGER = str(tmp_path)  # a folder
    with pytest.raises(OSError, match="directory"):
        retention.erase(signature_id=signature.pk, now=timezone.now())
    signature.refresh_from_db()
    assert signature.erased_at is None
    assert signature.name


def test_a_confirmation_link_withdraws_nothing(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    """T24: a link of one purpose is nothing for another."""
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    token = path.split("/")[2]
    for way in (f"/mine/{token}/", f"/mine/{token}/withdraw/", f"/mine/undo/{token}/"):
        assert client.post(way).status_code == 404
    own = own_page(Signature.objects.get())[: len("/mine/") + 22]  # without the day
    assert own in client.get(path).content.decode()
    with days(29):  # the page still says so, but opens nothing
        later = client.get(path).content.decode()
    assert own not in later
    assert 'href="/mine/"' in later
    assert count() == 1


def test_a_mailbox_that_withdrew_may_sign_anew(client: Client, mailbox: Catcher) -> None:
    signature = signed()
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    mail = sign_up(client, mailbox, email=ADDRESS)
    assert client.post(mail.path("confirm")).status_code == 303
    assert Signature.objects.public().count() == 1
