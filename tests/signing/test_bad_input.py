"""Every field, wrongly filled: a clear error by the field, what was typed kept, nothing stored, never a 500."""

import html
import io
import re
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declaration.web.application import application
from declaration.web.uploads import MOST_BYTES
from signatories.identity import names
from signatories.models import Signup
from tests.people import form, post_form, text

pytestmark = pytest.mark.django_db
# A lone surrogate as some codecs would read it.
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n+2AA-\\ud800\r\n--x--\r\n'

WRONG: list[tuple[str, str]] = [
    ("name", ""), ("name", " \u200b "), ("name", "x" * 201), ("name", "Ann\0"), ("name", "<b>Ann</b>"), ("name", "https://spam.example"),
    ("name", "www.spam.example"), ("name", "ann.smith@example.org"), ("affiliation", "me: ann@example.org"), ("name", "a" + "\u0301" * 500), ("name", "Ann 😀"), ("name", "\ufffd"), ("name", "…"),
    ("name_latin", "y" * 201), ("name_latin", "<script>"), ("name_latin", "A\0"), ("affiliation", "z" * 121), ("affiliation", "see http://x.example"),
    ("affiliation", "\0"), ("profession", ""), ("profession", "astronaut"), ("profession", "\0"), ("country", "XX"), ("country", "\0"),
    ("email", ""), ("email", "ann"), ("email", "ann@example.org\0"), ("email", "a" * 300 + "@example.org"), ("email", "ann@example.org\nBcc: b@example.org"), ("email", "=?utf-8?q?=41?=@example.org"), ("email", "a@" + "é." * 300_00),
    ("appearance", ""), ("appearance", "perhaps"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_a_wrong_field_is_explained_and_what_was_typed_is_kept(client: Client, field: str, typed: str) -> None:
    text()
    response = post_form(client, **{field: typed})
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert 'aria-invalid="true"' in page
    assert "Aveline Ashgrove" in page or field == "name"
    if typed.strip() and typed.isprintable() and field in {"name", "name_latin", "affiliation", "email"}:
        assert html.escape(typed) in page
    assert not Signup.objects.exists()


def test_the_own_word_is_asked_for_only_with_other(client: Client) -> None:
    text()
    assert post_form(client, profession="other").status_code == 422
    assert post_form(client, profession="other", profession_other="Puppeteer").status_code == 303
    assert Signup.objects.get().profession_text == "Puppeteer"


def test_errors_speak_the_language_of_the_page(client: Client) -> None:
    text()
    page = post_form(client, path="/fr/sign/", name="").content.decode()
    assert "Veuillez" in page
    assert "Please" not in page


@pytest.mark.parametrize(
    "body", [b"name=%00%ff&email=%ed%a0%80", b"name=%ED%A0%80&email=\xff", b"\xff\xfe\x00", b"&&&===%%%", b"name=a" * 3]
)
def test_broken_encodings_are_refused_kindly(client: Client, body: bytes) -> None:
    text()
    response = client.post("/sign/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert not Signup.objects.exists()


@pytest.mark.parametrize("broken", ["%ff", "%ED%A0%80", "%00", "%C3", "%F8%88%80%80%80"])
@pytest.mark.parametrize("field", sorted(form()))
def test_one_broken_letter_in_a_whole_form_is_told_by_its_field(client: Client, field: str, broken: str) -> None:
    text()
    body = urlencode(form()).replace(f"{field}=", f"{field}={broken}", 1)
    response = client.post("/sign/", body, content_type="application/x-www-form-urlencoded")
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert page.count('class="error"') == 1
    for other, value in form().items():
        assert other == field or value in page
    assert not Signup.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded", urlencode([(f"f{n}", "x") for n in range(1001)]).encode(), 400),
        ("application/x-www-form-urlencoded", b"name=" + b"x" * 3_000_000, 413),
        ("application/json", b"[" * 100_000, 422),
        ("application/x-www-form-urlencoded; charset=no-such-thing", b"name=x", 422),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 422),
    ],
)
def test_odd_bodies_are_refused_without_a_crash(client: Client, content_type: str, body: bytes, status: int) -> None:
    text()
    assert client.generic("POST", "/sign/", body, content_type).status_code == status
    assert not Signup.objects.exists()


