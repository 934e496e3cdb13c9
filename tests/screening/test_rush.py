"""Floods by machines: from one address, from many networks, and by one that solves puzzles (T10, T11, T14).

The short form counts by the hundred, with limits as much lower; FAULTS_SECONDS makes it whole.
"""

import json
import os
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from signatories.models import Setting, Signature, Signup
from signatories.models.settings import DEFAULTS, current
from signatories.models.signature import State
from signatories.screening import holds, puzzle
from signatories.signing import services
from signatories.tally import services as tally
from tests.people import set_to, signed, text
from tests.screening.visitors import sign, solution

pytestmark = pytest.mark.django_db
LONG = "FAULTS_SECONDS" in os.environ
HALL = "192.0.2.7"


def limits(**changes: int) -> None:
    """Set limits, as organizers do."""
    set_to(**changes)


@pytest.fixture(autouse=True)
def _easy(in_one_window: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    limits()
    monkeypatch.setattr(puzzle, "HARDEST", 50)
    text()
    yield
    Setting.objects.all().delete()


def confirm(name: str) -> Signature:
    """Confirm the form sent under that name."""
    signup = Signup.objects.get(name=name)
    return services.confirm(signup_id=signup.pk, corrections=services.said_by(signup), now=timezone.now())


def what_strangers_see(client: Client) -> list[Any]:
    """Fetch the landing page, the list, the press page and the number, without their times."""
    tally.fold()
    pages = [client.get(path).content.decode() for path in ("/", "/signatories/", "/press/")]
    number = client.get("/api/v1/count").json()
    timed = re.compile(r"<time.*?</time>|\d\d:\d\d|<svg.*?</svg>", re.DOTALL)
    return [timed.sub("", page) for page in pages] + [number | {"as_of": ""}]


def test_two_thousand_from_one_address_change_nothing(client: Client) -> None:
    """T10: half of the forms go on without the puzzle, and some of these are confirmed."""
    count = 2000 if LONG else 200
    signed(name="Aveline Ashgrove")
    before = what_strangers_see(client)
    answers = [sign(client, n, HALL, **({"without": "1"} if n % 2 else {})).status_code for n in range(count)]
    taken = [status for n, status in enumerate(answers) if n % 2]
    asked = [status for n, status in enumerate(answers) if not n % 2]
    free = DEFAULTS.free_per_network
    assert set(taken) == {303}
    assert asked.count(303) == free / 2
    assert asked.count(429) == len(asked) - free / 2
    assert what_strangers_see(client) == before
    for n in range(count - 1, count - 40, -2):
        assert confirm(f"Person {n}").held_for == [holds.UNSOLVED]
    assert what_strangers_see(client)[-1] == before[-1]
    assert sign(client, 9000, "203.0.113.5").status_code == 303
    assert confirm("Person 9000").state == State.PUBLISHED


def in_the_hall(client: Client, n: int, **more: Any) -> HttpResponse:
    """Sign from the shared address, and solve the puzzle if it is asked."""
    answer = sign(client, n, HALL, **more)
    return sign(client, n, HALL, puzzle=solution(answer), **more) if answer.status_code == 429 else answer


def test_people_beside_a_machine_that_solves_puzzles_are_published(client: Client) -> None:
    """T14: the machine sends twice the limit of a network, and confirms with mailboxes of its own domain."""
    people, most = (400, 600) if LONG else (20, 30)
    limits(most_per_network=most, free_per_network=3)
    for n in range(2 * most):
        bot = {"name": f"Bot {n}", "email": f"b{n}@bots.example"}
        assert in_the_hall(client, n, **bot).status_code == 303
        sign(client, n, HALL, name=f"Unsolved {n}", email=f"u{n}@bots.example", without="1")
    for n in range(most):
        confirm(f"Bot {n}")
    for n in range(people):
        assert in_the_hall(client, n).status_code == 303
        assert confirm(f"Person {n}").held_for == []
    by_machine = Signature.objects.counted().exclude(name__startswith="Person")
    assert by_machine.count() == current().most_per_domain


def test_more_than_a_hall_holds_wait_and_the_next_door_does_not(client: Client) -> None:
    """A machine with many mailboxes at known domains publishes no more than the limit of its network."""
    limits(most_per_network=5)
    for n in range(8):
        assert in_the_hall(client, n).status_code == 303
    held = [confirm(f"Person {n}").held_for for n in range(8)]
    assert held == [[]] * 5 + [[holds.CROWD]] * 3
    assert sign(client, 9, "192.0.2.8").status_code == 303
    assert confirm("Person 9").held_for == []


def hardest(answer: HttpResponse) -> int:
    """Read how many tries the puzzle of a page may take."""
    found = re.search(r'data-puzzle="([^"]*)"', answer.content.decode())
    assert found
    return int(json.loads(unescape(found[1]))["maxNumber"])


def test_the_puzzle_grows_harder_for_a_flood_and_no_phone_gives_up(client: Client) -> None:
    limits(most_per_network=5, free_per_network=0)
    asked = [hardest(sign(client, n, HALL)) for n in range(50)]
    assert asked[:9] == [50] * 9  # up to the limit of published signatures
    assert asked[9:] == sorted(asked[9:])
    assert asked[-1] == 8 * 50
    assert hardest(sign(client, 99, "192.0.2.8")) == 50


def test_over_the_limit_of_the_site_who_solves_the_puzzle_gets_through(client: Client) -> None:
    """T11: a flood from many networks, each below its own limit."""
    per_minute = 100 if LONG else 10
    limits(free_per_minute=per_minute)
    answers = [sign(client, n, f"198.18.{n // 250}.{n % 250 + 1}").status_code for n in range(10 * per_minute + 5)]
    assert answers.count(303) == 10 * per_minute
    asked = sign(client, 9000, "203.0.113.5")
    assert asked.status_code == 429
    assert sign(client, 9000, "203.0.113.5", puzzle=solution(asked)).status_code == 303
    assert confirm("Person 9000").state == State.PUBLISHED
