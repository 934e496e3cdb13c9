"""Once signing has ended no partner hands names over, and no batch goes a step further; what was begun can be undone."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from signatories.gathering import services
from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import BatchState
from signatories.operations import closing
from signatories.privacy import retention
from tests.gathering.gathering import checked, gathering_partner, members, proof, prove_and_ask, table
from tests.partners.partners import officer
from tests.people import enter, organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def end() -> None:
    assert closing.end(organizer=organizer("ender"), now=timezone.now())


def hand_over(browser: Client) -> int:
    file = SimpleUploadedFile("members.csv", table(members(3)))
    return browser.post("/partner/names/", {"file": file, "language": "en"}).status_code


def test_no_file_is_taken(mailbox: Catcher) -> None:
    text()
    made = gathering_partner()
    own = officer(made)
    assert hand_over(own) == 303
    end()
    assert hand_over(own) == 410
    assert GatheredBatch.objects.count() == 1
    page = own.get("/partner/names/").content.decode()
    assert "Signing ended on" in page and 'name="file"' not in page and "Your files" in page
    with pytest.raises(services.Over):
        services.upload(partner_id=made.pk, account=organizer("other"), content=b"x", language="en")


def test_a_batch_that_was_begun_goes_no_further_but_can_be_taken_back(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    batch = checked(own, table(members(3)))
    path = f"/partner/names/{batch.pk}/"
    end()
    assert not services.set_columns(batch_id=batch.pk, places={"name": 0, "email": 1, **batch.columns})
    own.post(f"{path}proof/", proof())
    own.post(f"{path}test/")
    batch.refresh_from_db()
    assert (batch.state, batch.asked_by, batch.tested_at) == (BatchState.OPEN, "", None)
    assert not Invitee.objects.filter(is_test=True).exists()
    assert "Signing ended on" in own.get(path).content.decode()
    assert own.post(f"{path}undo/").status_code == 303
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE


@pytest.mark.parametrize("ended", [False, True])
def test_nothing_is_asked_or_approved(mailbox: Catcher, ended: bool) -> None:
    text()
    own = officer(gathering_partner())
    batch = checked(own, table(members(3)))
    prove_and_ask(own, batch)
    olga = organizer()
    if ended:
        end()
        GatheredBatch.objects.filter(pk=batch.pk).update(state=BatchState.OPEN)
        assert not services.ask(batch_id=batch.pk)
        GatheredBatch.objects.filter(pk=batch.pk).update(state=BatchState.ASKED)
    enter(Client(), olga).post(f"/desk/partners/{batch.partner_id}/names/{batch.pk}/decide/", {"approve": "1"})
    batch.refresh_from_db()
    assert batch.state == (BatchState.ASKED if ended else BatchState.APPROVED)


def test_what_came_in_while_it_was_settled_is_forgotten_within_the_hour(mailbox: Catcher) -> None:
    text()
    batch = checked(officer(gathering_partner()), table(members(3)))
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        end()
    assert closing.settle(timezone.now())
    GatheredBatch.objects.filter(pk=batch.pk).update(state=BatchState.OPEN, file=b"late")
    retention.forget(timezone.now())
    batch.refresh_from_db()
    assert (batch.state, bytes(batch.file)) == (BatchState.UNDONE, b"")
