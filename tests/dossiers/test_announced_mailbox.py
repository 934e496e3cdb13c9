"""A mailbox that was announced: the person's signature from there need not wait for the name."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.dossiers import services
from signatories.identity import mailbox as boxes
from signatories.mine import services as mine
from signatories.models import Act, AnnouncedMailbox, Signature, Verification
from signatories.models.signature import State
from signatories.operations import key_rotation
from signatories.screening import holds
from tests.dossiers.moonwright import NAME, PRIVATE, proof, state_of, watched
from tests.people import read_mail, set_to, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
ADDRESS = "cassius.moonwright@example.org"
VERIFIED = (State.PUBLISHED, "person")


def announce(by: AbstractBaseUser, address: str = ADDRESS, name: str = NAME) -> AnnouncedMailbox:
    evidence = proof(by, name)
    made = services.announce_mailbox(
        watched_id=evidence.watched_id,
        address=address,
        announced_by=f"{PRIVATE}: his agent",
        proof=evidence,
        organizer=by,
    )
    assert made
    return made


def test_a_signature_from_there_is_published_at_once(client: Client, mailbox: Catcher, olga: AbstractBaseUser) -> None:
    announced = announce(olga)
    mail = sign_up(client, mailbox, name=NAME, email=ADDRESS)
    client.post(mail.path("confirm"))
    signature = Signature.objects.get()
    assert state_of(signature) == VERIFIED
    assert client.get(f"/signatories/{signature.number}/").status_code == 200
    done = Verification.objects.get()
    assert (done.mailbox_id, done.proof_id, done.first_by, done.watched_id) == (
        announced.pk, announced.proof_id, None, watched().pk,
    )  # fmt: skip
    assert done.done_at
    act = Act.objects.of_the_desk().filter(signature=signature).get()
    assert (act.actor, act.reason) == (
        "rule", f"Verified by the announced mailbox {announced.pk} of watched name {watched().pk}.",
    )  # fmt: skip


@pytest.mark.parametrize("address", ["Cassius.Moonwright+lists@Example.ORG", " cassius.moonwright@example.org "])
def test_it_is_the_mailbox_that_counts_and_not_its_spelling(olga: AbstractBaseUser, address: str) -> None:
    announce(olga, address)
    assert signed(name=NAME, address=ADDRESS).state == State.PUBLISHED


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (NAME, "another@example.org"),
        (NAME, "cassius.moonwright@another.example"),
        ("Wilma Fernhill", ADDRESS),  # watched too, and not announced
    ],
)
def test_another_mailbox_or_another_name_waits(olga: AbstractBaseUser, name: str, address: str) -> None:
    watched("Wilma Fernhill")
    announced = announce(olga)
    signature = signed(name=name, address=address)
    assert state_of(signature) == (State.HELD, "")
    announced.refresh_from_db()
    assert announced.used_at is None and not Verification.objects.exists()


def test_a_name_that_nobody_watches_leaves_it_unused(olga: AbstractBaseUser) -> None:
    announced = announce(olga)
    assert state_of(signed(name="Bettina Ashgrove", address=ADDRESS)) == (State.PUBLISHED, "")
    announced.refresh_from_db()
    assert announced.used_at is None


def test_other_reasons_still_hold(olga: AbstractBaseUser) -> None:
    set_to(most_per_domain=1)
    announce(olga, "cassius@unknown-domain.example")
    signature = signed(name=NAME, address="cassius@unknown-domain.example")
    first = state_of(signature)
    if first == VERIFIED:  # the first of the domain
        announce(olga, "again@unknown-domain.example")
        signature = signed(name=NAME, address="again@unknown-domain.example")
    assert state_of(signature) == (State.HELD, "person")
    assert signature.held_for == [holds.DOMAIN]


def test_two_watched_names_and_one_announcement(olga: AbstractBaseUser) -> None:
    """The announced one is verified; for the other the signature waits as any does."""
    announce(olga)
    watched("Wilma Fernhill")
    signature = signed(name=f"{NAME} and Wilma Fernhill", address=ADDRESS)
    assert state_of(signature) == (State.HELD, "")
    assert signature.held_for == ["looks-like:Wilma Fernhill"]


def test_it_is_used_once_and_its_address_is_deleted(olga: AbstractBaseUser) -> None:
    announced = announce(olga)
    first = signed(name=NAME, address=ADDRESS)
    announced.refresh_from_db()
    assert announced.used_at
    assert (bytes(announced.address_sealed), bytes(announced.address_digest)) == (b"", b"")
    mine.withdraw(signature_id=first.pk, now=timezone.now())
    assert signed(name=NAME, address=ADDRESS, profession="actor").state == State.HELD
    assert Verification.objects.count() == 1


def test_the_address_is_stored_sealed(desk: Client, olga: AbstractBaseUser, caplog: pytest.LogCaptureFixture) -> None:
    evidence, path = proof(olga), f"/desk/dossiers/{watched().pk}/"
    said = {"address": ADDRESS, "announced_by": "His agent", "proof": evidence.pk}
    with caplog.at_level(logging.DEBUG, "signatories"):
        assert desk.post(f"{path}mailboxes/", said).status_code == 303
    announced = AnnouncedMailbox.objects.get()
    assert boxes.unseal(bytes(announced.address_sealed)) == ADDRESS
    assert bytes(announced.address_digest) == boxes.digest(ADDRESS)
    assert ADDRESS not in caplog.text and ADDRESS not in desk.get(path).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM signatories_announcedmailbox a")
        assert "moonwright@" not in cursor.fetchone()[0]
    again = desk.post(f"{path}mailboxes/", said, follow=True)
    assert "announced already" in again.content.decode()
    assert AnnouncedMailbox.objects.count() == 1
    desk.post(f"{path}mailboxes/{announced.pk}/take-back/")
    assert not AnnouncedMailbox.objects.exists()
    assert signed(name=NAME, address=ADDRESS).state == State.HELD
    assert not Act.objects.filter(reason__contains="agent").exists()


@pytest.mark.parametrize("changes", [{"address": "nobody"}, {"announced_by": ""}, {"proof": "1"}, {"proof": ""}])
def test_it_needs_an_address_a_person_and_a_proof(
    desk: Client, olga: AbstractBaseUser, changes: dict[str, str]
) -> None:
    said = {"address": ADDRESS, "announced_by": "His agent", "proof": proof(olga).pk} | changes
    answer = desk.post(f"/desk/dossiers/{watched().pk}/mailboxes/", said)
    assert (answer.status_code == 422 and "His agent" in answer.content.decode()) or not changes.get(
        "announced_by", "x"
    )
    assert not AnnouncedMailbox.objects.exists()


def test_it_asks_for_the_second_factor(desk: Client, olga: AbstractBaseUser) -> None:
    said = {"address": ADDRESS, "announced_by": "His agent", "proof": proof(olga).pk}
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        answer = desk.post(f"/desk/dossiers/{watched().pk}/mailboxes/", said)
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert not AnnouncedMailbox.objects.exists()


def test_a_used_one_is_not_taken_back(desk: Client, olga: AbstractBaseUser) -> None:
    announced = announce(olga)
    signed(name=NAME, address=ADDRESS)
    path = f"/desk/dossiers/{watched().pk}/mailboxes/{announced.pk}/take-back/"
    assert "Nothing was changed" in desk.post(path, follow=True).content.decode()
    assert AnnouncedMailbox.objects.get() == announced


def test_rotating_keys_moves_it(olga: AbstractBaseUser, settings: Settings) -> None:
    announced = announce(olga)
    old = settings.DIGEST_KEY
    settings.DIGEST_KEY, settings.DIGEST_KEY_FALLBACKS = "another-key-of-digests-" * 3, [old]
    assert [found.older for found in key_rotation.count_older() if found.table == "announcedmailbox"] == [1]
    key_rotation.move(lambda _found: None)
    settings.DIGEST_KEY_FALLBACKS = []
    announced.refresh_from_db()
    assert bytes(announced.address_digest) == boxes.digest(ADDRESS)
    assert signed(name=NAME, address=ADDRESS).state == State.PUBLISHED


def test_while_keys_are_rotated_it_is_found_too(olga: AbstractBaseUser, settings: Settings) -> None:
    announce(olga)
    settings.DIGEST_KEY, settings.DIGEST_KEY_FALLBACKS = "another-key-of-digests-" * 3, [settings.DIGEST_KEY]
    assert signed(name=NAME, address=ADDRESS).state == State.PUBLISHED


def test_the_signer_is_told_nothing_of_it(client: Client, mailbox: Catcher, olga: AbstractBaseUser) -> None:
    """The pages and the mail are those of everybody."""
    announce(olga)
    mail = sign_up(client, mailbox, name=NAME, email=ADDRESS)
    page = client.get(mail.path("confirm")).content.decode()
    confirmed = client.post(mail.path("confirm"), follow=True).content.decode()
    assert "announced" not in (page + confirmed + read_mail(mailbox, ADDRESS).text).lower()
