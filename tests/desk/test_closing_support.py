"""What signers cannot do by themselves after the day on which addresses went is done at the desk, at their request."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from signatories import tasks
from signatories.models import Act, Card, Signature
from signatories.models.act import Actor, Verb
from signatories.models.signature import State
from signatories.privacy import retention
from tests.desk.closing import DAY, press, set_day
from tests.people import enter, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


def shown_elsewhere() -> Signature:
    signature = signed()
    Signature.objects.filter(pk=signature.pk).update(shown_elsewhere=True)
    Card.objects.create(signature=signature, language="en", token="a" * 22, made_at=timezone.now())
    return signature


def test_an_organizer_takes_back_that_others_show_the_name(
    desk: Client, olga: AbstractBaseUser, clock: Traveller
) -> None:
    signature = shown_elsewhere()
    assert "You can take that back on the same page" in Client().get("/privacy/").content.decode()
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(40 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    told = Client().get("/privacy/").content.decode()
    assert "on the same page" not in told and "You can take that back at any time: write to" in told
    assert "you can make a card" not in told
    enter(desk, olga)
    page, path = f"/desk/signatures/{signature.pk}/", f"/desk/signatures/{signature.pk}/elsewhere/"
    assert path in desk.get(page).content.decode()
    answer = desk.post(path, {"reason": " "})
    assert answer.status_code == 422 and answer.content.decode().count("Please say why") == 1
    assert Card.objects.exists()
    for _twice in range(2):
        assert desk.post(path, {"reason": "Asked by letter."}).status_code == 303
    assert not Signature.objects.get().shown_elsewhere and not Card.objects.exists()
    act = Act.objects.get(verb=Verb.CONSENT)
    assert (act.actor, act.organizer_id, act.reason) == (Actor.ORGANIZER, olga.pk, "Asked by letter.")
    assert act.signature_id == signature.pk
    assert path not in desk.get(page).content.decode()


def test_nobody_else_does(client: Client) -> None:
    signature = shown_elsewhere()
    client.post(f"/desk/signatures/{signature.pk}/elsewhere/", {"reason": "Mischief."})
    assert Signature.objects.get().shown_elsewhere and Card.objects.exists()


@pytest.mark.parametrize("reason", ["represented", "group"])
def test_who_signed_for_another_is_deleted_and_verification_is_asked_for_all_the_same(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, reason: str
) -> None:
    signature = signed()
    Signature.objects.filter(pk=signature.pk).update(
        state=State.HELD, held_for=[reason], representative="Rita Reed", representative_role="agent"
    )
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(40 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert Signature.objects.get().representative == ""
    enter(desk, olga)
    page = desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert "needed to reject" not in page and "who it was is deleted" in desk.get("/desk/queue/").content.decode()
    path = f"/desk/signatures/{signature.pk}/decide/"
    answer = desk.post(path, {"verb": "publish"})
    assert "how you verified it" in answer.content.decode()
    assert Signature.objects.get().state == State.HELD
    desk.post(path, {"verb": "publish", "reason": "Called the agency, found in its register."})
    assert Signature.objects.get().state == State.PUBLISHED
