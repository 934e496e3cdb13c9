"""F19: an edition that is built while people confirm and withdraw is the list of its printed moment, in every format."""

import csv
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.demo import invented_people
from signatories.mine import services as mine
from signatories.models import Act, Edition, Signature
from signatories.tally import services as tally
from tests.editions.building import as_dicts, body, build, text_of
from tests.people import signed_to, text

pytestmark = pytest.mark.django_db(transaction=True)
A_SECOND = 20  # confirms and withdrawals
# An act is dated by the start of its transaction; one this close before the snapshot may have been committed after it.
DOUBTFUL = timedelta(seconds=1)


def come_and_go(worker: int, over: threading.Event) -> int:
    """Confirm one, withdraw another, again and again; returns how many acts that were."""
    words, done, mine_to_withdraw = text(), 0, list[int]()
    try:
        while not over.is_set():
            began = time.monotonic()
            person = f"Passer {worker} {done}"
            mine_to_withdraw.append(signed_to(words, address=f"p{worker}-{done}@example.org", name=person).pk)
            if len(mine_to_withdraw) > 8:
                mine.withdraw(signature_id=mine_to_withdraw.pop(0), now=timezone.now())
            done += 2
            over.wait(max(4 / A_SECOND - (time.monotonic() - began), 0))
    finally:
        connections.close_all()
    return done


def rebuilt(edition: Edition) -> tuple[set[str], set[str]]:
    """The names on the list at the printed moment, from the trail alone; and those about whom it cannot say."""
    assert edition.as_of
    certain, doubtful = set(), set()
    for signature in Signature.objects.all():
        acts = list(Act.objects.filter(signature=signature).order_by("pk"))
        at_that_moment = [act for act in acts if act.acted_at <= edition.as_of]
        if at_that_moment and at_that_moment[-1].acted_at > edition.as_of - DOUBTFUL:
            doubtful.add(signature.name)
        elif at_that_moment and at_that_moment[-1].after == "published":
            certain.add(signature.name)
    return certain, doubtful


def test_as_a_set_it_is_the_database_at_its_moment(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    text()
    invented_people.signatures(200, until=timezone.now() - timedelta(hours=1), seed=1)
    over = threading.Event()
    with ThreadPoolExecutor(2) as crowd:
        busy = [crowd.submit(come_and_go, worker, over) for worker in range(2)]
        try:
            time.sleep(5)  # longer than DOUBTFUL, so that there are certain ones
            edition = build()
            time.sleep(1)
        finally:
            over.set()
        assert sum(done.result() for done in busy) > 20
    told = json.loads(body(client.get("/press/editions/1/signatories.json")))
    in_json = {row["name"] for row in told["signatories"]}
    passers = {name for name in in_json if name.startswith("Passer")}
    certain, doubtful = rebuilt(edition)
    assert passers - doubtful == {name for name in certain if name.startswith("Passer")}
    assert certain
    assert Act.objects.filter(acted_at__gt=edition.as_of).exists()
    assert told["named"] == edition.named == len(told["signatories"])

    rows = csv.DictReader(io.StringIO(body(client.get("/press/editions/1/signatories.csv")).decode("utf-8-sig")))
    assert {row["name"] for row in rows} == in_json
    in_xlsx = as_dicts(body(client.get("/press/editions/1/signatories.xlsx")))
    assert {row["name"] for row in in_xlsx} == in_json
    pdf = tmp_path / "list.pdf"
    pdf.write_bytes(body(client.get("/press/editions/1/signatories.pdf")))
    words = text_of(pdf)
    assert {name for name in passers if name in words} == passers


def test_when_all_is_quiet_edition_and_api_hold_the_same(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    text()
    invented_people.signatures(120, until=timezone.now(), seed=2)
    tally.fold()
    build()
    told = json.loads(body(client.get("/press/editions/1/signatories.json")))
    in_api, address = [], "/api/v1/signatories?size=50"
    while address:
        answer = client.get(address).json()
        in_api += [(row["number"], row["name"]) for row in answer["signatories"]]
        address = (answer["next"] or "").removeprefix("http://testserver")
    assert in_api == [(row["number"], row["name"]) for row in told["signatories"]]
