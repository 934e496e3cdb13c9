"""F19: an edition that is built while people confirm, hide their names and withdraw is the list of its printed moment.

In every format, and as a set both ways: nobody is missing, nobody is too many. How many are without a name is told, too.
"""

import csv
import io
import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import Text
from signatories.editions import building, document
from signatories.mine import services as mine
from signatories.models import Act, Edition, Signature
from signatories.models.act import Verb
from signatories.tally import services as tally
from tests.editions.building import as_dicts, body, build, text_of
from tests.people import signed_to, text

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4  # of the crowd
SETTLED = 40  # people who signed before, and stay
A_SECOND = 20  # acts, on average over the build
# The build is held until there are so many. On a slow machine, after PATIENCE seconds, AT_LEAST of them are enough.
AT_LEAST, PATIENCE = 60, 30
NAME = re.compile(r"(?:Settled|Passer) [A-J]+")


def spelled(number: int) -> str:
    """A number as letters: the number of a signature, which is printed behind the name, is no part of them."""
    return "".join(chr(ord("A") + int(figure)) for figure in str(number))


class Crowd:
    """People who confirm, hide their names and withdraw until they are told to stop."""

    def __init__(self, words: Text) -> None:
        self.words, self.over = words, threading.Event()
        self.busy: list[Future[None]] = []
        self.answered: dict[int, list[datetime]] = defaultdict(list)  # when each signer was told that it is done

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let them come and go. What one of them meets fails the test."""
        with ThreadPoolExecutor(WORKERS) as pool:
            self.busy = [pool.submit(self._come_and_go, worker) for worker in range(WORKERS)]
            try:
                yield
            finally:
                self.over.set()
        for done in self.busy:
            done.result()

    def wait_for(self, promise: Callable[[], bool]) -> None:
        """Wait as long as they come and go: no slow machine fails the test."""
        while not promise() and not any(done.done() for done in self.busy):
            time.sleep(0.1)

    def _come_and_go(self, worker: int) -> None:
        here: list[int] = []
        try:
            for turn in range(10**6):
                if self.over.is_set():
                    return
                person = WORKERS * turn + worker
                here.append(self._confirm(person))
                if turn % 5 == 4:
                    self._hide(here[-2])
                if len(here) > 6:
                    mine.withdraw(signature_id=here[0], now=timezone.now())
                    self._told(here.pop(0))
        finally:
            connections.close_all()

    def _confirm(self, person: int) -> int:
        named, address = person % 4 != 2, f"p{person}@example.org"
        name = f"{'Passer' if named else 'Hidden'} {spelled(person)}"
        signature = signed_to(self.words, address=address, name=name, named=named)
        self._told(signature.pk)
        return signature.pk

    def _hide(self, pk: int) -> None:
        signature = Signature.objects.get(pk=pk)
        if signature.named:
            hidden = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"named": False})
            mine.mend(signature_id=pk, update=hidden, now=timezone.now())
            self._told(pk)

    def _told(self, pk: int) -> None:
        self.answered[pk].append(timezone.now())


class Rebuilt(NamedTuple):
    """The list at a moment, by the trail: names, how many are without, and about whom it cannot say."""

    named: set[str]
    unnamed: int
    doubtful: set[str]


def rebuilt(moment: datetime, answered: dict[int, list[datetime]]) -> Rebuilt:
    """Read the acts of each signature until a moment.

    An act is dated by the start of its transaction. While its signer waits for the answer nobody can say on which side
    of the moment it was committed: these are doubtful, at most one for each of the crowd.
    """
    found = Rebuilt(set(), 0, set())
    for signature in Signature.objects.prefetch_related("acts"):
        acts = sorted(signature.acts.all(), key=lambda act: act.pk)
        until = [act for act in acts if act.acted_at <= moment]
        told = answered.get(signature.pk, [])
        if until and told and told[len(until) - 1] > moment:
            found.doubtful.add(signature.name)
        elif until and until[-1].after == "published":
            if is_named(signature, acts, len(until)):
                found.named.add(signature.name)
            else:
                found = found._replace(unnamed=found.unnamed + 1)
    return found


def is_named(signature: Signature, acts: list[Act], count: int) -> bool:
    """Whether the name was shown after the first acts; a later act tells what was before it."""
    moves = [(at, act.verb) for at, act in enumerate(acts) if act.verb in (Verb.HIDE, Verb.SHOW)]
    before = [verb for at, verb in moves if at < count]
    if before:
        return before[-1] == Verb.SHOW
    return moves[0][1] == Verb.HIDE if moves else signature.named


def acts_since(moment: datetime) -> int:
    return Act.objects.filter(acted_at__gt=moment).count()


def built_in(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> Edition:
    """An edition whose pages are stored when there were enough acts, and enough a second, since its build began."""
    began, really = timezone.now(), document.build_pdf

    def held(*arguments: Any, **named: Any) -> None:
        really(*arguments, **named)
        set_at = timezone.now()

        def enough() -> bool:
            now, acts = timezone.now(), acts_since(began)
            is_quick = acts / (now - began).total_seconds() >= A_SECOND
            return acts >= AT_LEAST and (is_quick or (now - set_at).total_seconds() > PATIENCE)

        crowd.wait_for(enough)
        print(f"{acts_since(began) / (timezone.now() - began).total_seconds():.0f} acts a second")  # noqa: T201

    with monkeypatch.context() as patch:
        patch.setattr(building, "build_pdf", held)
        return build()


def read_all(client: Client, edition: Edition, folder: Path) -> tuple[set[str], int]:
    """The names of an edition and how many are without: the same in every format."""
    address = f"/press/editions/{edition.number}/signatories"
    told = json.loads(body(client.get(f"{address}.json")))
    in_json = [row["name"] for row in told["signatories"]]
    in_csv = csv.DictReader(io.StringIO(body(client.get(f"{address}.csv")).decode("utf-8-sig")))
    in_xlsx = as_dicts(body(client.get(f"{address}.xlsx")))
    assert [row["name"] for row in in_csv] == [row["name"] for row in in_xlsx] == in_json
    assert len(set(in_json)) == len(in_json) == told["named"] == edition.named
    assert told["unnamed"] == edition.unnamed
    pdf = folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"{address}.pdf")))
    words = text_of(pdf)
    assert set(NAME.findall(words)) == set(in_json)
    assert "Hidden" not in words
    assert f"{edition.count} people have signed" in words
    assert f"{edition.named} by name" in words
    assert f"{edition.unnamed} without" in words
    return set(in_json), edition.unnamed


def read_api(client: Client) -> list[str]:
    """The names of the API, page by page."""
    found, address = [], "/api/v1/signatories?size=50"
    while address:
        answer = client.get(address).json()
        found += [row["name"] for row in answer["signatories"]]
        address = (answer["next"] or "").removeprefix("http://testserver")
    return found


@pytest.mark.usefixtures("rendering_processes")  # so that they leave this one to the crowd
def test_as_a_set_it_is_the_database_at_its_moment(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    words = text()
    for person in range(SETTLED):
        signed_to(words, name=f"Settled {spelled(person)}", address=f"s{person}@example.org", named=person % 8 != 7)
    crowd, start = Crowd(words), timezone.now()
    with crowd.at_work():
        crowd.wait_for(lambda: acts_since(start) >= AT_LEAST)
        edition = built_in(crowd, monkeypatch)
    assert edition.as_of
    assert acts_since(edition.as_of) >= AT_LEAST
    expected = rebuilt(edition.as_of, crowd.answered)
    assert len(expected.doubtful) <= WORKERS
    in_files, unnamed = read_all(client, edition, tmp_path)
    assert in_files - expected.doubtful == expected.named
    assert sum(name.startswith("Passer") for name in expected.named) > 0
    assert 0 < expected.unnamed <= unnamed <= expected.unnamed + len(expected.doubtful)

    tally.fold()  # nobody comes any more: now the API holds the same as an edition, and as the trail, without a doubt
    quiet = build()
    assert quiet.as_of
    in_files, unnamed = read_all(client, quiet, tmp_path)
    assert rebuilt(quiet.as_of, crowd.answered) == (in_files, unnamed, set())
    in_api = read_api(client)
    assert (set(in_api), len(in_api)) == (in_files, len(in_files))
    number = client.get("/api/v1/count").json()
    assert (number["named"], number["unnamed"]) == (quiet.named, quiet.unnamed)
