"""News: mails a second of a mailing, from its stored mails to the mail server, beside `smtplib` sending the same mails.

Both go over one connection, in turns; the reference has its mails built before.
"""

import os
import smtplib
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone

from bench.mail import sink
from signatories.demo import invented_people
from signatories.identity import mailbox
from signatories.identity.mailbox import MailboxCache
from signatories.mail import messages, outbox
from signatories.models import Mailing, OutboundMail, Signature
from signatories.models.outbound_mail import MailKind
from signatories.news import sending, services
from signatories.news.services import Words

_WORDS = {"en": Words("The first edition is printed", "It is **out**, with every name.\n\n" + "Thank you all. " * 60)}


class Mailed(NamedTuple):
    """How many mails a round sent, mails a second, and those of the reference."""

    size: int
    rate: float
    reference: float


def measure(size: int, rounds: int) -> Mailed:
    """Mail an update to `size` people in each round. Django is set up, the database ready."""
    _people(size)
    organizer = get_user_model().objects.create(username="bench-news")
    rates, pushed = [], []
    with tempfile.TemporaryDirectory() as temporary:
        for turn in range(rounds):
            with sink(Path(temporary) / f"{turn}", 0) as port:
                update = services.write(texts=_WORDS, organizer=organizer, now=timezone.now())
                services.publish(update_id=update.pk, organizer=organizer, now=timezone.now())
                _store(update.pk)
                pushed.append(_push(port, size))
                with override_settings(MAILERS=_mailers(port)):
                    began = time.perf_counter()
                    sent = outbox.drain()
                rates.append(sent / (time.perf_counter() - began))
                assert sent == size, sent
    return Mailed(size, median(rates), median(pushed))


def _mailers(port: int) -> dict[str, dict[str, object]]:
    options = {"host": "127.0.0.1", "port": port}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def _people(size: int) -> None:
    """Store people who asked for news, copied from one."""
    invented_people.signatures(1, until=timezone.now(), channels=[])
    first = Signature.objects.counted().latest("pk")
    said = {field.attname: getattr(first, field.attname) for field in Signature._meta.concrete_fields}
    highest = Signature.objects.order_by("-number").values_list("number", flat=True).first() or 0
    Signature.objects.bulk_create(
        Signature(
            **said
            | {"id": None, "number": highest + 1 + n, "nonce": os.urandom(16), "news": True, "language": "en"}
            | {"address_sealed": mailbox.seal(address), "address_digest": mailbox.digest(address)}
            | {"domain": f"example{n % 40}.org", "mailbox_place": 1, "representative": ""}
        )
        for n in range(size)
        for address in [f"reader{n}@example{n % 40}.org"]
    )


def _store(update_id: int) -> None:
    """Store the mails of a mailing in the outbox, all at once."""
    mailing = Mailing.objects.create(update_id=update_id)
    mails = [sending.mail_to(mailing, person) for person in Signature.objects.filter(news=True)]
    OutboundMail.objects.bulk_create(mails)


def _push(port: int, count: int) -> float:
    """Return the mails per second of these mails, built before and sent over one connection."""
    waiting = OutboundMail.objects.filter(kind=MailKind.NEWS, sent_at=None)
    rows = waiting.select_related("signature", "mailing__update").order_by("pk")[:count]
    mailboxes = MailboxCache()
    built = [(made.to, made.message().as_bytes()) for made in (messages.message(row, mailboxes) for row in rows)]
    with smtplib.SMTP("127.0.0.1", port) as server:
        began = time.perf_counter()
        for to, content in built:
            server.sendmail("hello@declaration.example", to, content)
        return count / (time.perf_counter() - began)
