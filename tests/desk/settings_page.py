"""The page of settings as an organizer uses it: what it shows is sent back, with some changes."""

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client

SWITCHES, NUMBERS = "/desk/settings/", "/desk/settings/limits/"


def filled(desk: Client, path: str = SWITCHES) -> dict[str, str]:
    """What a browser would send if nothing was touched."""
    page = desk.get(path).content.decode()
    page = page[page.index('class="settings"') : page.rindex("</form>")]
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        said = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if said.get("type") == "checkbox":
            if re.search(r"\bchecked\b", tag):
                found[said["name"]] = "on"
        else:
            found[said["name"]] = said.get("value", "")
    for name, options in re.findall(r'<select name="([\w-]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = re.findall(r'<option value="([^"]*)" selected>', options)[0]
    return found


def set_at_desk(desk: Client, path: str = SWITCHES, **changes: str | int | bool) -> HttpResponse:
    """Change some fields of the page and send it; a switch is True or False."""
    sent = filled(desk, path)
    return send(desk, sent, path, **changes)


def send(desk: Client, sent: dict[str, str], path: str = SWITCHES, **changes: str | int | bool) -> HttpResponse:
    """Send a page that was opened before, with some fields changed."""
    for name, value in changes.items():
        if value is False:
            sent.pop(name, None)
        else:
            sent[name] = "on" if value is True else str(value)
    return desk.post(path, sent)  # type: ignore[return-value]
