"""After thirty days nothing of somebody who did not answer is left, and files that nobody went on with are gone."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from declaration.models import Text, forget_current
from signatories.mail import outbox
from signatories.models import GatheredBatch, Invitee, OutboundMail
from signatories.privacy import retention
from tests.gathering.gathering import approved, checked, gathering_partner, members, proof, send_all, table, upload
from tests.partners.partners import officer
from tests.people import text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
MARK = "Marker Zebrinwhistle"
ADDRESS = "marker.zebrinwhistle@union.example"
ROWS = [(MARK, ADDRESS, "singer", "en"), ("Bram Oake", "bram@union.example", "actor", "fr")]


def later(days: int) -> datetime:
    return timezone.now() + timedelta(days=days, hours=3)


def found_in_database(*words: str) -> list[str]:
    """The tables in which one of these words stands, looked for as text in every column."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table_name = model._meta.db_table
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table_name}" AS t WHERE t::text ILIKE %s', [f"%{word}%"])
                found += [table_name] if cursor.fetchone()[0] else []
    return found


def test_nothing_of_the_silent_is_left_after_thirty_days(mailbox: Catcher, client: Client) -> None:
    """In the database; everything else is searched in tests/house/test_marker_of_invitee.py."""
    text()
    approved(gathering_partner(), table(ROWS))
    send_all()
    assert found_in_database(MARK) == ["signatories_invitee"]
    assert found_in_database("zebrinwhistle@") == []  # addresses are sealed from the first moment on
    path = mailbox.of(ADDRESS)[0].path("invited")
    assert client.get(path).status_code == 200
    retention.purge(later(29))
    assert found_in_database(MARK)
    retention.purge(later(30))
    assert found_in_database("Zebrinwhistle") == []
    assert set(Invitee.objects.values_list("answer", "address_sealed")) == {("silent", b"")}
    assert not OutboundMail.objects.exists()
    over = client.get(path)
    assert over.status_code == 410
    assert "This invitation is over" in over.content.decode()


def test_they_are_not_asked_again_until_signing_closes(mailbox: Catcher, client: Client) -> None:
    text()
    union = gathering_partner()
    approved(union, table(members(3)))
    send_all()
    no, never = (mailbox.of(f"m{n}@union.example")[0].path("invited") for n in (0, 1))
    client.post(f"{no}no/")
    client.post(f"{never}no/", {"never": "1"})
    retention.purge(later(31))
    assert Invitee.objects.exclude(address_digest=b"").count() == 3
    Text.objects.update(published_at=None)
    forget_current()
    retention.purge(later(32))
    kept = Invitee.objects.exclude(address_digest=b"")
    assert set(kept.values_list("answer", flat=True)) == {"declined", "never"}


def test_a_file_that_nobody_went_on_with_is_gone_after_thirty_days(mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    own = officer(union)
    batch = checked(own, table(ROWS))
    own.post(f"/partner/names/{batch.pk}/proof/", proof())
    own.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    retention.purge(later(29))
    assert Invitee.objects.filter(batch=batch).exists()
    retention.purge(later(31))
    batch.refresh_from_db()
    assert (batch.state, batch.file, batch.sample, batch.specimen) == ("undone", b"", b"", b"")
    assert not Invitee.objects.exists()
    assert found_in_database("Zebrinwhistle") == []


def test_a_file_without_a_head_leaves_nothing_of_its_first_person(mailbox: Catcher) -> None:
    """Its first row is taken for the names of the columns."""
    text()
    own = officer(gathering_partner())
    batch = upload(own, table(ROWS[1:], ROWS[0]))
    assert MARK in own.get(f"/partner/names/{batch.pk}/").content.decode()
    assert found_in_database("Zebrinwhistle") == []  # sealed
    own.post(f"/partner/names/{batch.pk}/undo/")
    assert MARK not in own.get(f"/partner/names/{batch.pk}/").content.decode()


def test_who_waits_in_a_paused_batch_is_gone_too(mailbox: Catcher) -> None:
    text()
    batch = approved(gathering_partner(), table(ROWS))
    GatheredBatch.objects.filter(pk=batch.pk).update(paused_at=timezone.now())
    retention.purge(later(31))
    assert not Invitee.objects.exists()
