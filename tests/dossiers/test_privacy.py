"""What a dossier holds is given to its person, deleted with them, and deleted when signing has closed."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as declared
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from signatories.desk.dossiers import services, verification
from signatories.desk.settings import changes
from signatories.desk.settings.changes import Change
from signatories.mine import services as mine
from signatories.models import (
    Act,
    AnnouncedMailbox,
    DossierContact,
    DossierEnquiry,
    DossierProof,
    Signature,
    Verification,
    WatchedName,
)
from signatories.models import settings as site
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.operations.backup import tables
from signatories.privacy import own_data, retention
from tests.dossiers.moonwright import NAME, PRIVATE, colleague, proof, waiting, watched

pytestmark = pytest.mark.django_db
ADDRESS = "cassius@example.org"


def filled(by: AbstractBaseUser, name: str = NAME) -> DossierProof:
    """A dossier with a row of each kind."""
    row, now = watched(name), timezone.now()
    WatchedName.objects.filter(pk=row.pk).update(note=f"{PRIVATE} note")
    contact = services.add_contact(
        watched_id=row.pk, kind="agent", contact=f"{PRIVATE} contact", found_at=f"{PRIVATE} found", organizer=by
    )
    services.add_enquiry(
        watched_id=row.pk, contact=contact, asked=f"{PRIVATE} asked", asked_at=now, organizer=by, now=now,
        answer=f"{PRIVATE} answered",
    )  # fmt: skip
    evidence = proof(by, name)
    services.announce_mailbox(
        watched_id=row.pk,
        address=f"{row.pk}@example.com",
        announced_by=f"{PRIVATE} agent",
        proof=evidence,
        organizer=by,
    )
    return evidence


def verified(by: AbstractBaseUser) -> Signature:
    signature, evidence, boris = waiting(), filled(by), colleague()
    for who in (by, boris):
        verification.agree(
            signature_id=signature.pk, proof_id=evidence.pk, organizer=who, alone=False, now=timezone.now()
        )
    signature.refresh_from_db()
    assert signature.verified_as == "person"
    return signature


def dossier_rows() -> list[int]:
    return [model.objects.count() for model in (DossierContact, DossierEnquiry, DossierProof, AnnouncedMailbox)]


def test_the_person_is_given_all_of_it(olga: AbstractBaseUser) -> None:
    verified(olga)
    told = own_data.of_mailbox(ADDRESS)
    text = json.dumps(told)
    for words in ("note", "contact", "found", "asked", "answered", "agent"):
        assert f"{PRIVATE} {words}" in text
    assert f"{watched().pk}@example.com" in text
    (mine_,) = told["signatures"]
    assert (mine_["verified_as"], len(mine_["verifications"]), len(mine_["dossiers"])) == ("person", 1, 1)
    assert mine_["verifications"][0]["first_by"] == olga.pk
    out = StringIO()
    call_command("person", "export", ADDRESS, stdout=out)
    assert f"{PRIVATE} answered" in out.getvalue()


def test_a_namesake_is_given_nothing_of_the_other(olga: AbstractBaseUser) -> None:
    signature = waiting()
    filled(olga)
    verification.declare_namesake(signature_id=signature.pk, organizer=olga, reason="A baker.", now=timezone.now())
    assert PRIVATE not in json.dumps(own_data.of_mailbox(ADDRESS))


def test_who_only_waits_is_given_nothing(olga: AbstractBaseUser) -> None:
    """Nobody knows yet whether it is the person, or whoever plays a prank."""
    signature = waiting()
    evidence = filled(olga)
    verification.agree(signature_id=signature.pk, proof_id=evidence.pk, organizer=olga, alone=False, now=timezone.now())
    assert PRIVATE not in json.dumps(own_data.of_mailbox(ADDRESS))


def test_an_announced_mailbox_is_told_to_its_owner_and_erased_for_them(olga: AbstractBaseUser) -> None:
    filled(olga)
    address = f"{watched().pk}@example.com"
    (row,) = own_data.of_mailbox(address)["announced_mailboxes"]
    assert (row["address"], row["announced_by"]) == (address, f"{PRIVATE} agent")
    assert retention.erase_mailbox(address=address, reason="Asked for it.", now=timezone.now()) == 1
    assert not AnnouncedMailbox.objects.exists()


def test_it_is_erased_with_the_person(olga: AbstractBaseUser) -> None:
    signature = verified(olga)
    filled(olga, "Wilma Fernhill")
    now = timezone.now()
    mine.withdraw(signature_id=signature.pk, now=now)
    assert dossier_rows() == [2, 2, 2, 2]  # for as long as it can be undone
    retention.erase_withdrawn(now + timedelta(days=declared.UNDO_DAYS, minutes=1))
    assert dossier_rows() == [1, 1, 1, 1]
    assert not Verification.objects.exists()
    assert (watched().note, watched("Wilma Fernhill").note) == ("", f"{PRIVATE} note")
    bare = Signature.objects.get(pk=signature.pk)
    assert (bare.state, bare.verified_as, bare.held_for) == (State.WITHDRAWN, "", [])


def test_when_signing_has_closed_those_who_never_signed_are_forgotten(olga: AbstractBaseUser) -> None:
    verified(olga)
    filled(olga, "Wilma Fernhill")
    for name in ("Otto Vale", "Rita Vale"):
        watched(name)
    out = StringIO()
    call_command("forget_dossiers", reason="Closed on Sunday.", stdout=out)
    assert out.getvalue() == "1 dossier deleted.\n"
    assert dossier_rows() == [1, 1, 1, 0]  # no announcement outlives signing, not even for those who signed
    assert (watched("Wilma Fernhill").note, watched().note) == ("", f"{PRIVATE} note")
    assert WatchedName.objects.count() == 4
    assert Act.objects.get(verb=Verb.ERASE).reason == "Closed on Sunday."
    call_command("forget_dossiers", reason="Again.", stdout=out)
    assert Act.objects.filter(verb=Verb.ERASE).count() == 1
    with pytest.raises(CommandError):
        call_command("forget_dossiers", reason=" ", stdout=out)


def test_a_backup_has_it() -> None:
    assert set(tables.names()) >= {
        "signatories_dossiercontact", "signatories_dossierenquiry", "signatories_dossierproof",
        "signatories_announcedmailbox", "signatories_verification", "signatories_watchedfile",
    }  # fmt: skip


@pytest.mark.parametrize("badge", [False, True])
def test_the_page_says_that_and_never_how(olga: AbstractBaseUser, badge: bool) -> None:
    signature = verified(olga)
    changes.change(changes={"verified_badge": Change(badge)}, organizer=olga, now=timezone.now())
    page = Client().get(f"/signatories/{signature.number}/").content.decode()
    assert ("Verified by the organizers" in page) is badge
    for path in (f"/signatories/{signature.number}/", "/signatories/", "/api/v1/signatories", "/press/verification/"):
        shown = Client().get(path).content.decode()
        assert PRIVATE not in shown and "agent" not in shown.lower().replace("user-agent", "").replace("agents", "")


def test_the_switch_is_off_until_somebody_turns_it_on(desk: Client) -> None:
    assert site.current(timezone.now()).verified_badge is False
    desk.post("/desk/settings/", {"verified_badge": "on", "initial-verified_badge": "False"})
    assert site.current(timezone.now()).verified_badge is True
    assert "verified" in Act.objects.get().reason
