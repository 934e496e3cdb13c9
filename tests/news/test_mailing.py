"""A mailing goes to those who asked for news, once, in their language."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from signatories.mail import bounces, outbox
from signatories.models import Mailing, OutboundMail, Update
from signatories.models.news import MailingState
from signatories.news import sending, services
from tests.news.news import (
    BOTH,
    FRENCH,
    after_test,
    editor,
    news_of,
    prepared,
    published,
    reader,
    readers,
    receivers,
    send_all,
    started,
)
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_reader_gets_one_mail_in_their_language(mailbox: Catcher) -> None:
    reader("ann@example.org")
    reader("luc@example.org", name="Luc Verger", language="fr")
    reader("no@example.org", name="Nora Silent", news=False)
    mailing = started()
    send_all()
    assert receivers(mailbox) == ["ann@example.org", "luc@example.org"]
    english, french = news_of(mailbox, "ann@example.org")[0], news_of(mailbox, "luc@example.org")[0]
    assert english.message["Subject"] == "The list is printed"
    assert "It is **out**." in english.text and "<strong>out</strong>" in english.html
    assert "because you signed the declaration" in english.text
    assert "/mine/" in english.text and "/mine/" in english.html
    assert french.message["Subject"] == "La liste est imprimée"
    assert "Merci à tous." in french.text and "http://testserver/fr/updates/" in french.text
    mailing.refresh_from_db()
    assert (mailing.state, mailing.people, mailing.turns, mailing.sent, mailing.failed) == ("done", 2, 2, 2, 0)
    send_all()
    assert len(news_of(mailbox)) == 2


def test_who_has_no_text_in_their_language_gets_the_first_one(mailbox: Catcher) -> None:
    reader("ann@example.org")
    started(published({"fr": FRENCH}))
    send_all()
    mail = news_of(mailbox, "ann@example.org")[0]
    assert mail.message["Subject"] == FRENCH.title
    assert '<div lang="fr" dir="auto">' in mail.html
    assert "because you signed the declaration" in mail.text  # what stands around it is in their own language


def test_the_mail_is_well_formed(mailbox: Catcher) -> None:
    person = reader("ann@example.org")
    started()
    send_all()
    message = news_of(mailbox, "ann@example.org")[0].message
    assert message["To"] == "ann@example.org"
    link = f"http://testserver/updates/stop/{_link_of(person)}/"
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime
    assert message["Message-ID"].strip("<>") == message["X-Entity-Ref-ID"]
    assert not message.defects
    mail = news_of(mailbox)[0]
    assert link in mail.text and link in mail.html
    assert max(map(len, message.as_bytes().split(b"\n"))) < 998


def _link_of(person: object) -> str:
    from signatories.identity import links
    from signatories.identity.links import Purpose
    from signatories.models import Signature

    assert isinstance(person, Signature)
    return links.make(Purpose.NEWS, person.pk, person.nonce)


def test_an_address_that_needs_quotes_gets_the_same_mail(mailbox: Catcher) -> None:
    reader("anna@bücher.example", name="Anna Quill")
    started()
    send_all()
    (mail,) = news_of(mailbox)
    assert mail.to == ["anna@xn--bcher-kva.example"]
    assert "It is **out**." in mail.text and mail.message["List-Unsubscribe-Post"]


def test_two_people_who_share_a_mailbox_get_one_mail(mailbox: Catcher) -> None:
    reader("ash@example.org", name="Aveline Ash")
    other = reader("bo@example.org", name="Bo Ash")
    first = reader("cy@example.org", name="Cy Ash")
    type(other).objects.filter(pk=other.pk).update(
        address_sealed=first.address_sealed, address_digest=first.address_digest, mailbox_place=2
    )
    mailing = prepared()
    sending.work(timezone.now())
    mailing.refresh_from_db()
    assert mailing.people == 2
    started(mailing.update)
    send_all()
    assert receivers(mailbox) == ["ash@example.org", "cy@example.org"]


def test_an_update_reaches_nobody_twice_whatever_is_started(mailbox: Catcher) -> None:
    readers(4)
    update = published()
    started(update)
    send_all()
    reader("late@example.org", name="Late Ash")
    second = started(update)
    send_all()
    assert receivers(mailbox) == ["late@example.org", *(f"r{n}@example.org" for n in range(4))]
    second.refresh_from_db()
    assert second.people == 1


def test_the_pace_is_kept(mailbox: Catcher) -> None:
    readers(10)
    mailing = started(pace=24)
    assert sending.work(timezone.now()) == 2
    assert services.set_pace(mailing_id=mailing.pk, pace=60, organizer=editor())
    assert sending.work(timezone.now()) == 5
    assert not services.set_pace(mailing_id=mailing.pk, pace=60, organizer=editor())


def test_no_more_wait_in_the_outbox_than_a_bound(mailbox: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_WAITING", 3)
    readers(8)
    started()
    assert [sending.work(timezone.now()) for _ in range(3)] == [3, 0, 0]
    assert Mailing.objects.get().waiting == 3
    outbox.drain()
    assert sending.work(timezone.now()) == 3


def test_a_planned_mailing_waits_for_its_moment_and_takes_who_came_until_then(mailbox: Catcher) -> None:
    readers(2)
    mailing, now = after_test(), timezone.now()
    later = now + timedelta(hours=2)
    assert services.start(mailing_id=mailing.pk, at=later, organizer=editor(), now=now)
    assert sending.work(now) == 0
    reader("late@example.org", name="Late Ash")
    assert sending.work(later) == 3


def test_corrected_words_are_sent_from_then_on(mailbox: Catcher) -> None:
    readers(2)
    mailing = started(pace=12)
    sending.work(timezone.now())
    outbox.drain()
    update = Update.objects.get(pk=mailing.update_id)
    texts = BOTH | {"en": BOTH["en"]._replace(title="The list is printed at last")}
    services.rewrite(update_id=update.pk, texts=texts, read=update.words_at, organizer=editor(), now=timezone.now())
    send_all()
    assert [str(mail.message["Subject"]) for mail in news_of(mailbox)] == [
        "The list is printed",
        "The list is printed at last",
    ]


def test_a_test_is_needed_and_must_have_gone_with_the_words_as_they_are(mailbox: Catcher) -> None:
    update, now = published(), timezone.now()
    mailing = prepared(update)
    assert not services.start(mailing_id=mailing.pk, at=now, organizer=editor(), now=now)
    services.send_test(mailing_id=mailing.pk, address="edna@declaration.example", now=now)
    assert not services.start(mailing_id=mailing.pk, at=now, organizer=editor(), now=now)
    outbox.drain()
    tests = [str(mail.message["Subject"]) for mail in mailbox.of("edna@declaration.example")]
    assert tests == ["Test: The list is printed", "Test: La liste est imprimée"]
    later = timezone.now()
    services.rewrite(
        update_id=update.pk, texts={"en": FRENCH}, read=update.words_at, organizer=editor(), now=later
    )  # fmt: skip
    assert not services.start(mailing_id=mailing.pk, at=later, organizer=editor(), now=later)
    services.send_test(mailing_id=mailing.pk, address="edna@declaration.example", now=timezone.now())
    outbox.drain()
    assert services.start(mailing_id=mailing.pk, at=later, organizer=editor(), now=timezone.now())
    assert not services.start(mailing_id=mailing.pk, at=later, organizer=editor(), now=timezone.now())
    assert Mailing.objects.get().state == MailingState.GOING


def test_an_organizer_who_has_signed_gets_test_and_news(mailbox: Catcher) -> None:
    reader("edna@declaration.example", name="Edna Ash")
    started()
    send_all()
    assert receivers(mailbox) == ["edna@declaration.example"]
    assert OutboundMail.objects.filter(kind="news").count() == 3


def test_an_organizer_who_wants_no_mail_of_others_gets_the_test_they_ask_for(mailbox: Catcher) -> None:
    address = "edna@declaration.example"
    bounces.wants_no_mail(address=address, now=timezone.now())
    mailing = prepared(published())
    services.send_test(mailing_id=mailing.pk, address=address, now=timezone.now())
    outbox.drain()
    assert len(mailbox.of(address)) == 2


def test_the_desk_says_that_a_test_of_news_could_not_be_delivered(mailbox: Catcher, desk: Client) -> None:
    mailing = prepared(published())
    services.send_test(mailing_id=mailing.pk, address="bounce@declaration.example", now=timezone.now())
    path = f"/desk/news/mailings/{mailing.pk}/"
    assert "it has not gone yet" in desk.get(path).content.decode()
    outbox.drain()
    assert "could not be delivered" in desk.get(path).content.decode()
