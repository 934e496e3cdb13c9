"""An installation without a published text: every public page answers, and says that it is not open yet."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import Text, forget_current
from signatories.editions import services as editions
from signatories.models import Edition, Signup
from tests.people import form, text

pytestmark = pytest.mark.django_db
CLOSED = {"": "Not open yet", "/fr": "Pas encore ouvert"}


@pytest.mark.parametrize(("language", "words"), CLOSED.items())
def test_the_first_page_and_the_forms_say_so(client: Client, language: str, words: str) -> None:
    for path in ("/", "/sign/for/"):
        answer = client.get(language + path)
        page = answer.content.decode()
        assert (answer.status_code, words in page) == (200, True), path
        assert "<form" not in page
        assert 'name="robots" content="noindex' in page
        assert not answer.cookies
    assert client.get(f"{language}/sign/")["Location"] == f"{language}/#sign"


@pytest.mark.parametrize(("language", "words"), CLOSED.items())
def test_a_form_that_is_sent_stores_nothing(client: Client, language: str, words: str) -> None:
    for path in ("/sign/", "/sign/for/"):
        answer = client.post(language + path, form())
        assert (answer.status_code, words in answer.content.decode()) == (404, True)
        assert (answer["Cache-Control"], len(answer.cookies)) == ("no-store", 0)
    assert not Signup.objects.exists()


@pytest.mark.parametrize("language", CLOSED)
@pytest.mark.parametrize(
    "path", ["/signatories/", "/press/", "/press/editions/", "/about/", "/privacy/", "/corrections/", "/report/", "/mine/"]
)  # fmt: skip
def test_the_other_pages_answer_and_lead_to_no_form(client: Client, language: str, path: str) -> None:
    answer = client.get(language + path)
    assert answer.status_code == 200
    assert "#sign" not in answer.content.decode()


def test_machines_are_told_that_nobody_has_signed(client: Client) -> None:
    assert client.get("/api/v1/count").json()["count"] == 0
    assert client.get("/press/latest.pdf").status_code == 404
    assert client.get("/signatories/1/").status_code == 404


def test_no_edition_is_tried_before_there_is_a_text_to_print() -> None:
    assert editions.ask_if_changed() is None
    assert not Edition.objects.exists()
    text()
    assert editions.ask_if_changed() is not None


def test_it_is_cached_as_the_first_page_is_and_gone_within_its_seconds(client: Client, settings: Settings) -> None:
    settings.PAGE_SECONDS = 0.2
    closed = client.get("/")
    assert closed["Cache-Control"].startswith("public, max-age=")
    text()
    forget_current()
    page = _after(client, seconds=0.25)
    assert "Not open yet" not in page
    assert "<form" in page


def _after(client: Client, *, seconds: float) -> str:
    """The first page, when the stored one is older than it may be."""
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        return client.get("/").content.decode()


def test_a_text_in_one_language_opens_the_page_in_all(client: Client) -> None:
    Text.objects.create(version=1, language="fr", title="Nos voix", body="Des mots.", published_at=timezone.now())
    for path in ("/", "/fr/"):
        assert "Nos voix" in client.get(path).content.decode()


def test_a_text_that_is_planned_does_not_open_it_yet(client: Client) -> None:
    later = timezone.now() + timedelta(hours=1)
    Text.objects.create(version=1, language="en", title="Our voices", body="Words.", published_at=later)
    assert "Not open yet" in client.get("/").content.decode()
