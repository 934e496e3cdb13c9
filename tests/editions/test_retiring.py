"""Somebody leaves the list: a new edition soon, and the older files that name them are gone (F20)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import retiring
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, Signature
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import body, build
from tests.people import organizer, signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def hide(signature: Signature, now: datetime) -> None:
    """The signer no longer wants to be named."""
    mended = mine.update_of(signature)
    mine.mend(signature_id=signature.pk, update=mine.SignatureUpdate(**vars(mended) | {"named": False}), now=now)


def withdraw(signature: Signature, now: datetime) -> None:
    """The signer withdraws."""
    mine.withdraw(signature_id=signature.pk, now=now)


def reject(signature: Signature, now: datetime) -> None:
    """An organizer rejects."""
    from signatories.desk.queue import services as queue

    queue.reject(signature_id=signature.pk, organizer=organizer(), reason="Invented.", now=now)


@pytest.mark.parametrize("leave", [hide, withdraw, reject])
def test_whoever_leaves_is_in_no_file_any_more(client: Client, leave: Callable[[Signature, datetime], None]) -> None:
    long_ago = timezone.now() - 3 * IN_FLIGHT
    signed(now=long_ago)
    before = build()
    goes = signed(name="Bram Bellweather", address="bram@example.org", now=timezone.now() - 2 * IN_FLIGHT)
    with_him = build()
    assert b"Bram" in body(client.get("/press/editions/2/signatories.csv"))
    assert body(client.get("/press/editions/2/signatories.pdf")).startswith(b"%PDF")
    leave(goes, timezone.now())
    assert editions.ask_if_changed()
    without_him = editions.build_waiting()
    assert without_him

    for kind in ("pdf", "csv", "xlsx"):
        gone = client.get(f"/press/editions/2/signatories.{kind}")
        assert gone.status_code == 410
        assert gone["X-Robots-Tag"] == "noindex"
        assert body(client.get(f"/press/editions/1/signatories.{kind}"))
    assert b"Bram" not in body(client.get("/press/latest.csv"))
    assert b"Bram" not in body(client.get("/press/editions/3/signatories.csv"))
    page = client.get("/press/editions/2/").content.decode()
    assert with_him.pdf_sha256 in page
    assert "signatories.pdf" not in page
    assert client.get("/press/editions/").content.decode().count("files taken down") == 1
    assert not default_storage.exists(with_him.pdf)
    assert default_storage.exists(before.pdf)


def test_whoever_was_never_named_takes_no_file_along() -> None:
    long_ago = timezone.now() - 3 * IN_FLIGHT
    signed(now=long_ago)
    unnamed = signed(name="Bram Bellweather", named=False, address="bram@example.org", now=long_ago)
    build()
    withdraw(unnamed, timezone.now())
    build()
    assert not Edition.objects.exclude(retired_at=None).exists()


def test_killed_between_the_mark_and_the_files_it_goes_on_with_the_next_edition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes = signed(now=timezone.now() - 2 * IN_FLIGHT)
    first = build()
    withdraw(goes, timezone.now())

    def killed(name: str) -> None:
        if name.startswith("editions/"):  # and not while the edition is built
            raise KeyboardInterrupt

    editions.ask()
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            editions.build_waiting()
    first.refresh_from_db()
    assert first.retired_at
    assert default_storage.exists(first.pdf)
    build()
    assert not default_storage.exists(first.pdf)
    assert retiring.retire(timezone.now()) == []


def test_who_comes_back_brings_no_file_back(client: Client) -> None:
    signature = signed(now=timezone.now() - 2 * IN_FLIGHT)
    build()
    withdraw(signature, timezone.now())
    build()
    mine.undo(signature_id=signature.pk, now=timezone.now())
    build()
    assert client.get("/press/editions/1/signatories.pdf").status_code == 410
    assert b"Aveline" in body(client.get("/press/latest.csv"))


@pytest.mark.parametrize("number", ["0", "3", "99999999999999999999"])
def test_editions_that_never_were(client: Client, number: str) -> None:
    signed()
    build()
    editions.ask()
    for path in ("", "signatories.pdf", "signatories.csv", "signatories.xlsx"):
        assert client.get(f"/press/editions/{number}/{path}").status_code == 404
