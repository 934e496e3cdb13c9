"""T32: a file of an edition is asked for again and again. Nothing is built: the stored file is sent, or 304."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from signatories.models import Edition, EditionFile, EditionPart
from tests.editions.building import build
from tests.house.serving import Site, web
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
TIMES, AT_ONCE = 200, 8
PATHS = ("/press/latest.pdf", "/press/latest.csv", "/press/editions/1/signatories.xlsx", "/press/latest.json")


def download(site: Site, path: str, etag: str) -> tuple[int, str, str]:
    """One request of somebody who has the file with that ETag, if any: its status, the digest of what came, the ETag."""
    line = HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        line.request("GET", path, headers={"Host": "testserver"} | ({"If-None-Match": etag} if etag else {}))
        got = line.getresponse()
        return got.status, sha256(got.read()).hexdigest(), got.headers["ETag"] or ""
    finally:
        line.close()


def kept() -> list[tuple[object, ...]]:
    """All that the database and the storage know of editions."""
    rows: list[tuple[object, ...]] = []
    for model in (Edition, EditionPart, EditionFile):
        rows += model.objects.order_by("pk").values_list()
    for folder in ("editions", "segments"):
        for name in sorted(default_storage.listdir(folder)[1]):
            rows.append((folder, name, default_storage.get_modified_time(f"{folder}/{name}")))
    return rows


def test_two_hundred_downloads_build_nothing(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    signed()
    build()
    digests = dict(EditionFile.objects.values_list("format", "sha256"))
    before = kept()
    with (
        web(tmp_path / "web.log", STORAGE_URL=(tmp_path / "files").as_uri()) as site,
        ThreadPoolExecutor(AT_ONCE) as crowd,
    ):
        for path in PATHS:
            expected = digests[path.rpartition(".")[2]]
            for etag, status, digest, times in (
                ("", 200, expected, TIMES // len(PATHS)),
                (f'"{expected}"', 304, sha256().hexdigest(), AT_ONCE),
            ):
                answers = crowd.map(download, *zip(*[(site, path, etag)] * times, strict=True))
                assert set(answers) == {(status, digest, f'"{expected}"')}
        assert site.part
        assert site.part.process
        web_processes = [psutil.Process(site.part.process.pid)]
        web_processes += web_processes[0].children(recursive=True)
        typesets = [
            process.pid
            for process in web_processes
            if any("signatories.editions" in word for word in process.cmdline())
        ]
        assert typesets == []
    assert kept() == before
