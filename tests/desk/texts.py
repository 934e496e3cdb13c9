"""An editor at the pages of the text: what their forms send."""

import re
from typing import Any

from django.test import Client

from declaration.models import Text, digest
from signatories.models import Act
from signatories.models.act import Verb
from tests.people import post_form, text

SECOND = digest("Second", "New words.")


def fields(**changes: str) -> dict[str, str]:
    """What the form sends: English words, and no French ones."""
    sent = {"en-title": "Second", "en-body": "New words.", "en-read": "", "fr-title": "", "fr-body": "", "fr-read": ""}
    return sent | {name.replace("_", "-"): value for name, value in changes.items()}


def save(desk: Client, number: int, **changes: str) -> Any:
    return desk.post(f"/desk/texts/{number}/", fields(**changes))


def draft(desk: Client, **changes: str) -> Text:
    """The text that is published and signed, and after it version 2 as a draft in English."""
    text()
    post_form(Client())
    assert save(desk, 2, **changes).status_code == 303
    return Text.objects.get(version=2, language="en")


def publish(desk: Client, number: int, **button: str) -> Any:
    """Press a button of the page on which a version is published, with the words that it shows."""
    path = f"/desk/texts/{number}/publish/"
    shown = re.findall(r'name="shown" value="([^"]*)"', desk.get(path).content.decode())
    return desk.post(path, {"shown": shown} | (button or {"now": "1"}))


def reasons() -> list[str]:
    """The reasons of the edits, the oldest first."""
    return [*Act.objects.filter(verb=Verb.EDIT).order_by("pk").values_list("reason", flat=True)]
