"""Editions kept in an S3 bucket instead of a folder, so that several machines share them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.demo.embedded import free_port
from declaration.ops import storage
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models.signature import IN_FLIGHT
from signatories.operations.backup import services as backup
from tests.editions.building import body, build
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bucket(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A real server of the S3 protocol; yields the folder in which it keeps the bucket."""
    port = free_port()
    (tmp_path / "s3" / "declaration").mkdir(parents=True)
    rclone = Path(sys.executable).with_name("rclone")
    command = [str(rclone), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "key,se/cret"]
    process = subprocess.Popen([*command, str(tmp_path / "s3")], stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        endpoint = f"http%3A//127.0.0.1:{port}"
        url = f"s3://key:se%2Fcret@declaration/kept?endpoint_url={endpoint}&region_name=eu-1&addressing_style=path"
        settings.STORAGES = settings.STORAGES | {"default": storage.configured(urlsplit(url))}
        settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
        yield tmp_path / "s3" / "declaration" / "kept"
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("no S3 server")


def test_an_edition_is_kept_served_backed_up_and_taken_down(
    client: Client, bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = signed(now=timezone.now() - 3 * IN_FLIGHT)
    edition = build()
    assert {path.name for path in (bucket / "editions").rglob("*") if path.is_file()} == {
        file.path.rpartition("/")[2] for file in edition.full_files
    }
    served = client.get("/press/latest.pdf")
    assert body(served) == (bucket / edition.pdf).read_bytes()
    assert client.get("/press/latest.pdf", headers={"If-None-Match": served["ETag"]}).status_code == 304

    kept = tmp_path / "backup.zip"
    backup.back_up(target=kept, now=timezone.now())
    pdf = (bucket / edition.pdf).read_bytes()
    default_storage.delete(edition.pdf)
    backup.restore(source=kept, now=timezone.now(), replace=True)
    assert (bucket / edition.pdf).read_bytes() == pdf

    signed(name="Bram Bellweather", address="bram@example.org")
    _killed_before_the_pdf(monkeypatch)
    assert (
        sum(path.is_file() for path in (bucket / "editions").rglob("*")) == 4 + 3
    )  # with all but the PDF of the one that was not finished
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    after = build()
    assert {f"editions/{path.name}" for path in (bucket / "editions").rglob("*") if path.is_file()} == {
        file.path for file in after.full_files
    }
    assert not default_storage.exists(edition.pdf)
    assert client.get("/press/editions/1/signatories.pdf").status_code == 410


def _killed_before_the_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """F11: a build that ends between its two files."""
    save = default_storage.save

    def killed(name: str, content: ContentFile[bytes]) -> str:
        if name.endswith(".pdf"):
            raise KeyboardInterrupt
        return save(name, content)

    editions.ask()
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            editions.build_waiting()


@pytest.mark.parametrize(
    "url", ["ftp://host/folder", "s3:///no-bucket", "s3://key:secret@bucket/?public=yes", "https://bucket/"]
)
def test_what_is_no_storage_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL"):
        storage.configured(urlsplit(url))


def test_without_its_library_a_bucket_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured, match="--extra s3"):
        storage.configured(urlsplit("s3://bucket/"))
