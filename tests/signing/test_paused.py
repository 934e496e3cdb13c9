"""While signing or confirming is paused nothing is lost: what was typed is kept, and mailed links live longer."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from signatories.desk.settings.changes import Change, change
from signatories.gathering import sending
from signatories.mail import outbox, reminders
from signatories.models import Invitee, Pause, Signature, Signup
from signatories.models.settings import forget_settings, opened_until
from signatories.models.signature import State
from signatories.privacy import retention
from signatories.screening import holds
from tests.gathering.gathering import approved, checked, gathering_partner, mailed, send_all, table
from tests.partners.partners import officer
from tests.people import ADDRESS, form, post_form, set_to, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIFE = settings.LINK_DAYS


@pytest.fixture
def clock() -> Iterator[Traveller]:
    # The database has a clock of its own: a mail that it calls due must be due here, too.
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False) as traveller:
        yield traveller


def switch(by: AbstractBaseUser, until: datetime | None = None, **values: bool) -> None:
    """Turn switches as the desk does."""
    wanted = {name: Change(value, until) for name, value in values.items()}
    change(changes=wanted, organizer=by, now=timezone.now())


@pytest.mark.parametrize("path", ["/", "/fr/", "/sign/for/", "/sign/group/"])
def test_the_page_says_that_signing_is_paused_and_until_when(
    client: Client, olga: AbstractBaseUser, clock: Traveller, path: str
) -> None:
    text()
    assert 'name="email"' in client.get(path).content.decode()
    until = timezone.now() + timedelta(hours=3)
    switch(olga, until, signing_open=False)
    page = client.get(path).content.decode()
    assert 'id="paused"' in page
    assert f"{until:%H:%M}" in page
    assert 'name="email"' not in page
    clock.shift(timedelta(hours=3))
    page = client.get(path).content.decode()
    assert 'id="paused"' not in page
    assert 'name="email"' in page


@pytest.mark.parametrize("path", ["/sign/", "/sign/for/", "/sign/group/"])
def test_a_form_opened_before_keeps_everything_and_is_taken_afterwards(
    client: Client, olga: AbstractBaseUser, clock: Traveller, path: str
) -> None:
    text()
    switch(olga, timezone.now() + timedelta(hours=1), signing_open=False)
    typed = form(name='Ann "Fen" Vale')
    if path != "/sign/":
        typed |= {"representative": "Rosa Reed", "representative_role": "agent"}
    if path == "/sign/group/":
        typed |= {"profession": "band"}
        typed.pop("appearance")
    answer = client.post(path, typed)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3600"
    page = answer.content.decode()
    assert "What you typed stands below" in page
    assert 'value="Ann &quot;Fen&quot; Vale"' in page
    assert f'value="{ADDRESS}"' in page
    assert not Signup.objects.exists()
    clock.shift(timedelta(hours=1))
    assert client.post(path, typed).status_code == 303
    assert Signup.objects.count() == 1


def test_confirming_goes_on_while_only_signing_is_paused(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    link = sign_up(client, mailbox).path("confirm")
    switch(olga, signing_open=False)
    assert "you can confirm now" in client.get("/").content.decode()
    assert client.post(link).status_code == 303
    assert Signature.objects.count() == 1


def test_while_confirming_is_paused_a_post_changes_nothing(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    link = sign_up(client, mailbox).path("confirm")
    switch(olga, confirming_open=False)
    page = client.get(link)
    assert page.status_code == 200
    assert "Confirming is paused" in page.content.decode()
    assert "Your link stays valid" in page.content.decode()
    answer = client.post(link, {"name": "Aveline A. Ashgrove"})
    assert answer.status_code == 503
    assert 'value="Aveline A. Ashgrove"' in answer.content.decode()
    assert not Signature.objects.exists()
    assert post_form(client, email="new@example.org").status_code == 303
    switch(olga, confirming_open=True)
    assert client.post(link, {"name": "Aveline A. Ashgrove"}).status_code == 303
    assert Signature.objects.get().name == "Aveline A. Ashgrove"


def test_who_has_confirmed_sees_that_also_during_a_pause(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    link = sign_up(client, mailbox).path("confirm")
    client.post(link)
    switch(olga, confirming_open=False)
    assert "Confirming is paused" not in client.get(link).content.decode()


@pytest.mark.parametrize("paused", ["signing_open", "confirming_open"])
def test_a_pause_lengthens_open_links_by_itself(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser, clock: Traveller, paused: str
) -> None:
    link = sign_up(client, mailbox).path("confirm")
    clock.shift((LIFE - 5) * DAY)
    switch(olga, None, **{paused: False})
    clock.shift(10 * DAY)
    forget_settings()
    retention.forget(timezone.now())
    assert client.get(link).status_code == 200
    switch(olga, None, **{paused: True})
    clock.shift(5 * DAY - timedelta(minutes=1))
    forget_settings()
    retention.forget(timezone.now())
    assert client.get(link).status_code == 200
    clock.shift(timedelta(minutes=2))
    forget_settings()
    assert client.get(link).status_code == 410
    retention.forget(timezone.now())
    assert client.get(link).status_code == 404


def test_without_a_pause_a_link_ends_as_before(client: Client, mailbox: Catcher, clock: Traveller) -> None:
    link = sign_up(client, mailbox).path("confirm")
    clock.shift(LIFE * DAY - timedelta(minutes=1))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(link).status_code == 410


def test_the_code_of_the_mail_lives_as_long_as_its_link(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser, clock: Traveller
) -> None:
    mail = sign_up(client, mailbox)
    switch(olga, timezone.now() + 10 * DAY, signing_open=False)
    clock.shift((LIFE + 9) * DAY)
    forget_settings()
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 303
    clock.shift(2 * DAY)
    forget_settings()
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422


def test_two_pauses_at_once_count_once(olga: AbstractBaseUser, clock: Traveller) -> None:
    start = timezone.now()
    switch(olga, signing_open=False)  # days 0 to 6
    clock.shift(2 * DAY)
    switch(olga, confirming_open=False)  # days 2 to 8
    clock.shift(4 * DAY)
    switch(olga, signing_open=True)
    clock.shift(2 * DAY)
    switch(olga, confirming_open=True)
    clock.shift(2 * DAY)
    assert opened_until(timezone.now(), 2 * DAY) == start + 8 * DAY
    assert opened_until(timezone.now(), 3 * DAY) == start - DAY
    assert Pause.objects.count() == 2


def test_a_pause_that_ends_early_lengthens_by_what_it_lasted(olga: AbstractBaseUser, clock: Traveller) -> None:
    start = timezone.now()
    switch(olga, start + 10 * DAY, signing_open=False)
    clock.shift(3 * DAY)
    switch(olga, signing_open=True)
    clock.shift(9 * DAY)
    forget_settings()
    assert opened_until(timezone.now(), 10 * DAY) == start - DAY


def test_open_for_an_hour_within_a_pause(olga: AbstractBaseUser, clock: Traveller) -> None:
    start = timezone.now()
    switch(olga, signing_open=False)
    clock.shift(2 * DAY)
    switch(olga, timezone.now() + timedelta(hours=1), signing_open=True)
    clock.shift(3 * DAY)
    forget_settings()
    assert opened_until(timezone.now(), timedelta(hours=2)) == start - timedelta(hours=1)


def test_an_invitation_is_not_taken_during_a_pause_and_lives_no_longer(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    text()
    approved(gathering_partner(), table([("Wilma Fernhill", "wilma@union.example", "singer", "en")]))
    send_all()
    link = re.search(r"https?://[^/]+(/invited/\S+)", mailbox.of("wilma@union.example")[0].text)
    assert link
    filled = form(name="Wilma Fernhill", email=None)
    switch(olga, confirming_open=False)
    page = client.get(link[1]).content.decode()
    assert 'id="paused"' in page
    assert "The pause adds no time to your invitation" in page and "the time of the pause is added" not in page
    answer = client.post(link[1], filled)
    assert answer.status_code == 503
    assert 'value="Wilma Fernhill"' in answer.content.decode()
    assert not Signup.objects.exists()
    start = timezone.now()
    with time_machine.travel(start + (LIFE - 1) * DAY):
        forget_settings()
        retention.forget(timezone.now())
        switch(olga, confirming_open=True)
        assert client.get(link[1]).status_code == 200
        switch(olga, signing_open=False)
    for days in (LIFE, LIFE + 1):  # before and after the hourly job
        with time_machine.travel(start + days * DAY + timedelta(minutes=1)):
            forget_settings()
            over = client.get(link[1])
            assert over.status_code == 410
            assert "Signing is paused for a while. As soon as it goes on" in over.content.decode()
            retention.forget(timezone.now())
            assert not Invitee.objects.exclude(name="").exists()
    assert not Signature.objects.exists()


def test_nobody_is_asked_while_signing_is_paused(client: Client, mailbox: Catcher, olga: AbstractBaseUser) -> None:
    """Their page would take no answer, and their days would pass. Who waits is asked when signing goes on, once."""
    text()
    rows = [(f"Member Number{n} Ash", f"m{n}@union.example", "singer", "en") for n in range(6)]
    batch = approved(gathering_partner(), table(rows), pace=36)
    sending.send(timezone.now())
    assert Invitee.objects.filter(asked_at__isnull=False).count() == 3  # their mails wait in the outbox
    switch(olga, confirming_open=False)
    outbox.drain()
    send_all()
    assert not mailed(mailbox)
    assert not Invitee.objects.filter(batch=batch, asked_at__isnull=False).exists()
    switch(olga, confirming_open=True)
    send_all()
    assert mailed(mailbox) == [row[1] for row in rows]


def test_a_partner_can_look_at_its_test_during_a_pause(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    text()
    own = officer(gathering_partner())
    batch = checked(own, table([("Wilma Fernhill", "wilma@union.example", "singer", "en")]))
    switch(olga, signing_open=False)
    own.post(f"/partner/names/{batch.pk}/test/")
    send_all()
    outbox.drain()
    assert "This is a test" in mailbox.of("otto@union.example")[-1].text


def test_a_reminder_is_still_sent_when_a_pause_has_lengthened_the_link(
    client: Client, mailbox: Catcher, olga: AbstractBaseUser, clock: Traveller
) -> None:
    sign_up(client, mailbox)
    switch(olga, timezone.now() + LIFE * DAY, signing_open=False)
    clock.shift((LIFE + 2) * DAY)
    forget_settings()
    before = len(mailbox.mails)
    reminders.remind(timezone.now())
    outbox.drain()
    assert len(mailbox.mails) == before + 1


def test_after_review_everybody_waits_until_somebody_has_looked(olga: AbstractBaseUser, clock: Traveller) -> None:
    assert signed(address="one@example.org", name="Bram Oake").state == State.PUBLISHED
    switch(olga, timezone.now() + timedelta(hours=1), published_at_once=False)
    waiting = signed(address="two@example.org", name="Celia Marsh")
    assert (waiting.state, waiting.held_for) == (State.HELD, [holds.REVIEW])
    assert holds.explain(holds.REVIEW).startswith("everybody waits")
    clock.shift(timedelta(hours=1))
    assert signed(address="three@example.org", name="Dorian Pike").state == State.PUBLISHED
    waiting.refresh_from_db()
    assert waiting.state == State.HELD


def test_a_puzzle_for_everyone(client: Client) -> None:
    text()
    assert post_form(client).status_code == 303
    set_to(puzzle_for_everyone=True)
    assert post_form(client, email="two@example.org").status_code == 429
