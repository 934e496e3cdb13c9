"""The purge after a flood: as much memory as for one batch, and nobody's rows but the old ones (D23)."""

import tracemalloc
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declaration.models import Text
from signatories.models import OutboundMail, Signup
from signatories.models.outbound_mail import MailKind
from signatories.privacy import retention
from tests.people import text

pytestmark = pytest.mark.django_db


def flood(count: int, words: Text, at: datetime) -> None:
    """So many forms of a machine that nobody confirmed, each with a reminder."""
    signups = Signup.objects.bulk_create(
        Signup(
            name=f"Machine {n}", profession="singer", language="en", text=words, form_digest=f"{at.isoformat()}{n}".encode(), named=True, domain="bots.example",
            address_sealed=b"x" * 200, address_digest=f"{n}".encode(), nonce=b"n", mail_state="sent", sent_at=at, network=b"n" * 16,
        )
        for n in range(count)
    )  # fmt: skip
    OutboundMail.objects.bulk_create(
        OutboundMail(
            kind=MailKind.REMINDER, language="en", once=f"{at.isoformat()}{row.pk}".encode(), address_sealed=b"x" * 200, address_digest=b"d",
            mail_state="sent", signup=row,
        )
        for row in signups
    )  # fmt: skip
    Signup.objects.filter(pk__in=[row.pk for row in signups]).update(created_at=at)


def peak(now: datetime) -> int:
    """Bytes that a purge takes at most."""
    tracemalloc.start()
    retention.purge(now)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken


def test_a_flood_is_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 100)
    words, now = text(), timezone.now()
    old = now - timedelta(days=settings.LINK_DAYS + 1)
    flood(100, words, old)
    small = peak(now)
    flood(3000, words, old)
    flood(150, words, now - timedelta(days=1))
    assert peak(now) < 2 * small
    assert (Signup.objects.count(), OutboundMail.objects.count()) == (150, 150)
    with CaptureQueriesContext(connection) as asked:
        retention.purge(now)
    assert not [query for query in asked if query["sql"].startswith("DELETE") and "signatories_signup" in query["sql"]]


def test_networks_of_kept_forms_are_forgotten_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 100)
    now = timezone.now()
    flood(350, text(), now - timedelta(days=settings.LINK_DAYS + 1))
    Signup.objects.update(mail_state="waiting", sent_at=None)  # an outage of the mail: they are kept
    with CaptureQueriesContext(connection) as asked:
        retention.purge(now)
    assert Signup.objects.filter(network=b"").count() == 350
    assert len([query for query in asked if query["sql"].startswith('UPDATE "signatories_signup"')]) == 4
