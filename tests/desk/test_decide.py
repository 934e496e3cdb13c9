"""An organizer decides (A6)."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.demo import totp
from signatories.accounts import second_factor
from signatories.desk.queue import services as queue
from signatories.models import Act, Signature
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import SECRET, enter, organizer, signed

pytestmark = pytest.mark.django_db


def held() -> Signature:
    """A signature that waits for a person."""
    signature = signed(name="Cassius Moonwright", held_for=["crowd"])
    assert signature.state == State.HELD
    return signature


def count() -> int:
    tally.fold()
    return tally.number(timezone.now()).count


def test_publish_with_a_reason(client: Client) -> None:
    signature, olga = held(), organizer()
    assert queue.publish(signature_id=signature.pk, organizer=olga, reason="Called back.", now=timezone.now())
    signature.refresh_from_db()
    assert signature.state == State.PUBLISHED
    assert client.get(f"/signatories/{signature.number}/").status_code == 200
    decision = Act.objects.of_the_desk().get()
    assert (decision.before, decision.after, decision.reason) == ("held", "published", "Called back.")
    assert decision.organizer_id == olga.pk
    assert count() == 1


def test_repeating_does_nothing() -> None:
    signature, olga = held(), organizer()
    for _ in range(2):
        queue.publish(signature_id=signature.pk, organizer=olga, reason="Yes.", now=timezone.now())
    assert Act.objects.of_the_desk().count() == 1
    assert count() == 1


def test_reject_and_undo_keeps_the_number_of_the_signature() -> None:
    signature, olga = signed(), organizer()
    assert count() == 1
    queue.reject(signature_id=signature.pk, organizer=olga, reason="Invented.", now=timezone.now())
    assert count() == 0
    queue.publish(signature_id=signature.pk, organizer=olga, reason="Mistaken.", now=timezone.now())
    assert count() == 1
    number = signature.number
    signature.refresh_from_db()
    assert signature.number == number
    assert tally.repair() == {}


def test_what_is_refused_is_not_counted() -> None:
    signature, olga = signed(), organizer()
    for decide, listed in ((queue.reject, 0), (queue.publish, 1), (queue.reject, 0)):
        decide(signature_id=signature.pk, organizer=olga, reason="Looked at.", now=timezone.now())
        assert count() == listed
    assert tally.repair() == {}


def test_a_decision_needs_a_reason() -> None:
    signature, olga = held(), organizer()
    with pytest.raises(ValueError, match="reason"):
        queue.publish(signature_id=signature.pk, organizer=olga, reason="  ", now=timezone.now())
    signature.refresh_from_db()
    assert signature.state == State.HELD
    assert not Act.objects.of_the_desk().exists()


def _tamper(act: str) -> None:
    trail = Act.objects.all()
    trail.update(reason="changed") if act == "update" else trail.delete()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_trail_can_only_grow(act: str) -> None:
    signature, olga = held(), organizer()
    queue.reject(signature_id=signature.pk, organizer=olga, reason="Invented.", now=timezone.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _tamper(act)
    assert Act.objects.of_the_desk().get().reason == "Invented."


def test_the_desk_asks_for_login_and_sign_up_is_closed(client: Client) -> None:
    answer = client.get("/desk/find/", follow=True)
    assert "/accounts/login/" in answer.redirect_chain[-1][0]
    page = client.get("/accounts/signup/").content.decode()
    assert 'name="password1"' not in page
    sign_up = client.post("/accounts/signup/", {"email": "x@example.org", "password1": "long-and-secret"})
    assert sign_up.status_code == 200
    assert not get_user_model().objects.exists()


def test_an_organizer_logs_in_and_decides_at_the_desk(client: Client, settings: Settings) -> None:
    settings.MFA_TOTP_TOLERANCE = 1  # half a minute may end between the code and the request
    signature = held()
    second_factor.add_app(organizer(), SECRET)
    client.post("/accounts/login/", {"login": "olga@declaration.example", "password": "long-and-secret"})
    client.post("/accounts/2fa/authenticate/", {"code": totp.code(SECRET, time.time())})
    assert b"very many signatures from one network" in client.get("/desk/queue/").content
    decide = f"/desk/signatures/{signature.pk}/decide/"
    assert b"Please say why" in client.post(decide, {"verb": "reject", "reason": " "}).content
    signature.refresh_from_db()
    assert signature.state == State.HELD
    client.post(decide, {"verb": "publish", "reason": "Called the agency back."})
    signature.refresh_from_db()
    assert signature.state == State.PUBLISHED


def test_desk_actions_need_the_token() -> None:
    organizer()
    browser = Client(enforce_csrf_checks=True)
    enter(browser, get_user_model().objects.get())
    signature = held()
    answer = browser.post(f"/desk/signatures/{signature.pk}/decide/", {"verb": "publish"})
    assert answer.status_code == 403
    signature.refresh_from_db()
    assert signature.state == State.HELD


def test_a_wrong_login_says_the_same_for_everybody(client: Client) -> None:
    organizer()
    pages = []
    for login in ("olga@declaration.example", "nobody@declaration.example"):
        page = client.post("/accounts/login/", {"login": login, "password": "wrong-wrong"}).content.decode()
        pages.append("do not belong together" in page)
    assert pages == [True, True]
