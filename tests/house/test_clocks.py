"""F22: the clock of one server is an hour wrong, and the night when an hour comes twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.identity import sealed
from signatories.mail import messages, outbox
from signatories.models import Signature, Signup
from signatories.privacy import own_data, retention
from signatories.screening import puzzle
from tests.people import ADDRESS, post_form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def clock(wrong: timedelta) -> time_machine.travel:
    return time_machine.travel(timezone.now() + wrong)


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_what_one_server_made_another_takes(client: Client, mailbox: Catcher, wrong: timedelta) -> None:
    """Made by the right clock, read by the wrong one: link, code, own page, and nothing is purged."""
    mail = sign_up(client, mailbox)
    by_code = sign_up(client, mailbox, email="code@example.org", name="Cora Code")
    own = f"/mine/{messages.own_link(signed(address='own@example.org'), timezone.now().date())}/"
    with clock(wrong):
        retention.forget(timezone.now())
        assert client.post(mail.path("confirm")).status_code == 303
        answer = client.post("/confirm/", {"email": "code@example.org", "code": by_code.code})
        assert answer.status_code == 303
        assert client.get(answer["Location"]).status_code == 200
        assert client.get(own).status_code == 200
        assert client.get("/readyz").status_code == 200
    assert Signature.objects.filter(name="Aveline Ashgrove").exists()


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_what_was_made_by_the_wrong_clock_is_taken_by_the_right_one(
    client: Client, mailbox: Catcher, wrong: timedelta
) -> None:
    with clock(wrong):
        text()
        post_form(client)
        sent = post_form(client, email="sent@example.org", name="Sal Sent")["Location"]
        own = f"/mine/{messages.own_link(signed(address='own@example.org'), timezone.now().date())}/"
    assert client.post(read_mail(mailbox).path("confirm")).status_code == 303
    assert client.get(own).status_code == 200
    assert client.get(sent).status_code == 200  # it may not know the address any more, and asks for it


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_a_mail_goes_out_whatever_the_worker_s_clock_says(client: Client, mailbox: Catcher, wrong: timedelta) -> None:
    """A worker an hour behind takes it an hour late; no age is negative."""
    sign_up(client, mailbox)
    post_form(client, email="next@example.org", name="Nora Next")
    with clock(wrong):
        sent = outbox.drain()
        assert outbox.oldest_due(timezone.now()) >= 0
    assert sent == (1 if wrong > timedelta() else 0)
    with clock(HOUR):
        outbox.drain()
    assert mailbox.of("next@example.org")
    row = Signup.objects.get(name="Nora Next")
    assert row.sent_at
    assert abs(row.sent_at - row.created_at) < 2 * HOUR


def test_what_is_sealed_from_the_future_opens_no_longer_than_anything_else() -> None:
    with clock(HOUR):
        token = sealed.seal("sent", {"email": ADDRESS})
    assert sealed.unseal("sent", token, 60) == {}
    assert sealed.unseal("sent", sealed.seal("sent", {"email": ADDRESS}), 60) == {"email": ADDRESS}


def test_a_puzzle_from_the_future_ends_all_the_same() -> None:
    with clock(HOUR):
        now = timezone.now()
        asked = puzzle.make(now)
    assert f"expires={int((now + puzzle.GOOD_FOR).timestamp()) // 100}" in asked["salt"]


def test_the_hour_that_comes_twice_is_told_apart(client: Client) -> None:
    """Half past two in Berlin, twice in one night: two moments, in order, each shown with its zone."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    moments = [first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)]
    assert moments[1] - moments[0] == HOUR
    for n, moment in enumerate(moments):
        with time_machine.travel(moment):
            signed(now=timezone.now(), address=f"p{n}@example.org", name=f"Person Number{n}")
            as_of = client.get("/api/v1/count").json()["as_of"]
            assert as_of.endswith(("Z", "+00:00"))
            assert datetime.fromisoformat(as_of) - moment < timedelta(minutes=1)
    stored = list(Signature.objects.order_by("pk").values_list("confirmed_at", flat=True))
    assert [abs(at - moment) < timedelta(minutes=1) for at, moment in zip(stored, moments, strict=True)] == [True, True]
    told = [own_data.as_json(signature)["confirmed_at"] for signature in Signature.objects.order_by("pk")]
    assert told[0].startswith("2026-10-25T00:30") and told[1].startswith("2026-10-25T01:30")
    assert all(moment.endswith("+00:00") for moment in told)
