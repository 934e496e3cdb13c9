"""Batches of gathered names for tests: a partner that may hand names over, its officer, its files."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from signatories.gathering import preparing, sending, services
from signatories.mail import outbox
from signatories.models import GatheredBatch, Invitee, MailCircuit, OutboundMail, Partner
from signatories.models.gathering import BatchState
from signatories.models.mailing import MailState
from tests.partners.partners import officer, partner
from tests.people import form, organizer
from tests.smtp import Catcher

PDF = b"%PDF-1.4 the form on which they ticked"
HEAD = ("Name", "E-mail", "Profession", "Language")
WILMA = "wilma@union.example"  # asks to be erased
ROW = ("Wilma Fernhill", WILMA, "singer", "en")
WORDS = "Yes, {} may write to me by e-mail and ask whether I want to sign."


def gathering_partner(name: str = "Union of Stage Hands", slug: str = "stage-hands") -> Partner:
    """A partner that may hand names over."""
    made = partner(name, slug)
    values = {"signed_by": "Olive Tarn", "signed_on": date(2026, 11, 2)}
    assert services.grant(partner_id=made.pk, values=values, account=organizer(f"admin-{slug}"), now=timezone.now())
    return made


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = HEAD) -> bytes:
    """A CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode()


def members(count: int, domain: str = "union.example") -> list[tuple[str, str, str, str]]:
    """Rows of invented members, every other one to be written to in French."""
    return [(f"Member Number{n:04} Ash", f"m{n}@{domain}", "singer", "fr" if n % 2 else "en") for n in range(count)]


def proof(**changes: object) -> dict[str, object]:
    """A rightly filled form of the proof."""
    return {
        "asked_by": "Olive Tarn, secretary", "asked_on": "October 2026", "asked_where": "the page for members",
        "asked_in": WORDS.format(settings.OPERATOR_NAME), "agreed": "on",
        "specimen": SimpleUploadedFile("form.pdf", PDF),
    } | changes  # fmt: skip


def signing_form(**changes: str) -> dict[str, str]:
    """The form as it is sent from the page of an invitation, which has no address."""
    filled = form(**{"name": "Wilma Fernhill", "affiliation": ""} | changes)
    del filled["email"]
    return filled


def erased(address: str = WILMA) -> str:
    """Erase somebody who asked for it, by the command; returns what it says."""
    out = io.StringIO()
    call_command("person", "erase", address, "--reason", "asked by letter", stdout=out)
    return out.getvalue()


def upload(browser: Client, content: bytes, *, language: str = "en", name: str = "members.csv") -> GatheredBatch:
    """Hand a file over as its officer does; the worker reads it."""
    answer = browser.post("/partner/names/", {"file": SimpleUploadedFile(name, content), "language": language})
    assert answer.status_code == 303, answer.content.decode()
    preparing.work()
    return GatheredBatch.objects.latest("pk")


def checked(browser: Client, content: bytes, **more: str) -> GatheredBatch:
    """Hand a file over, and have its rows checked with the columns as guessed."""
    batch = upload(browser, content, **more)
    assert batch.state == BatchState.COLUMNS, batch.error
    browser.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    preparing.work()
    batch.refresh_from_db()
    assert batch.state == BatchState.OPEN, batch.error
    return batch


def prove_and_ask(browser: Client, batch: GatheredBatch) -> None:
    """Say how people agreed, look at the test, and ask the organizers."""
    browser.post(f"/partner/names/{batch.pk}/proof/", proof())
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    browser.post(f"/partner/names/{batch.pk}/looked/")
    browser.post(f"/partner/names/{batch.pk}/ask/")


def approved(of: Partner, content: bytes, *, browser: Client | None = None, pace: int = 0) -> GatheredBatch:
    """A batch that was proved, tested and approved, and whose hour is over."""
    own = browser or officer(of, f"officer-{of.slug}")
    batch = checked(own, content)
    prove_and_ask(own, batch)
    long_ago = timezone.now() - timedelta(hours=2)
    assert services.approve(batch_id=batch.pk, account=organizer(f"approver-{batch.pk}"), now=long_ago)
    if pace:
        GatheredBatch.objects.filter(pk=batch.pk).update(pace=pace)
    batch.refresh_from_db()
    return batch


def send_all(now: datetime | None = None) -> None:
    """Let turns pass until everybody had theirs, and the outbox is empty."""
    while sending.send(now or timezone.now()):
        outbox.drain()
    outbox.drain()


def again() -> None:
    """As if the pauses of the outbox were over."""
    MailCircuit.objects.all().delete()
    OutboundMail.objects.filter(mail_state=MailState.WAITING).update(mail_due_at=timezone.now(), claimed_until=None)


def people(batch: GatheredBatch) -> dict[int, Invitee]:
    """The rows of a batch by their line."""
    return {row.line: row for row in Invitee.objects.filter(batch=batch, is_test=False)}


def mailed(mailbox: Catcher, domain: str = "union.example") -> list[str]:
    """To whom of the members a mail has gone, as often as it has."""
    return sorted(mail.to[0] for mail in mailbox.mails if mail.to[0].startswith("m") and mail.to[0].endswith(domain))
