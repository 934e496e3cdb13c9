"""The demo's declaration and press page, in every language of the site that has a file of words."""

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from declaration.models import PressPage, Text

_FOLDER = Path(__file__).resolve().parent / "words"
_CONTACT = {"contact_name": "Perpetua Quill", "contact_email": "press@declaration.example"}


def words_in(language: str) -> dict[str, Any]:
    """Return title, body (Markdown) and the words of the page for the press. Raises FileNotFoundError without any."""
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text())


def _words() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the words in each language that is switched on and has some."""
    for code, _name in settings.LANGUAGES:
        with suppress(FileNotFoundError):
            yield code, words_in(code)


def publish() -> None:
    """Publish version 1 in each language, once."""
    now = timezone.now()
    for language, words in _words():
        text = {"title": words["title"], "body": words["body"], "published_at": now}
        Text.objects.get_or_create(version=1, language=language, defaults=text)


def write_press_page() -> None:
    """Write the page for the press in each language, unless there is one."""
    for language, words in _words():
        PressPage.objects.get_or_create(language=language, defaults=words["press"] | _CONTACT)
