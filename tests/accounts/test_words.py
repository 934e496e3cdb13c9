"""Pages of accounts and their mails speak the browser's language, in our own words: none are allauth's or Django's."""

import html
import re
from collections.abc import Iterator
from functools import cache

import polib  # type: ignore[import-untyped]
import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from declaration.settings import BASE_DIR, LANGUAGE_CODE, LANGUAGES
from signatories.accounts import invitations, second_factor
from signatories.audit.services import by_command
from signatories.models.organizer import Role
from tests.accounts.visits import CODE, CONFIRM, KNOWN, LOGIN, LOGOUT, PASSWORD, RESET, elsewhere, link_in, newest
from tests.people import SECRET, enter, organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
CODES = [code for code, _name in LANGUAGES]
ANNAS = "anna@declaration.example"
# Sent to each page: nothing, what is too long or impossible to type, and what is wrong.
WRONG = [
    {},
    dict.fromkeys(("login", "email", "password", "oldpassword", "password1", "code", "name"), "nul\0"),
    dict.fromkeys(("login", "email", "code", "name"), "x" * 400) | {"password1": "short", "credential": "no JSON"},
    {"login": "no address", "email": "no address", "password": "wrong", "oldpassword": "wrong", "code": "123456"}
    | {"password1": "password", "credential": "{}"},
    {"login": KNOWN, "password": "wrong", "email": f"{'x' * 70}@example.org", "password1": ANNAS},
]


def browser(language: str) -> Client:
    """A browser that asks for pages in a language."""
    return Client(headers={"Accept-Language": f"{language},en;q=0.3"})


def paths(passkey: int) -> Iterator[str]:
    """Every address of an account; those of one passkey with its id. Links have tests of their own."""
    todo: list[tuple[str, URLResolver | URLPattern]] = []
    for urls in ("signatories.accounts.urls", "allauth.urls"):
        todo += [("/accounts/", pattern) for pattern in get_resolver(urls).url_patterns]
    while todo:
        start, pattern = todo.pop()
        path = f"{start}{pattern.pattern}".replace("<int:pk>", str(passkey))
        if isinstance(pattern, URLResolver):
            todo += [(path, inner) for inner in pattern.url_patterns]
        elif not re.search(r"[<(]", path):
            yield path


# --- What a page says, and what may be said ---------------------------------------------------------------------------
@cache
def own_words(language: str) -> re.Pattern[str]:
    """Each piece of our catalogue between two tags, anything in the place of its placeholders."""
    file = polib.pofile(BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po")
    said = (
        [e.msgid, e.msgid_plural] if language == LANGUAGE_CODE else [e.msgstr, *e.msgstr_plural.values()] for e in file
    )
    pieces = {plain(piece) for words in said for one in words for piece in re.split(r"<[^<>]+>", one)}
    patterns = [re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(piece)) for piece in pieces]
    return re.compile("|".join(f"(?:{p})" for p in patterns if len(re.findall(r"[^\W\d_]", p)) > 1), re.DOTALL)


def plain(words: str) -> str:
    return " ".join(html.unescape(words).split())


def said(page: str) -> Iterator[str]:
    """The words of a page between its tags, and those of attributes; not names, addresses and codes."""
    page = re.sub(r"<(style|script|bdi|svg|code|nav lang|header|footer)\b.*?</\1>", "", page, flags=re.DOTALL)
    for words in re.findall(r'(?:aria-label|alt|placeholder|title)="([^"]*)"', page):
        yield plain(words)
    for words in re.split(r"<[^<>]+>", page.partition("<body")[2]):
        if re.search(r"[^\W\d_]{2}", words):
            yield plain(words)


def foreign(page: str, language: str) -> list[str]:
    """What a page says in other words than ours; an error in the list above is preceded by its label."""
    allowed = own_words(language)
    return [w for w in said(page) if not allowed.fullmatch(w) and not allowed.fullmatch(w.partition(": ")[2])]


# --- The pages --------------------------------------------------------------------------------------------------------
def pages(visitor: Client, passkey: int) -> Iterator[tuple[str, HttpResponse]]:
    """Every page shown, and every answer to a wrong form; each from a network of its own."""
    for path in paths(passkey):
        yield path, visitor.get(path, follow=True, REMOTE_ADDR=elsewhere())  # type: ignore[misc]
        if path not in (LOGOUT, "/accounts/sessions/end/") and "remove" not in path and "deactivate" not in path:
            for typed in WRONG:
                yield path, visitor.post(path, typed, REMOTE_ADDR=elsewhere())  # type: ignore[misc]


@pytest.fixture
def passkey(account: AbstractBaseUser) -> int:
    """The id of a passkey of an administrator, Anna, who has an app, too."""
    anna = organizer("anna")
    second_factor.add_app(anna, SECRET)
    data = {"name": "Grey key", "credential": {}}
    return int(Authenticator.objects.create(user=anna, type="webauthn", data=data).pk)
