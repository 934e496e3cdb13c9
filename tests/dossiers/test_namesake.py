"""Another person of a similar name: one organizer says so, and readers can tell the two apart."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk.dossiers import verification
from signatories.mine import services as mine
from signatories.models import Act, Signature, Verification
from signatories.models.signature import State
from tests.dossiers.moonwright import NAME, colleague, proof, state_of, waiting, watched

pytestmark = pytest.mark.django_db
NAMESAKE = (State.PUBLISHED, "namesake")
HELD = (State.HELD, "")
REASON = "A baker, told us so by telephone."


def path(signature: Signature) -> str:
    return f"/desk/signatures/{signature.pk}/verify/namesake/"


def test_one_organizer_publishes_it_with_what_stands_beside(desk: Client, olga: AbstractBaseUser) -> None:
    signature = waiting(profession="other", profession_other="baker", affiliation="The Corner Bakery")
    colleague()  # two are at the desk, and one is enough
    assert desk.post(path(signature), {"reason": REASON}).status_code == 303
    assert state_of(signature) == NAMESAKE
    number = Signature.objects.get(pk=signature.pk).number
    page = Client().get(f"/signatories/{number}/").content.decode()
    assert "The Corner Bakery" in page and "Verified by" not in page
    act = Act.objects.of_the_desk().get()
    assert (act.verb, act.organizer_id, act.reason) == ("publish", olga.pk, f"A namesake: {REASON}")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_it_needs_a_reason(desk: Client, reason: str) -> None:
    signature = waiting()
    answer = desk.post(path(signature), {"reason": reason})
    assert answer.status_code == 422
    assert state_of(signature) == HELD and not Act.objects.of_the_desk().exists()


def test_with_nothing_beside_the_name_the_signer_is_asked_first(desk: Client, olga: AbstractBaseUser) -> None:
    signature = waiting(profession="other", profession_other="", affiliation="")
    assert "Ask the signer" in desk.get(f"/desk/signatures/{signature.pk}/verify/").content.decode()
    answer = desk.post(path(signature), {"reason": REASON})
    assert answer.status_code == 422
    assert "neither a profession nor an affiliation" in answer.content.decode()
    assert REASON in answer.content.decode()
    assert state_of(signature) == HELD
    Signature.objects.filter(pk=signature.pk).update(affiliation="The Corner Bakery")
    assert desk.post(path(signature), {"reason": REASON}).status_code == 303
    assert state_of(signature) == NAMESAKE


def test_it_gives_up_what_others_have_agreed(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    verification.agree(signature_id=signature.pk, proof_id=evidence.pk, organizer=olga, alone=True, now=timezone.now())
    desk.post(path(signature), {"reason": REASON})
    assert state_of(signature) == NAMESAKE
    assert not Verification.objects.open().exists()
    assert verification.publish_due(timezone.now() + 2 * verification.DELAY) == 0
    assert "somebody else was quicker" in desk.post(path(signature), {"reason": REASON}, follow=True).content.decode()


def test_a_name_that_is_watched_no_longer_leaves_this_way_only(desk: Client) -> None:
    signature = waiting()
    watched().delete()
    page = desk.get(f"/desk/signatures/{signature.pk}/verify/").content.decode()
    assert "is watched no longer" in page
    assert 'value="publish"' not in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    desk.post(path(signature), {"reason": REASON})
    assert state_of(signature) == NAMESAKE


def test_another_watched_name_is_another_question(desk: Client) -> None:
    signature = waiting()
    desk.post(path(signature), {"reason": REASON})
    watched("Wilma Fernhill")
    signature.refresh_from_db()
    update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"name": "Wilma Fernhill"})
    mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    assert state_of(signature) == HELD


def test_what_tells_the_two_apart_does_not_go_unseen(desk: Client) -> None:
    """Whoever takes it away waits again."""
    signature = waiting(profession="other", profession_other="baker", affiliation="")
    desk.post(path(signature), {"reason": REASON})
    signature.refresh_from_db()
    said = vars(mine.update_of(signature))
    assert mine.mend(
        signature_id=signature.pk,
        update=mine.SignatureUpdate(**said | {"profession_other": "cook"}),
        now=timezone.now(),
    )
    assert state_of(signature) == NAMESAKE
    signature.refresh_from_db()
    bare = mine.SignatureUpdate(**said | {"profession_other": ""})
    mine.mend(signature_id=signature.pk, update=bare, now=timezone.now())
    assert state_of(signature) == HELD


def test_a_signature_that_looks_like_nobody_has_no_such_page(desk: Client) -> None:
    signature = waiting()
    Signature.objects.filter(pk=signature.pk).update(held_for=["crowd"], name=NAME)
    assert desk.get(f"/desk/signatures/{signature.pk}/verify/").status_code == 404
    assert desk.post(path(signature), {"reason": REASON}).status_code == 404
