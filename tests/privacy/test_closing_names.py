"""On the day on which addresses go, those who are counted without a name lose the name, wherever it stood."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from signatories.desk.duplicates import finding
from signatories.desk.queue import services as queue
from signatories.identity import mailbox
from signatories.mine import services as mine
from signatories.models import (
    Card,
    Closing,
    DossierContact,
    DuplicateGroup,
    Membership,
    OutboundMail,
    Quote,
    Report,
    Signature,
    Verification,
)
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State, VerifiedAs
from signatories.operations import closing
from signatories.privacy import addresses, bare, retention
from signatories.screening import evidence
from signatories.tally import services as tally
from tests.dossiers.moonwright import NAME, watched
from tests.people import organizer, signed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# What a row that is counted must have, whoever it is.
COUNTED = {"name": addresses.NO_NAME, "filed_under": addresses.NO_NAME}
RANDOM = {"nonce"}


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False) as traveller:
        yield traveller


@pytest.fixture
def olga() -> AbstractBaseUser:
    return organizer()


def the_day_comes(olga: AbstractBaseUser, clock: Traveller) -> None:
    """Signing ends, and forty days later addresses go."""
    now = timezone.now()
    assert closing.end(organizer=olga, now=now)
    assert closing.keep_addresses_until(day=(now + 40 * DAY).date(), organizer=olga, now=now)
    clock.shift(40 * DAY)
    assert closing.settle(timezone.now())
    retention.forget(timezone.now())
    assert Closing.current().addresses_deleted_at


def everything_beside(signature: Signature, olga: AbstractBaseUser) -> None:
    """Let every place know who somebody is that was named, verified and shown once."""
    known, now = watched(), timezone.now()
    Signature.objects.filter(pk=signature.pk).update(
        held_for=[f"looks-like:{NAME}"], verified_as=VerifiedAs.PERSON, featured=1, affiliation="The Zyxwords",
        profession_other="Zyxpiper", name_latin="Zyxlatin", shown_elsewhere=True,
    )  # fmt: skip
    DossierContact.objects.create(watched=known, kind="agent", contact="Zyxagent", found_at="x", organizer_id=olga.pk)
    Verification.objects.create(
        signature=signature, watched=known, seen=now, first_at=now, first_by_id=olga.pk, due_at=now, done_at=now
    )
    Quote.objects.create(signature=signature, words="Zyxwords", language="en", cleared="mail", added_at=now)
    Report.objects.create(signature=signature, wrong="misspelt", words="It is Zyxname!", language="en")
    Card.objects.create(signature=signature, language="en", token="a" * 22, made_at=now)
    band = signed(name="The Zyxband", profession="band", address="band@example.org")
    Membership.objects.create(group=band, signature=signature)


def test_who_is_unnamed_is_as_bare_as_an_erased_person(olga: AbstractBaseUser, clock: Traveller) -> None:
    signature = signed(name="Cassius Moonwrong", country="IE", named=False)
    other = signed(name="Cassius Moonwrong", address="other@example.org")
    third = signed(name="Cassius Moonwrong", address="third@example.org")
    everything_beside(signature, olga)
    tally.repair()
    assert finding.look(timezone.now()) == 1
    the_day_comes(olga, clock)
    row = Signature.objects.get(pk=signature.pk)
    assert row.state == State.PUBLISHED and row.number == signature.number and not row.named
    for column, value in (bare.bare_values() | COUNTED).items():
        if column not in RANDOM:
            found = getattr(row, column)
            found = bytes(found) if isinstance(found, memoryview) else found
            assert (str(found) if column == "country" else found) == value, column
    beside = (Quote, Report, Card, Verification, DossierContact, DuplicateGroup, OutboundMail)
    assert [model for model in beside if model.objects.exists()] == []
    assert not Membership.objects.filter(signature=signature).exists()
    assert tally.repair() == {}
    # Those who are left of the group are found again, and nobody else.
    assert finding.look(timezone.now()) == 1
    assert DuplicateGroup.objects.get().members == [other.pk, third.pk]


def test_whoever_is_erased_or_unnamed_loses_the_same(olga: AbstractBaseUser, clock: Traveller) -> None:
    signature = signed(name="Cassius Moonwrong")
    everything_beside(signature, olga)
    assert mine.withdraw(signature_id=signature.pk, now=timezone.now())
    clock.shift(31 * DAY)
    retention.forget(timezone.now())
    row = Signature.objects.get(pk=signature.pk)
    assert row.erased_at
    assert set(bare.bare_values()) - RANDOM <= set(addresses.of_unnamed())
    assert not Quote.objects.exists() and not Verification.objects.exists() and not DossierContact.objects.exists()


def test_who_becomes_unnamed_after_the_day_loses_the_name_as_well(olga: AbstractBaseUser, clock: Traveller) -> None:
    held = signed(name="Umbra Latecomer", named=False, address="held@example.org")
    Signature.objects.filter(pk=held.pk).update(state=State.HELD, held_for=["organizer"])
    shown = signed(name="Vera Hides", country="IE", address="shown@example.org")
    tally.repair()
    the_day_comes(olga, clock)
    assert set(Signature.objects.values_list("name", flat=True)) == {"Umbra Latecomer", "Vera Hides"}
    assert queue.publish(signature_id=held.pk, organizer=olga, reason="Yes.", now=timezone.now())
    update = mine.SignatureUpdate(**vars(mine.update_of(Signature.objects.get(pk=shown.pk))) | {"named": False})
    assert mine.mend(signature_id=shown.pk, update=update, now=timezone.now())
    retention.forget(timezone.now())
    for row in Signature.objects.all():
        assert (row.name, row.skeleton, row.search_key, str(row.country), row.held_for) == ("–", "", "", "", [])
    assert tally.repair() == {}


def test_those_without_a_name_are_no_doubles_of_each_other(olga: AbstractBaseUser, clock: Traveller) -> None:
    rows = [signed(name=f"Umbra {n}", named=False, address=f"u{n}@example.org") for n in ("One", "Two", "Three")]
    the_day_comes(olga, clock)
    assert finding.look(timezone.now()) == 0  # at everything, as it is the first time
    Signature.objects.update(changed_at=timezone.now())
    assert finding.look(timezone.now()) == 0
    assert finding.refresh([("", "singer")]) == 0
    first = Signature.objects.get(pk=rows[0].pk)
    assert evidence.collect([first], timezone.now())[first.pk].same_name == 0


@pytest.mark.parametrize("kind", [MailKind.LINK, MailKind.REMINDER, MailKind.GATHERED])
def test_no_mail_keeps_the_address_of_anybody(olga: AbstractBaseUser, clock: Traveller, kind: MailKind) -> None:
    signed()
    clock.shift(0)
    address = "asked@example.org"
    OutboundMail.objects.create(
        kind=kind, language="en", once=b"1" * 32, address_sealed=mailbox.seal(address), domain="example.org",
        address_digest=mailbox.digest(address), created_at=timezone.now() + 39 * DAY,
    )  # fmt: skip
    the_day_comes(olga, clock)
    assert not OutboundMail.objects.exists()
