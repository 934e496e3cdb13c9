"""What the tests of the desk share."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from tests.people import enter, organizer


@pytest.fixture
def webhook(settings: Settings) -> Iterator[list[dict[str, str]]]:
    """A chat's incoming webhook."""
    got: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    yield got
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """The storage, empty."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def boris(olga: AbstractBaseUser) -> Client:
    """The browser of a second administrator."""
    browser = Client()
    enter(browser, organizer("boris"))
    return browser


@pytest.fixture
def own_folder(settings: Settings, tmp_path: Path) -> None:
    """Editions and the erasure log of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """A clock that is moved. The database has one of its own: a mail that it calls due must be due here, too."""
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False) as traveller:
        yield traveller
