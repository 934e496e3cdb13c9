"""The text that is signed."""

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from declaration.demo import text as demo_text
from declaration.models import Text, digest, forget_current, lock
from tests.people import post_form, text

pytestmark = pytest.mark.django_db


def test_markdown_is_rendered_and_nothing_else() -> None:
    body = "**Strong** and *soft*\n\n<script>alert(1)</script>\n\n[link](javascript:alert(1)) ![x](http://evil.example/x.png)"
    html = Text(title="T", body=body).html
    assert "<strong>Strong</strong>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_a_signed_text_is_locked_by_the_database(client: Client) -> None:
    current = text()
    post_form(client)
    current.refresh_from_db()
    assert current.locked_at
    for change in ({"body": "Other words."}, {"title": "Other"}, {"locked_at": None}, {"version": 9}):
        with pytest.raises(DatabaseError, match="text_locked_once_signed"), transaction.atomic():
            Text.objects.filter(pk=current.pk).update(**change)
    current.refresh_from_db()
    assert current.sha256 == digest(current.title, current.body)


def test_an_unsigned_text_can_be_mended() -> None:
    current = text()
    current.body = "Mended."
    current.save()
    assert Text.objects.get(pk=current.pk).sha256 == digest(current.title, "Mended.")


def test_locking_twice_keeps_the_first_moment() -> None:
    current = text()
    lock(text=current)
    first = current.locked_at
    lock(text=current)
    assert Text.objects.get(pk=current.pk).locked_at == first


def test_a_lock_that_failed_is_tried_again() -> None:
    """Every form of a process shares the one text it keeps: what is not in the database must not stand there."""
    current = text()
    with pytest.raises(OperationalError), transaction.atomic(), connection.execute_wrapper(_away):
        lock(text=current)
    assert current.locked_at is None
    lock(text=current)
    assert Text.objects.get(pk=current.pk).locked_at == current.locked_at is not None


def _away(*_args: object) -> object:
    raise OperationalError("away")


@pytest.mark.parametrize("language", ["fr", "xx"])
def test_each_language_is_looked_up_once_also_one_without_a_text(
    language: str, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    text()
    settings.PAGE_SECONDS = 60.0
    with django_assert_num_queries(1):
        assert Text.current(language) == Text.current(language)


def test_a_new_version_takes_over_and_the_old_stays(client: Client) -> None:
    old = text()
    post_form(client)
    Text.objects.create(version=2, language="en", title="Second", body="New words.", published_at=old.published_at)
    assert b"New words." in client.get("/").content
    assert Text.objects.get(pk=old.pk).body == old.body


def test_just_after_it_was_published_nobody_gets_the_text_of_another_language(settings: Settings) -> None:
    """What a process knows of one language is as old as what it knows of the others, whichever was asked for."""
    settings.PAGE_SECONDS = 1000
    forget_current()
    assert Text.current("en") is None
    demo_text.publish()
    assert {language: Text.to_sign(language) for language in ("en", "fr")} == {"en": None, "fr": None}
    forget_current()
    for language in ("fr", "en"):
        shown = Text.to_sign(language)
        assert shown
        assert shown.language == language
