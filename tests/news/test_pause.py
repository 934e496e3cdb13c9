"""A mailing is paused, goes on, and is cancelled; whoever acts twice or after somebody else changes nothing."""

import pytest
from django.utils import timezone

from signatories.mail import outbox
from signatories.models import Act, OutboundMail
from signatories.news import sending, services
from tests.news.news import editor, readers, receivers, send_all, started
from tests.people import post_form
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_paused_nothing_goes_not_even_what_is_in_the_outbox(mailbox: Catcher) -> None:
    readers(6)
    mailing = started(pace=36)
    sending.work(timezone.now())
    assert services.pause(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    assert not services.pause(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    send_all()
    assert receivers(mailbox) == []
    assert OutboundMail.objects.filter(kind="news", mail_state="waiting").count() == 3
    assert services.resume(mailing_id=mailing.pk, organizer=editor())
    assert not services.resume(mailing_id=mailing.pk, organizer=editor())
    send_all()
    assert receivers(mailbox) == [f"r{n}@example.org" for n in range(6)]


def test_paused_while_a_batch_is_being_sent_the_rest_waits(mailbox: Catcher) -> None:
    readers(6)
    mailing = started()
    sending.work(timezone.now())
    claimed = outbox.claim_batch(timezone.now())
    services.pause(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    outbox.send_batch(claimed)
    assert receivers(mailbox) == []
    assert set(
        OutboundMail.objects.filter(mailing=mailing, signature__isnull=False).values_list("mail_state", "mail_attempts")
    ) == {("waiting", 0)}
    services.resume(mailing_id=mailing.pk, organizer=editor())
    send_all()
    assert len(receivers(mailbox)) == 6


def test_other_mail_goes_while_a_mailing_is_paused(client: object, mailbox: Catcher) -> None:
    readers(2)
    mailing = started()
    sending.work(timezone.now())
    services.pause(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    post_form(client, email="new@example.org")  # type: ignore[arg-type]
    outbox.drain()
    assert len(mailbox.of("new@example.org")) == 1


def test_cancelled_whoever_has_not_got_it_gets_nothing(mailbox: Catcher) -> None:
    readers(6)
    mailing = started(pace=36)
    sending.work(timezone.now())
    outbox.drain()
    sending.work(timezone.now())
    assert services.cancel(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    assert not services.cancel(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    assert not services.resume(mailing_id=mailing.pk, organizer=editor())
    send_all()
    assert len(receivers(mailbox)) == 3
    mailing.refresh_from_db()
    assert (mailing.state, mailing.turns) == ("cancelled", 3)


def test_each_act_stands_in_the_trail(mailbox: Catcher) -> None:
    readers(1)
    mailing = started()
    services.pause(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    services.resume(mailing_id=mailing.pk, organizer=editor())
    services.cancel(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())
    told = list(Act.objects.filter(actor="organizer").order_by("pk").values_list("reason", "about"))
    of_mailing = [
        words.partition(f"update {mailing.update_id} ")[2].split(":")[0] for words, about in told if "mailing" in about
    ]
    assert of_mailing == ["prepared", "started", "paused", "goes on", "cancelled"]
    assert ("an update published", f"update {mailing.update_id}") in told


def test_two_who_start_and_cancel_at_once(mailbox: Catcher) -> None:
    readers(2)
    mailing = started()

    def act() -> bool:
        return services.cancel(mailing_id=mailing.pk, organizer=editor(), now=timezone.now())

    editor()
    assert sorted(at_once(3, act)) == [False, False, True]
    assert Act.objects.filter(reason__endswith="cancelled").count() == 1


def test_two_workers_at_once_mail_everybody_once(mailbox: Catcher) -> None:
    readers(60)
    started()

    def work() -> int:
        for _ in range(4):
            sending.work(timezone.now())
            outbox.drain()
        return 0

    at_once(3, work)
    send_all()
    assert len(receivers(mailbox)) == len(set(receivers(mailbox))) == 60


def test_confirmations_go_first(client: object, mailbox: Catcher) -> None:
    readers(20)
    started()
    sending.work(timezone.now())
    post_form(client, email="first@example.org")  # type: ignore[arg-type]
    mailbox.mails.clear()
    outbox.drain()
    assert mailbox.mails[0].to == ["first@example.org"]
    assert len(receivers(mailbox)) == 20


def test_a_backup_that_is_restored_pauses_what_was_going_on(mailbox: Catcher) -> None:
    mailing = started()
    services.after_restore(timezone.now())
    mailing.refresh_from_db()
    assert mailing.is_paused
