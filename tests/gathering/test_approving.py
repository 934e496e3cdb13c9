"""Administrators say who may hand names over, look at each batch, and approve or refuse it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from signatories.desk import urls as desk_urls
from signatories.desk.partners import services as partners
from signatories.gathering import own_urls, services
from signatories.models import Act, Channel, Closing, GatheredBatch, GatheringGrant, Invitee
from tests.desk.roles import address
from tests.gathering.gathering import PDF, checked, gathering_partner, members, proof, prove_and_ask, send_all, table
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
    page = desk.get(path).content.decode().replace("<wbr>", "")  # where an address may break
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


@pytest.mark.parametrize("how", ["grant", "partner", "closing"])
def test_where_nothing_goes_any_more_the_desk_offers_no_step(desk: Client, asked: GatheredBatch, how: str) -> None:
    """Before it is approved, and after."""
    partner_id, now = asked.partner_id, timezone.now()
    names, page = f"/desk/partners/{partner_id}/names/", f"/desk/partners/{partner_id}/names/{asked.pk}/"

    def end() -> None:
        if how == "grant":
            services.end_grant(partner_id=partner_id, account=organizer("ender"), now=now)
        elif how == "partner":
            partners.end(partner_id=partner_id, organizer=organizer("ender"), reason="over", now=now)
        else:
            Closing.objects.create(pk=1, ended_at=now, ended_by_id=organizer("ender").pk)

    assert services.approve(batch_id=asked.pk, account=organizer("approver"), now=now)
    assert ">Pause</button>" in desk.get(page).content.decode()
    end()
    told = desk.get(page).content.decode()
    assert "nothing more is sent" in told and ">Pause<" not in told and ">Go on<" not in told
    GatheredBatch.objects.filter(pk=asked.pk).update(state="asked")
    told = desk.get(page).content.decode()
    assert "it cannot be approved" in told and "Approve it" not in told and "Refuse it" in told
    if how == "partner":
        told = desk.get(names).content.decode()
        assert "This partner has ended: it can hand no names over" in told
        assert "It may hand names over" not in told and "Take no more names" not in told


def test_a_file_that_was_sent_completely_cannot_be_paused(desk: Client, asked: GatheredBatch) -> None:
    page = f"/desk/partners/{asked.partner_id}/names/{asked.pk}/"
    long_ago = timezone.now() - timedelta(hours=2)
    assert services.approve(batch_id=asked.pk, account=organizer("approver"), now=long_ago)
    assert ">Pause</button>" in desk.get(page).content.decode()
    send_all()
    told = desk.get(page).content.decode()
    assert "Done: everybody had their turn" in told and ">Pause<" not in told
    assert "Take it back" in told


def test_another_partner_finds_nothing_of_it(asked: GatheredBatch) -> None:
    """Every address that names a batch, as the site has them: a new one is walked, too."""
    spy = officer(gathering_partner("Label of Lanterns", "lanterns"), "spy")
    row = asked.invitees.filter(is_test=False).earliest("pk")
    names = {"pk": asked.pk, "invitee": row.pk}
    walked = [pattern for pattern in own_urls.urlpatterns if "pk" in pattern.pattern.regex.groupindex]
    assert len(walked) >= 11
    for pattern in walked:
        path = reverse(str(pattern.name), kwargs={name: names[name] for name in pattern.pattern.regex.groupindex})
        sent = {"pace": "1", "name": "0", "address": "1"} | proof()
        assert spy.get(path).status_code in (404, 405), path
        assert spy.post(path, sent).status_code == 404 or pattern.name == "partner-batch", path
    assert spy.post(f"/partner/names/{asked.pk}/").status_code in (404, 405)
    assert b"Number0000" not in spy.get("/partner/names/").content
    unchanged(asked)


def unchanged(batch: GatheredBatch) -> None:
    """All columns of a batch are as they were read before, and nobody of it was left out."""
    before = {field.attname: getattr(batch, field.attname) for field in batch._meta.concrete_fields}
    after = GatheredBatch.objects.get(pk=batch.pk)
    assert {name: getattr(after, name) for name in before} == before
    assert set(batch.invitees.filter(line__in=(2, 4)).values_list("left_out", flat=True)) == {False}


def test_with_a_batch_of_ones_own_no_row_of_another_is_left_out(asked: GatheredBatch) -> None:
    """Both are still open, so that the row itself could be left out."""
    GatheredBatch.objects.filter(pk=asked.pk).update(state="open")
    asked.refresh_from_db()
    spy = officer(gathering_partner("Label of Lanterns", "lanterns"), "spy")
    own = checked(spy, table(members(2, "lanterns.example")))
    theirs, mine = asked.invitees.get(line=2), own.invitees.get(line=2)
    answer = spy.post(f"/partner/names/{own.pk}/rows/{theirs.pk}/", follow=True)
    page = answer.content.decode().replace("<wbr>", "")  # where an address may break
    assert "m0@lanterns.example" in page and "m0@union.example" not in page
    unchanged(asked)
    spy.post(f"/partner/names/{own.pk}/rows/{mine.pk}/")
    assert own.invitees.get(line=2).left_out


def test_at_the_desk_a_batch_stands_under_its_own_partner_alone(desk: Client, asked: GatheredBatch) -> None:
    other = gathering_partner("Label of Lanterns", "lanterns")
    walked = [pattern for pattern in desk_patterns() if "batch" in pattern.pattern.regex.groupindex]
    assert len(walked) >= 6
    for pattern in walked:
        wrong = address(pattern, pk=other.pk, batch=asked.pk)
        assert desk.get(wrong).status_code in (404, 405), wrong
        assert desk.post(wrong, {"approve": "1", "reason": "x"}).status_code in (404, 405), wrong
    unchanged(asked)
    assert desk.get(f"/desk/partners/{asked.partner_id}/names/{asked.pk}/").status_code == 200


def desk_patterns() -> list[URLPattern]:
    return [pattern for pattern in desk_urls.urlpatterns if isinstance(pattern, URLPattern)]


def test_what_was_accepted_stays_on_the_trail(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both versions, by whom and when, also when the right is given anew with newer ones."""
    text()
    made = partner()
    path = f"/desk/partners/{made.pk}/names/"
    desk.post(f"{path}grant/", GRANT)
    desk.post(f"{path}end/")
    monkeypatch.setattr(services, "CONTRACT", "2027-01")
    monkeypatch.setattr(services, "ASSESSMENT", "2027-02")
    desk.post(f"{path}grant/", GRANT | {"signed_on": "2027-01-15"})
    given = Act.objects.filter(about=f"partner {made.pk}", reason__startswith="gathered names allowed").order_by("pk")
    assert [act.reason for act in given] == [
        "gathered names allowed: contract 2026-11 of 2026-11-02, assessment 2026-11",
        "gathered names allowed: contract 2027-01 of 2027-01-15, assessment 2027-02",
    ]
    assert {(act.organizer and act.organizer.get_username(), act.acted_at is not None) for act in given} == {
        ("olga", True)
    }
    assert GatheringGrant.objects.get().contract == "2027-01"
