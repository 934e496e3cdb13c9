"""T32: a file of an edition is asked for again and again. Nothing is built: the stored file is sent, or 304."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from signatories.models import Edition, EditionFile, EditionPart
from tests.editions.building import body, build
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
        web_processes = [psutil.Process(site.part.process.pid)]
        web_processes += web_processes[0].children(recursive=True)
        typesets = [
            process.pid
            for process in web_processes
            if any("signatories.editions" in word for word in process.cmdline())
        ]
        assert typesets == []
    assert kept() == before


@pytest.fixture
def stored(settings: Settings, tmp_path: Path) -> bytes:
    """The PDF of an edition."""
    settings.MEDIA_ROOT = tmp_path / "files"
    signed()
    with default_storage.open(build().pdf) as file:
        content: bytes = file.read()
    return content


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=7-9999999999", 7, None)],
)
def test_a_download_goes_on_where_it_ended(
    client: Client, stored: bytes, asked: str, begin: int, end: int | None
) -> None:
    whole = client.get("/press/latest.pdf")
    assert body(whole) == stored
    assert whole["Accept-Ranges"] == "bytes"
    part = client.get("/press/latest.pdf", headers={"Range": asked, "If-Range": whole["ETag"]})
    first = begin % len(stored)
    expected = stored[begin:end]
    assert (part.status_code, body(part)) == (206, expected)
    assert part["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(stored)}"
    assert part["Content-Length"] == str(len(expected))
    assert [part[name] for name in ("ETag", "Content-Type", "Content-Disposition", "Cache-Control")] == [
        whole[name] for name in ("ETag", "Content-Type", "Content-Disposition", "Cache-Control")
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=9-1"}, {"Range": "bytes=0-1,5-9"}, {"Range": "lines=0-9"}, {"Range": "bytes=x"}, {"Range": "bytes=-"},
        {"Range": "bytes=0-9", "If-Range": '"another"'},
    ],
)  # fmt: skip
def test_otherwise_the_whole_file_comes(client: Client, stored: bytes, headers: dict[str, str]) -> None:
    """Of a file that is another one meanwhile, too: two halves of two files would be none."""
    answer = client.get("/press/latest.pdf", headers=headers)
    assert (answer.status_code, body(answer)) == (200, stored)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_beyond_the_end_there_is_nothing(client: Client, stored: bytes, asked: str) -> None:
    answer = client.get("/press/latest.pdf", headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{len(stored)}"


def test_tables_come_whole(client: Client, stored: bytes) -> None:
    """A proxy may pack them, and a part of what is packed is no part of the file."""
    whole = body(client.get("/press/latest.csv"))
    answer = client.get("/press/latest.csv", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, body(answer)) == (200, whole)
