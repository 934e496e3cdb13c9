"""Time stamps of editions: made by a real authority, checked with openssl; one that fails holds nothing up."""

import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import timestamps
from signatories.mine import services as mine
from signatories.models import EditionFile, Signature
from signatories.models.signature import IN_FLIGHT
from tests.editions.authority import Authority, serving
from tests.editions.building import body, build
from tests.people import signed
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PRESS = "/press/editions"


@pytest.fixture
def authority(settings: Settings, tmp_path: Path) -> Iterator[Authority]:
    settings.MEDIA_ROOT = tmp_path / "files"
    with serving(tmp_path / "authority") as found:
        settings.TIMESTAMP_URL = found.url
        yield found


def stamped() -> int:
    return EditionFile.objects.exclude(stamp=None).count()


def test_each_file_is_stamped_once_and_checked_with_openssl(
    client: Client, authority: Authority, tmp_path: Path
) -> None:
    signed()
    build()
    assert client.get(f"{PRESS}/1/signatories.pdf.tsr").status_code == 404
    assert timestamps.stamp_waiting(timezone.now()) == 4
    assert timestamps.stamp_waiting(timezone.now()) == 0
    assert authority.asked == 4
    for format_ in ("pdf", "csv", "xlsx", "json"):
        name = f"signatories.{format_}"
        (tmp_path / name).write_bytes(body(client.get(f"{PRESS}/1/{name}")))
        answer = client.get(f"{PRESS}/1/{name}.tsr")
        assert answer["Content-Type"] == "application/timestamp-reply"
        (tmp_path / f"{name}.tsr").write_bytes(answer.content)
        verify = ["openssl", "ts", "-verify", "-data", name, "-in", f"{name}.tsr"]
        verify += ["-CAfile", str(authority.certificate)]
        assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode == 0
        with (tmp_path / name).open("ab") as file:
            file.write(b" ")
        assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode != 0
    assert "openssl ts -verify" in client.get(f"{PRESS}/1/").content.decode()


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("hangs", "does not answer"), ("drips", "does not answer"), ("nonsense", "no time stamp"), ("another", "another file or question"),
        ("refuses", "refused"), ("long", "too long"), ("fails", "does not answer"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_not_kept_and_asked_for_again_later(
    client: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    mode: str, why: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(timestamps, "ANSWER_SECONDS", 3.0)
    signed()
    build()
    authority.mode = mode
    now = timezone.now()
    assert timestamps.stamp_waiting(now) == 0  # it would never return if nothing ended an authority that hangs or drips
    assert why in caplog.text
    assert stamped() == 0
    assert body(client.get("/press/latest.pdf")).startswith(b"%PDF")
    assert "openssl ts" not in client.get(f"{PRESS}/1/").content.decode()
    authority.mode = "right"
    monkeypatch.setattr(timestamps, "ANSWER_SECONDS", 5.0)
    assert timestamps.stamp_waiting(now) == 3  # the one that failed rests
    assert timestamps.stamp_waiting(now + timestamps.NEXT_TRY) == 1


def test_a_second_tick_asks_nobody_while_the_first_waits(authority: Authority) -> None:
    signed()
    build()
    authority.mode = "hangs"

    def tick() -> None:
        timestamps.stamp_waiting(timezone.now())
        connection.close()

    first = threading.Thread(target=tick)
    first.start()
    wait_for(lambda: authority.reached == 1, 10)
    assert timestamps.stamp_waiting(timezone.now() + 2 * timestamps.NEXT_TRY) == 0
    assert first.is_alive()
    authority.over.set()
    first.join()
    assert authority.reached == 1
    authority.mode = "right"
    assert timestamps.stamp_waiting(timezone.now() + 2 * timestamps.NEXT_TRY) == 4


def test_nobody_is_listening(settings: Settings, authority: Authority) -> None:
    signed()
    build()
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
    assert timestamps.stamp_waiting(timezone.now()) == 0


def test_without_an_authority_nobody_is_asked(settings: Settings, authority: Authority) -> None:
    settings.TIMESTAMP_URL = ""
    signed()
    build()
    assert timestamps.stamp_waiting(timezone.now()) == 0
    assert authority.asked == 0


def test_it_is_given_up_after_a_day(authority: Authority) -> None:
    signed()
    build()
    assert timestamps.stamp_waiting(timezone.now() + timedelta(days=1, minutes=1)) == 0


def test_a_file_that_was_changed_in_the_storage_is_not_stamped(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    signed()
    edition = build()
    for file in edition.full_files:
        Path(default_storage.path(file.path)).write_bytes(b"something else")
    assert timestamps.stamp_waiting(timezone.now()) == 0
    assert "not the one that was made" in caplog.text
    assert authority.asked == 0


def test_the_stamp_stays_when_the_file_is_deleted(client: Client, authority: Authority) -> None:
    goes = signed(now=timezone.now() - 3 * IN_FLIGHT)
    build()
    assert timestamps.stamp_waiting(timezone.now()) == 4
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    signed(name="Bram Bellweather", address="bram@example.org")
    build()
    assert Signature.objects.public().count() == 1
    assert client.get(f"{PRESS}/1/signatories.pdf").status_code == 410
    assert client.get(f"{PRESS}/1/signatories.pdf.tsr").status_code == 200
