"""Acts of an organizer who decides about many: ask for a preview, press on its page."""

import re

from django.http import HttpResponse
from django.test import Client

WAITING = {"states": ["held", "published"]}


def preview(desk: Client, **asked: object) -> str:
    """Ask for a preview; return the path of its page."""
    response = desk.post("/desk/rules/preview/", WAITING | asked)
    assert response.status_code == 303, response.content.decode()
    return str(response["Location"])


def move(desk: Client, path: str, verb: str, /, **more: str) -> HttpResponse:
    """Press on the page of a preview."""
    shown = re.search(r'name="shown" value="([^"]+)"', desk.get(path).content.decode())
    assert shown
    said = {"shown": shown[1], "verb": verb, "reason": "One machine."} | more
    return desk.post(f"{path}move/", said)  # type: ignore[return-value]
