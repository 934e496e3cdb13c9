"""Nobody finds out here who has signed: the same answer, the same work and the same time for every address (T21)."""

import random
import re
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declaration.database.kept import Kept
from declaration.models import forget_current
from signatories.identity import mailbox
from signatories.mine import services
from signatories.models import Signature, Signup, StoppedMailbox
from signatories.models.closing import forget_end
from signatories.models.embargo import forget_embargo
from signatories.models.news import forget_updates
from signatories.models.settings import forget_settings
from signatories.models.signature import State
from signatories.privacy import retention
from signatories.screening import limits
from tests.people import form, from_everywhere, signed, text

pytestmark = pytest.mark.django_db
KINDS = ("new", "pending", "signed", "withdrawn", "erased", "held", "blocked")
POSTS = 301
# Kruskal and Wallis (1952): with seven alike groups H is above 45 once in ten million runs.
DIFFERENT = 45.0

numbers = count(1)


@pytest.fixture
def address_of(client: Client) -> Callable[[str], str]:
    """An address of a kind, in another spelling each time, so that no form is sent twice."""
    text()
    from_everywhere()
    client.post("/sign/", form(email="pending@example.org"))
    for kind in ("signed", "withdrawn", "erased", "held"):
        signature = signed(address=f"{kind}@example.org", name=f"Person {kind}")
        if kind in ("withdrawn", "erased"):
            services.withdraw(signature_id=signature.pk, now=timezone.now())
        if kind == "erased":
            retention.erase(signature_id=signature.pk, now=timezone.now())
    Signature.objects.filter(name="Person held").update(state=State.HELD)
    StoppedMailbox.objects.create(address_digest=mailbox.digest("blocked@example.org"))
    Signup.objects.update(sent_at=timezone.now())  # their codes are open
    return lambda kind: f"{kind}{next(numbers) if kind == 'new' else ''}+{next(numbers):05}@example.org"


def send(client: Client, path: str, address: str) -> tuple[object, ...]:
    """Everything a stranger sees of the answer; the sealed address in it counts by its length."""
    typed = form(email=address, name=f"Bram {next(numbers):05}") if path == "/sign/" else {"email": address}
    response = client.post(path, typed | ({"code": "0000 0000"} if path == "/confirm/" else {}))
    assert response.status_code == (422 if path == "/confirm/" else 303)
    place = re.sub(r"to=.*", "to=", response.headers.get("Location", ""))
    headers = {name: value for name, value in response.headers.items() if name not in ("Location", "Content-Length")}
    page = response.content.replace(address.encode(), b"")
    return (place, page, tuple(sorted(headers.items())), *response.cookies)


@pytest.mark.parametrize("path", ["/sign/", "/mine/", "/confirm/"])
def test_same_bytes_and_same_queries(client: Client, address_of: Callable[[str], str], path: str) -> None:
    answers, work = set(), set()
    for kind in KINDS:
        for each in (forget_current, forget_embargo, forget_end, forget_settings, forget_updates, limits.forget_rules):
            each()
        Kept.ask_all()  # else one answer falls due in the middle
        with CaptureQueriesContext(connection) as queries:
            answers.add(send(client, path, address_of(kind)))
        work.add(tuple(re.sub(r"(VALUES|WHERE|SAVEPOINT).*", r"\1", query["sql"]) for query in queries))
    assert len(answers) == 1
    assert len(work) == 1


@pytest.mark.parametrize("path", ["/sign/", "/mine/"])
def test_no_difference_in_time(client: Client, address_of: Callable[[str], str], path: str) -> None:
    """Ranks, not means: the machine may be busy, but it is busy for every kind alike."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in shuffled():
        address = address_of(kind)
        start = time.perf_counter()
        send(client, path, address)
        times[kind].append(time.perf_counter() - start)
    assert difference(times) < DIFFERENT


def test_a_difference_would_be_seen() -> None:
    times = {kind: [random.gauss(5, 1) for _ in range(POSTS // len(KINDS))] for kind in KINDS}
    assert difference(times) < DIFFERENT
    times["signed"] = [seconds + 2 for seconds in times["signed"]]
    assert difference(times) > DIFFERENT


def shuffled() -> Iterator[str]:
    """Every kind equally often, in an order that no drift of the machine follows."""
    kinds = [*KINDS] * (POSTS // len(KINDS))
    random.shuffle(kinds)
    yield from kinds


def difference(times: dict[str, list[float]]) -> float:
    """H of Kruskal and Wallis: how far the mean ranks of the groups lie apart."""
    ordered = sorted((seconds, kind) for kind, found in times.items() for seconds in found)
    ranks: dict[str, list[int]] = {kind: [] for kind in times}
    for rank, (_seconds, kind) in enumerate(ordered, 1):
        ranks[kind].append(rank)
    n = len(ordered)
    return 12 / (n * (n + 1)) * sum(sum(found) ** 2 / len(found) for found in ranks.values()) - 3 * (n + 1)
