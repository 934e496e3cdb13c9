"""Asks for an export as an administrator does, and reads what comes of it."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyzipper
from django.http import HttpResponse
from django.test import Client

from signatories.models import Act, Export
from signatories.models.act import Verb

PAGE = "/desk/exports/"
DAY = timedelta(hours=24)


def ask(
    desk: Client, kind: str = "addresses", columns: tuple[str, ...] = ("name",), reason: str = "Newsletter."
) -> str:
    """Ask for an export; returns the page that follows."""
    data = {"kind": kind, "columns": columns, "reason": reason}
    return desk.post(PAGE, data, follow=True).content.decode()


def passphrase_in(page: str) -> str:
    found = re.search(r"<code[^>]*>([^<]+)</code>", page)
    assert found
    return found[1]


def press(browser: Client, what: str, export: Export | None = None) -> HttpResponse:
    """Press a button of an export, the newest one if none is named."""
    pk = (export or Export.objects.latest("pk")).pk
    return browser.post(f"{PAGE}{pk}/{what}/")  # type: ignore[return-value]


def state() -> str:
    return Export.objects.latest("pk").state


def files(folder: Path) -> list[str]:
    """Everything that stands in the storage, the hidden parts too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def steps() -> list[str]:
    """What the trail says about exports, without their number."""
    acts = Act.objects.filter(verb=Verb.EXPORT).order_by("pk")
    assert all(act.reason.startswith(act.about) for act in acts)
    return [act.reason.removeprefix(f"{act.about} ") for act in acts]


def taken(browser: Client) -> tuple[str, bytes]:
    """The name and the content of the file that is downloaded."""
    response: Any = press(browser, "file")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    content = b"".join(response.streaming_content)
    response.close()
    return response["Content-Disposition"].partition('filename="')[2].rstrip('"'), content


def opened(content: bytes, passphrase: str) -> tuple[str, list[list[str]]]:
    """The name of the one file inside, and its rows."""
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        (name,) = archive.namelist()
        return name, rows(archive.read(name))


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
