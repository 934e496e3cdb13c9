"""Updates, people who asked for news, and mailings for tests."""

import os
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from declaration.models import Text
from signatories.identity import mailbox
from signatories.lifecycle.transitions import next_number
from signatories.mail import outbox
from signatories.models import Mailing, Signature, Update
from signatories.news import sending, services
from signatories.news.services import Words
from tests.people import organizer, signed_to, text
from tests.smtp import Catcher, Mail

ENGLISH = Words("The list is printed", "It is **out**.\n\nThank you.")
FRENCH = Words("La liste est imprimée", "Elle est **sortie**.\n\nMerci à tous.")
BOTH = {"en": ENGLISH, "fr": FRENCH}


def editor() -> AbstractBaseUser:
    """Somebody who writes news."""
    return get_user_model().objects.filter(username="edna").first() or organizer("edna")


def published(texts: dict[str, Words] | None = None) -> Update:
    """An update that everybody can read."""
    made = services.write(texts=texts or BOTH, organizer=editor(), now=timezone.now())
    assert services.publish(update_id=made.pk, organizer=editor(), now=timezone.now())
    return Update.objects.get(pk=made.pk)


def reader(address: str, *, words: Text | None = None, news: bool = True, **changes: Any) -> Signature:
    """Somebody whose signature stands, and who asked for news."""
    language = changes.pop("language", "en")
    made = signed_to(words or text(), address=address, **changes)
    Signature.objects.filter(pk=made.pk).update(news=news, language=language)
    made.refresh_from_db()
    return made


def readers(count: int, domain: str = "example.org") -> list[str]:
    """Many of them, copied from the first; returns their addresses."""
    addresses = [f"r{n}@{domain}" for n in range(count)]
    first = reader(addresses[0], name="Reader Ash")
    copies = []
    for address in addresses[1:]:
        sealed = {"address_sealed": mailbox.seal(address), "address_digest": mailbox.digest(address)}
        said = {field.attname: getattr(first, field.attname) for field in Signature._meta.concrete_fields}
        copies.append(Signature(**said | sealed | {"id": None, "number": next_number(), "nonce": os.urandom(16)}))
    Signature.objects.bulk_create(copies)
    return addresses


def prepared(update: Update | None = None, **values: Any) -> Mailing:
    """A mailing that is not started."""
    made = services.prepare(
        update_id=(update or published()).pk, values={"pace": 6000} | values, organizer=editor()
    )  # fmt: skip
    assert made
    return made


def after_test(update: Update | None = None, **values: Any) -> Mailing:
    """One whose test has gone."""
    made = prepared(update, **values)
    assert services.send_test(mailing_id=made.pk, address="edna@declaration.example", now=timezone.now())
    outbox.drain()
    return Mailing.objects.select_related("update").get(pk=made.pk)


def started(update: Update | None = None, **values: Any) -> Mailing:
    """One that goes out."""
    made = after_test(update, **values)
    now = timezone.now()
    assert services.start(mailing_id=made.pk, at=now, organizer=editor(), now=now)
    return made


def send_all() -> None:
    """Let turns pass until everybody had theirs, and the outbox is empty."""
    later = timezone.now() + timedelta(seconds=1)
    while sending.work(later):
        outbox.drain()
    outbox.drain()
    sending.work(later)


def news_of(catcher: Catcher, address: str | None = None) -> list[Mail]:
    """The news that has arrived, without tests: all of it, or of one mailbox."""
    mails = [mail for mail in catcher.mails if "List-Unsubscribe" in mail.message and "/updates/stop/" in mail.text]
    mails = [mail for mail in mails if not str(mail.message["Subject"]).startswith("Test: ")]
    return [mail for mail in mails if address is None or address in mail.to]


def receivers(catcher: Catcher) -> list[str]:
    """Who has got news, as often as they have."""
    return sorted(mail.to[0] for mail in news_of(catcher))
