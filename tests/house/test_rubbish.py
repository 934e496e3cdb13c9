"""T34: a burst of bodies that no browser sends, at every door: refused, never an error of ours, nothing stored."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mail import messages
from signatories.models import Act, OutboundMail, Report, Signature, Signup
from signatories.models.signature import State
from tests.people import enter, from_everywhere, organizer, post_form, signed

pytestmark = pytest.mark.django_db

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
MANY = urlencode([(f"f{n}", "x") for n in range(1001)]).encode()
LARGE = b"x" * 3_000_000
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
FIELDS = ("name", "email", "code", "words", "number", "wrong", "login", "password", "representative", "filed_under", "reason", "q")  # fmt: skip


def rubbish() -> list[tuple[str, bytes]]:
    """Bodies with their types."""
    found = [(FORM, MANY), (PARTS, PART % (b"name", LARGE)), (FORM, b"name=" + LARGE), (FORM, b"\xff\xfe\x00"), (FORM, b"&&&===%%%"), (FORM, b"%"),
             (PARTS, b"--x\r\nbroken"), ("multipart/form-data", b"no boundary"), ("application/json", b"[" * 100_000),
             ("text/plain; charset=utf-7", b"+2AA-"), ("", b"\x00" * 1000)]  # fmt: skip
    for field in FIELDS:
        found += [(FORM, f"{field}={broken}".encode()) for broken in ("a%00b", "%ED%A0%80")]
        found.append((PARTS, PART % (field.encode(), b"a\x00b\xed\xa0\x80\xff")))
    found.append((FORM, b"name=" + "\ud800".encode("utf-8", "surrogatepass")))
    return found


def doors() -> list[str]:
    """Every address that takes a POST from a stranger, with links that work."""
    signature = signed()
    post_form(Client(), email="open@example.org", name="Oscar Open")
    signup = Signup.objects.get(signature=None)
    own = f"/mine/{messages.own_link(signature, timezone.now().date())}/"
    stop = links.make(Purpose.STOP, signup.pk, signup.nonce)
    return ["/sign/", "/sign/for/", "/confirm/", "/mine/", "/report/", "/accounts/login/", "/desk/find/", own,
            f"/stop/{stop}/", "/accounts/password/reset/", "/fr/sign/", "/nowhere/"]  # fmt: skip


def test_no_door_breaks(client: Client) -> None:
    from_everywhere()
    organizer()
    found, bodies = doors(), rubbish()
    before = [model.objects.count() for model in (Signup, Signature, Report, OutboundMail, Act)]
    for path in found:
        for kind, body in bodies:
            answer = client.generic("POST", path, body, kind)
            told = f"{path} {kind} {body[:40]!r}: {answer.status_code}"
            # The desk sends strangers to log in; a login form is shown once more; stopping needs no words.
            allowed = {400, 403, 404, 413, 422} | (
                {200, 302, 429} if path.startswith(("/accounts", "/desk", "/stop")) else set()
            )
            assert answer.status_code in allowed, told
    assert [model.objects.count() for model in (Signup, Signature, Report, OutboundMail, Act)] == before
    assert Signature.objects.get().name == "Aveline Ashgrove"


def test_a_confirmation_is_no_error_either_and_keeps_what_was_typed(client: Client) -> None:
    """A bare POST confirms; rubbish in a field of its form does not, rubbish beside them changes nothing."""
    from_everywhere()
    signed()
    for n, (kind, body) in enumerate(rubbish()):
        post_form(client, email=f"p{n}@example.org", name="Una Untouched")
        signup = Signup.objects.latest("pk")
        path = f"/confirm/{links.make(Purpose.CONFIRM, signup.pk, signup.nonce)}/"
        assert client.generic("POST", path, body, kind).status_code in {303, 400, 413, 422}
    stored = Signature.objects.exclude(name="Aveline Ashgrove")
    # Bytes that are no UTF-8, sent raw as no browser does, are read as Latin-1 by Django: a name like any other.
    assert set(stored.values_list("name", flat=True)) <= {"Una Untouched", "í"}
    assert set(stored.values_list("state", flat=True)) <= {State.PUBLISHED, State.HELD}


def test_the_desk_takes_no_rubbish_from_an_organizer(client: Client) -> None:
    signature = signed()
    enter(client, organizer())
    paths = [f"/desk/signatures/{signature.pk}/decide/", f"/desk/signatures/{signature.pk}/correct/",
             "/desk/find/", "/desk/settings/limits/", "/desk/settings/lists/", "/desk/settings/watched/",
             "/desk/notable/add/"]  # fmt: skip
    for path in paths:
        for kind, body in rubbish():
            answer = client.generic("POST", path, body, kind)
            assert answer.status_code < 500, f"{path} {kind} {body[:40]!r}"
    signature.refresh_from_db()
    assert (signature.name, signature.state) == ("Aveline Ashgrove", State.PUBLISHED)
