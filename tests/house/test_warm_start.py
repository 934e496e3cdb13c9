"""A web process loads what the first visitors need before they come (docs/decisions/0043-warm-start.md)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from declaration.demo import embedded
from signatories.models import Signup
from tests.house.serving import web
from tests.people import form, from_everywhere, text

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_who_come_at_once_to_a_process_that_has_just_started_are_taken(tmp_path: Path) -> None:
    text()
    from_everywhere()
    patient = {"DATABASE_BUSY_SECONDS": "60", "DATABASE_WAIT_SECONDS": "60"}  # 16 wait for 8 connections
    with web(tmp_path / "web.log", threads=8, **patient) as site, ThreadPoolExecutor(16) as crowd:
        forms = [form(email=f"p{n}@example.org") for n in range(16)]
        answers = list(crowd.map(lambda filled: site.ask("POST", "/sign/", filled).status, forms))
    assert answers == [303] * 16
    assert Signup.objects.count() == 16


def test_it_starts_without_a_database_and_stores_nobody(tmp_path: Path) -> None:
    nowhere = f"postgresql://postgres@127.0.0.1:{embedded.free_port()}/nothing"
    with web(tmp_path / "web.log", DATABASE_URL=nowhere, ready="/healthz") as site:
        assert site.ask("GET", "/healthz").status == 200
        assert site.ask("POST", "/sign/", form()).status == 503
    assert not Signup.objects.exists()
