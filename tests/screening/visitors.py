"""Visitors who sign from a network, and solve puzzles."""

import base64
import json
import re
from html import unescape
from typing import Any

from altcha.v1 import Challenge, solve_challenge
from django.http import HttpResponse
from django.test import Client

from tests.people import form


def sign(client: Client, n: int, address: str = "192.0.2.7", **more: Any) -> HttpResponse:
    """Person number n signs from `address`."""
    more = {"name": f"Person {n}", "email": f"p{n}@example.org"} | more
    return client.post("/sign/", form(**more), REMOTE_ADDR=address)  # type: ignore[return-value]


def solution(answer: Any) -> str:
    """What puzzle.js makes of the puzzle in a page."""
    found = re.search(r'data-puzzle="([^"]*)"', answer.content.decode())
    assert found
    asked = json.loads(unescape(found[1]))
    solved = solve_challenge(
        Challenge(asked["algorithm"], asked["challenge"], asked["maxNumber"], asked["salt"], asked["signature"])
    )
    assert solved
    payload = {name: asked[name] for name in ("algorithm", "challenge", "salt", "signature")} | {
        "number": solved.number
    }
    return base64.b64encode(json.dumps(payload).encode()).decode()
