"""A restored backup asks nobody a second time, and changed keys change nothing about that."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from signatories.gathering import sending, services
from signatories.identity import mailbox as sealing
from signatories.mail import outbox
from signatories.models import Invitee
from signatories.privacy import erasure_log
from tests.gathering.gathering import (
    approved,
    checked,
    gathering_partner,
    mailed,
    members,
    prove_and_ask,
    send_all,
    table,
)
from tests.operations.backups import restore
from tests.operations.conftest import backed_up as backed_up
from tests.operations.conftest import keys as keys
from tests.operations.conftest import own_files as own_files
from tests.operations.rotating import Keys, rotate
from tests.partners.partners import officer
from tests.people import organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_was_asked_or_said_no_after_the_backup_is_not_mailed_again(
    client: Client, mailbox: Catcher, backed_up: Callable[[], Path]
) -> None:
    text()
    approved(gathering_partner(), table(members(5)), pace=12 * 2)
    sending.send(timezone.now())
    outbox.drain()
    sending.send(timezone.now())  # two more wait in the outbox
    source = backed_up()
    send_all()
    assert len(mailed(mailbox)) == 5
    client.post(mailbox.of("m0@union.example")[0].path("invited") + "no/")
    erasure_log.catch_up(timezone.now())
    restore(source, "--replace")
    assert dict(Invitee.objects.values_list("line", "answer")) == {2: "declined", 3: "", 4: "", 5: ""}
    assert Invitee.objects.get(line=2).name == ""
    send_all()
    assert len(mailed(mailbox)) == 5
    assert "Souhaitez-vous signer" in client.get(mailbox.of("m1@union.example")[0].path("invited")).content.decode()


def test_a_file_that_was_approved_after_the_backup_is_taken_back(
    client: Client, mailbox: Catcher, backed_up: Callable[[], Path]
) -> None:
    """Nobody knows any more who of it was asked: an administrator lets the partner hand names over anew."""
    text()
    union = gathering_partner()
    own = officer(union, "paula")
    batch = checked(own, table(members(3)))
    source = backed_up()
    prove_and_ask(own, batch)
    assert services.approve(batch_id=batch.pk, account=organizer("ann"), now=timezone.now() - services.AFTER_APPROVAL)
    send_all()
    assert len(mailed(mailbox)) == 3
    restore(source, "--replace")
    batch.refresh_from_db()
    assert (batch.state, batch.file, batch.sample) == ("undone", b"", b"")
    assert not Invitee.objects.exists()
    assert not services.may_gather(union)


def test_with_new_keys_links_work_and_nobody_is_asked_again(client: Client, mailbox: Catcher, keys: Keys) -> None:
    text()
    union = gathering_partner()
    approved(union, table(members(3)))
    send_all()
    first, second = (mailbox.of(f"m{n}@union.example")[0].path("invited") for n in (0, 1))
    client.post(f"{first}no/")
    keys.draw()
    told = rotate()
    assert "whom partners named, 1 are known" in told
    open_one = Invitee.objects.get(line=3)
    assert bytes(open_one.address_digest) == sealing.digest("m1@union.example")
    assert bytes(open_one.digest_key) == sealing.key_in_use()
    assert client.get(second).status_code == 200
    mailbox.mails.clear()
    approved(gathering_partner("Label of Lanterns", "lanterns"), table(members(3)))
    send_all()
    assert mailed(mailbox) == []
