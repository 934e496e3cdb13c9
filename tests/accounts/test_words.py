"""Pages of accounts and their mails speak the browser's language, in our own words: none are allauth's or Django's."""

import hashlib
import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import polib  # type: ignore[import-untyped]
import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from declaration.settings import BASE_DIR, LANGUAGE_CODE, LANGUAGES
from signatories.accounts import invitations, second_factor
from signatories.audit.services import by_command
from signatories.models.organizer import Role
from tests.accounts.visits import CODE, KNOWN, LOGIN, LOGOUT, PASSWORD, RESET, elsewhere, link_in, newest
from tests.people import SECRET, enter, organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
CODES = [code for code, _name in LANGUAGES]
ANNAS = "anna@declaration.example"
# A right form of these is an empty one.
KEPT_OPEN = (LOGOUT, "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/generate/")
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
def own_sentences(language: str) -> set[str]:
    """Each sentence of our catalogue between two tags."""
    file = polib.pofile(BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po")
    forms = (
        [e.msgid, e.msgid_plural] if language == LANGUAGE_CODE else [e.msgstr, *e.msgstr_plural.values()] for e in file
    )
    return {sentence for form in forms for words in form for sentence in sentences(words)}


@cache
def is_ours(words: str, language: str) -> bool:
    """Whether we say so, with anything in the place of placeholders. In the list of errors a label stands before it."""
    ours = own_sentences(language)
    if words in ours or words.partition(": ")[2] in ours:
        return True
    filled = (re.split(r"%\(\w+\)[sd]", one) for one in ours if "%(" in one)
    patterns = (".+".join(map(re.escape, parts)) for parts in filled if re.search(r"[^\W\d_]{2}", "".join(parts)))
    return any(re.fullmatch(pattern, words) for pattern in patterns)


def sentences(markup: str) -> Iterator[str]:
    """What is said between tags; not addresses of mail."""
    for words in re.split(r"<[^<>]+>", markup):
        for sentence in re.split(r"(?<=[.!?]) ", " ".join(html.unescape(words).split())):
            found = sentence.lstrip("·. ")
            if re.search(r"[^\W\d_]{2}", found) and not re.fullmatch(r"\S+@\S+", found):
                yield found


def foreign(page: str, language: str) -> list[str]:
    """What a page says in other words than ours; left out are names, codes, and what each page of the site has."""
    body = re.sub(r"<(style|script|bdi|svg|code|header|footer)\b.*?</\1>", "<gone>", page, flags=re.DOTALL)
    attributes = re.findall(r'(?:aria-label|alt|placeholder|title)="([^"]*)"', body)
    said = sentences("<br>".join([body.partition("<body")[2], *attributes]))
    return [words for words in said if not is_ours(words, language)]


# --- The pages --------------------------------------------------------------------------------------------------------
def pages(visitor: Client, passkey: int, tried: set[str]) -> Iterator[tuple[str, HttpResponse]]:
    """Every page shown, and once every answer to a wrong form; each from a network of its own."""
    for path in paths(passkey):
        shown = visitor.get(path, REMOTE_ADDR=elsewhere())
        yield path, shown  # type: ignore[misc]
        if shown.status_code == 200 and path not in KEPT_OPEN and path not in tried:
            tried.add(path)
            yield from wrong_answers(visitor, path)


def wrong_answers(visitor: Client, path: str) -> Iterator[tuple[str, HttpResponse]]:
    """The answers to wrong forms."""
    for typed in WRONG:
        yield f"{path} {typed}", visitor.post(path, typed, REMOTE_ADDR=elsewhere())  # type: ignore[misc]


def credential() -> dict[str, Any]:
    """What a browser tells of a new passkey."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    made = AttestedCredentialData.create(Aaguid.NONE, b"grey key", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    of_site = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, made)
    told = {
        "clientDataJSON": CollectedClientData.create("webauthn.create", b"challenge", "https://testserver").b64,
        "attestationObject": websafe_encode(AttestationObject.create("none", of_site, {})),
    }
    return {"id": websafe_encode(b"grey key"), "rawId": websafe_encode(b"grey key"), "type": "public-key"} | {
        "response": told
    }


@pytest.fixture
def passkey(account: AbstractBaseUser) -> int:
    """The id of a passkey of an administrator, Anna, who has an app, too."""
    anna = organizer("anna")
    second_factor.add_app(anna, SECRET)
    data = {"name": "Grey key", "credential": credential()}
    return int(Authenticator.objects.create(user=anna, type="webauthn", data=data).pk)


@pytest.mark.parametrize("language", CODES)
def test_every_page_is_in_our_words_and_in_the_language_of_the_browser(
    language: str, passkey: int, mailbox: Catcher
) -> None:
    stranger, asked, half_in, viewer, invited = (browser(language) for _ in range(5))
    inside = enter(browser(language), get_user_model().objects.get(email=ANNAS))
    asked.post(CODE, {"email": KNOWN}, REMOTE_ADDR=elsewhere())
    half_in.post(LOGIN, {"login": ANNAS, "password": PASSWORD}, REMOTE_ADDR=elsewhere())
    viewer.post(LOGIN, {"login": KNOWN, "password": PASSWORD}, REMOTE_ADDR=elsewhere())
    link = invitation_in(language)
    found: list[Any] = [(link, visitor.get(link)) for visitor in (invited, viewer, inside)]
    tried: set[str] = set()
    for visitor in (stranger, asked, half_in, viewer, invited, inside):
        found += pages(visitor, passkey, tried)
    stranger.post(RESET, {"email": KNOWN}, REMOTE_ADDR=elsewhere())
    form = stranger.get(link_in(newest(mailbox)))["Location"]
    found += [(form, stranger.get(form)), *wrong_answers(stranger, form)]
    found += [(dead, stranger.get(dead)) for dead in ("/accounts/password/reset/key/1-x/", "/accounts/invitation/1.x/")]
    wrong, seen = set(), set()
    for path, answer in found:
        page = answer.content.decode()
        assert answer.status_code < 500, path
        if "<html" in page:
            seen.add(path)
            assert f'<html lang="{language}"' in page, path
            wrong |= {(path.partition(" ")[0], words) for words in foreign(page, language)}
    assert wrong == set()
    assert len(seen) > 80


def invitation_in(language: str) -> str:
    """The path of the link of an invitation."""
    by, now = by_command("invited"), timezone.now()
    made = invitations.invite(address="nina@declaration.example", role=Role.EDITOR, language=language, by=by, now=now)
    return invitations.link_of(made).removeprefix("http://testserver")