@pytest.mark.parametrize("path", ["/sign/", "/sign/for/", "/sign/group/", "/report/", "/press/presence/", "/confirm/"])
def test_no_form_takes_a_large_file(client: Client, path: str) -> None:
    """Django writes files of a form first and asks the view afterwards: a stranger could fill the disk."""
    text()
    file = SimpleUploadedFile("large.bin", b"x" * MOST_BYTES)
    answer = client.post(path, form() | {"file": file})
    assert answer.status_code == 413
    assert "nothing of this one was stored" in answer.content.decode()
    assert client.post(path, {"file": SimpleUploadedFile("small.bin", b"x" * 100)}).status_code in (422, 303)


@given(typed=st.dictionaries(st.sampled_from(sorted(form())), st.text(max_size=250)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_any_field_is_answered(client: Client, typed: dict[str, Any]) -> None:
    text()
    cleaned = {field: value.encode("utf-8", "replace").decode() for field, value in typed.items()}
    assert client.post("/sign/", form(**cleaned)).status_code in {303, 422}


# Letters as people have them, and all that can go wrong between them.
TYPED = st.text(
    st.one_of(st.characters(categories=["L", "M", "Zs"]), st.sampled_from("'-. \u200c\u200d\u0301\u202e\u200b<&"))
)


@given(typed=TYPED)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_is_stored_as_it_was_tidied_or_not_at_all(client: Client, typed: str) -> None:
    text()
    caches["counters"].clear()  # a hundred people, not one network
    before = Signup.objects.count()
    answer = post_form(client, name=typed)
    try:
        tidied = names.tidy_name(typed)
    except names.NameRefused:
        tidied = ""
    if tidied:
        assert answer.status_code == 303
        assert Signup.objects.filter(name=tidied).exists()
    else:
        assert answer.status_code == 422
        assert Signup.objects.count() == before


def served(method: str, path: str, content_type: str, body: bytes = b"") -> str:
    """The status that the web server's own door answers with: some charsets break a request before any middleware."""
    said: list[str] = []
    path, _mark, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver",
        "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    setup_testing_defaults(environ)
    application(environ, lambda status, _headers: said.append(status[:3]))
    return said[0]


@pytest.mark.django_db(transaction=True)  # requests through the door close their connection
def test_a_claimed_charset_breaks_nothing() -> None:
    text()
    charsets = ("utf-7", "unicode_escape", "hex", "rot13", "undefined", "idna", "no-such-thing")
    for claim in [way.format(charset) for charset in charsets for way in ("; charset={}", ";Charset*=''{}")]:
        for path in ("/?q=x", "/signatories/?q=%ff"):
            assert served("GET", path, f"text/plain{claim}") == "200", claim
        for path in ("/sign/", "/confirm/"):
            assert served("POST", path, f"application/x-www-form-urlencoded{claim}", b"name=%ED%A0%80") == "422", claim
            assert served("POST", path, f"multipart/form-data; boundary=x{claim}", MULTIPART) == "422", claim
        assert served("POST", "/accounts/login/", f"multipart/form-data; boundary=x{claim}", MULTIPART) == "403", claim
    assert not Signup.objects.exists()


def test_what_no_page_sends_can_be_sent_again(client: Client) -> None:
    """A broken hidden field is mended in the page that explains it."""
    text()
    page = post_form(client, text="garbage")
    assert page.status_code == 422
    kept = re.search(r'name="text" value="([0-9a-f]{64})"', page.content.decode())
    assert kept
    assert post_form(client, text=kept[1]).status_code == 303


@pytest.mark.parametrize("method", ["trace", "put", "delete", "patch"])
@pytest.mark.parametrize(
    "path", ["/", "/sign/", "/sign/sent/", "/confirm/", "/signatories/", "/press/", "/about/", "/healthz"]
)
def test_other_methods_are_refused(client: Client, method: str, path: str) -> None:
    assert getattr(client, method)(path).status_code == 405
