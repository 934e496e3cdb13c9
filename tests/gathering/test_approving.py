"""Administrators say who may hand names over, look at each batch, and approve or refuse it."""

import pytest
from django.test import Client
from django.utils import timezone

from signatories.gathering import services
from signatories.models import Act, Channel, GatheredBatch, GatheringGrant, Invitee
from tests.gathering.gathering import PDF, checked, gathering_partner, members, prove_and_ask, table
from tests.partners.partners import officer, partner
from tests.people import enter, organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
GRANT = {"signed_by": "Olive Tarn", "signed_on": "2026-11-02", "contract": "on", "assessment": "on"}


@pytest.fixture
def desk() -> Client:
    return enter(Client(), organizer("olga"))


@pytest.fixture
def asked(mailbox: Catcher) -> GatheredBatch:
    """A batch about which the organizers are asked."""
    text()
    own = officer(gathering_partner())
    batch = checked(own, table([*members(3), ("", "x@union.example", "", "")]))
    own.post(f"/partner/names/{batch.pk}/rows/{batch.invitees.get(line=3).pk}/")
    prove_and_ask(own, batch)
    batch.refresh_from_db()
    assert batch.state == "asked"
    return batch


def test_a_partner_may_hand_names_over_only_with_the_contract(desk: Client) -> None:
    text()
    made = partner()
    path = f"/desk/partners/{made.pk}/names/"
    for missing in GRANT:
        answer = desk.post(f"{path}grant/", {key: value for key, value in GRANT.items() if key != missing})
        assert answer.status_code == 422, missing
    assert not services.may_gather(made)
    desk.post(f"{path}grant/", GRANT)
    assert services.may_gather(made)
    grant = GatheringGrant.objects.get()
    assert (grant.signed_by, str(grant.signed_on)) == ("Olive Tarn", "2026-11-02")
    assert Act.objects.filter(reason__startswith="gathered names allowed").exists()
    assert Channel.objects.filter(partner=made, slug="invited").exists()
    desk.post(f"{path}end/")
    assert not services.may_gather(made)
    desk.post(f"{path}grant/", GRANT)
    assert services.may_gather(made)


def test_the_desk_sees_proof_and_rows_with_masked_addresses(desk: Client, asked: GatheredBatch) -> None:
    path = f"/desk/partners/{asked.partner_id}/names/{asked.pk}/"
    page = desk.get(path).content.decode()
    assert "Olive Tarn, secretary" in page and "Member Number0000 Ash" in page
    assert "•••@union.example" in page and "m0@union" not in page
    specimen = desk.get(f"{path}specimen/")
    assert (specimen.content, specimen["Content-Type"]) == (PDF, "application/pdf")
    assert specimen["Content-Disposition"].startswith("attachment")


def test_approved_it_starts_an_hour_later_with_those_who_were_taken(desk: Client, asked: GatheredBatch) -> None:
    desk.post(f"/desk/partners/{asked.partner_id}/names/{asked.pk}/decide/", {"approve": "1"})
    asked.refresh_from_db()
    assert asked.state == "approved"
    assert asked.starts_at and asked.decided_at
    assert asked.starts_at - asked.decided_at == services.AFTER_APPROVAL
    assert sorted(Invitee.objects.values_list("line", flat=True)) == [2, 4]
    assert Act.objects.filter(reason="a batch of gathered names approved").exists()


def test_refused_everybody_is_deleted_and_the_partner_reads_why(desk: Client, asked: GatheredBatch) -> None:
    path = f"/desk/partners/{asked.partner_id}/names/{asked.pk}/decide/"
    assert desk.post(path, {"reason": ""}).status_code == 422
    desk.post(path, {"reason": "The words do not say e-mail."})
    asked.refresh_from_db()
    assert asked.state == "refused"
    assert not Invitee.objects.exists()
    own = officer(asked.partner, "paula")
    assert "The words do not say e-mail." in own.get(f"/partner/names/{asked.pk}/").content.decode()


def test_only_what_was_asked_about_is_decided(desk: Client, asked: GatheredBatch) -> None:
    now, account = timezone.now(), organizer("ole")
    assert services.undo(batch_id=asked.pk, account=account, now=now)
    assert not services.approve(batch_id=asked.pk, account=account, now=now)
    assert not services.refuse(batch_id=asked.pk, account=account, reason="late", now=now)
    asked.refresh_from_db()
    assert asked.state == "undone"


@pytest.mark.parametrize("how", ["grant", "partner"])
def test_nothing_is_approved_of_a_partner_that_may_no_more(desk: Client, asked: GatheredBatch, how: str) -> None:
    account, now = organizer("ole"), timezone.now()
    if how == "grant":
        services.end_grant(partner_id=asked.partner_id, account=account, now=now)
    else:
        asked.partner.ended_at = now
        asked.partner.save()
    assert not services.approve(batch_id=asked.pk, account=account, now=now)


def test_another_partner_finds_nothing_of_it(asked: GatheredBatch) -> None:
    spy = officer(gathering_partner("Label of Lanterns", "lanterns"), "spy")
    row = asked.invitees.filter(is_test=False).first()
    assert row
    paths = (
        "",
        "columns/",
        f"rows/{row.pk}/",
        "proof/",
        "test/",
        "looked/",
        "ask/",
        "pace/",
        "pause/",
        "resume/",
        "undo/",
    )
    for path in paths:
        for method in ("GET", "POST"):
            answer = spy.generic(method, f"/partner/names/{asked.pk}/{path}")
            assert answer.status_code in (404, 405), path
    assert b"Number0000" not in spy.get("/partner/names/").content
    asked.refresh_from_db()
    assert asked.state == "asked"
