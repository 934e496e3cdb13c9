"""Another site makes no organizer's browser act: every POST of the desk and of accounts needs the token (A11)."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from signatories.models import Act, OutboundMail
from tests.people import enter

pytestmark = pytest.mark.django_db
FILLED = {"pk": "1", "number": "1", "earlier": "1", "later": "2", "language": "en", "kind": "signature"}
FILLED |= {
    "batch": "1",
    "invitee": "1",
    "channel": "1",
    "sheet": "1",
    "invitation": "1",
    "account": "1",
    "which": "handout",
    "contact": "1",
    "enquiry": "1",
    "mailbox": "1",
}
FILLED |= {"name": "start", "verb": "withdraw", "link": "1.x", "key": "x", "uidb36": "1"}


def paths() -> Iterator[str]:
    """Every address of the desk and of accounts."""
    todo: list[tuple[str, URLResolver | URLPattern]] = []
    for start, urls in {
        "/desk/": ["desk.urls"],
        "/accounts/": ["accounts.urls"],
        "/partner/": ["partners.own_urls"],
        "/partner/names/": ["gathering.own_urls"],
    }.items():
        todo += [(start, pattern) for name in urls for pattern in get_resolver(f"signatories.{name}").url_patterns]
    todo += [("/accounts/", pattern) for pattern in get_resolver("allauth.urls").url_patterns]
    while todo:
        start, pattern = todo.pop()
        path = start + re.sub(
            r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", lambda m: FILLED[m[1] or m[2]], str(pattern.pattern)
        )
        if isinstance(pattern, URLResolver):
            todo += [(path, inner) for inner in pattern.url_patterns]
        else:
            yield re.sub(r"[\^$]", "", path)


def test_a_post_without_the_token_is_refused_everywhere(olga: AbstractBaseUser) -> None:
    browser, stranger = enter(Client(enforce_csrf_checks=True), olga), Client(enforce_csrf_checks=True)
    answers = {path: {browser.post(path).status_code, stranger.post(path).status_code} for path in paths()}
    assert len(answers) > 80
    assert {path: statuses for path, statuses in answers.items() if statuses != {403}} == {}
    assert not Act.objects.exists() and not OutboundMail.objects.exists()
    assert browser.get("/desk/numbers/").status_code == 200


def test_with_the_token_it_is_taken(olga: AbstractBaseUser) -> None:
    browser = enter(Client(enforce_csrf_checks=True), olga)
    found = re.search(r'"csrfmiddlewaretoken" value="(\w+)"', browser.get("/accounts/logout/").content.decode())
    assert found
    browser.post("/accounts/logout/", {"csrfmiddlewaretoken": found[1]})
    assert browser.get("/desk/numbers/")["Location"].startswith("/accounts/login/")
