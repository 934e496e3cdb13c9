"""A version of the text is published in all languages at once, now or at a moment, and can be taken back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from declaration.models import Text, forget_current
from signatories.models import Signature
from signatories.tally import services as tally
from tests.desk.texts import SECOND, draft, publish, reasons, save
from tests.people import signed, text

pytestmark = pytest.mark.django_db


def test_all_languages_are_published_at_one_moment_and_signers_keep_theirs(desk: Client) -> None:
    kept = signed().text_id
    tally.fold()
    draft(desk, fr_title="Deuxième", fr_body="Mots nouveaux.")
    page = desk.get("/desk/texts/2/publish/").content.decode()
    assert "1 person has signed an earlier version, and keeps it" in page
    assert "no mail is sent" in page
    publish(desk, 2)
    assert len(set(Text.objects.filter(version=2).values_list("published_at", flat=True))) == 1
    forget_current()
    assert "Mots nouveaux." in Client().get("/fr/").content.decode()
    assert Signature.objects.get().text_id == kept
    same = f"SHA-256 before: {SECOND}, after: {SECOND}"
    (told,) = [reason for reason in reasons() if reason.startswith("text 2 (en) changed")]
    assert re.fullmatch(rf"text 2 \(en\) changed: published from \d{{4}}-\d\d-\d\d \d\d:\d\d UTC; {same}", told)


def test_at_a_moment_in_utc(desk: Client) -> None:
    draft(desk)
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    assert "UTC" in desk.get("/desk/texts/2/publish/").content.decode()
    assert publish(desk, 2, later="1", at=f"{at:%Y-%m-%dT%H:%M}").status_code == 303
    assert Text.objects.get(version=2).published_at == at
    page = desk.get("/desk/texts/").content.decode()
    assert "Will be published" in page and "UTC" in page
    forget_current()
    assert "New words." not in Client().get("/").content.decode()
    with time_machine.travel(at + timedelta(minutes=1)):
        forget_current()
        assert "New words." in Client().get("/").content.decode()


@pytest.mark.parametrize("at", ["", "soon", "2020-01-01T10:00", "99999-01-01T00:00", "9999-01-01T00:00"])
def test_a_moment_that_is_none(desk: Client, at: str) -> None:
    draft(desk)
    answer = publish(desk, 2, later="1", at=at)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Text.objects.get(version=2).published_at is None


def test_words_changed_since_they_were_read_are_not_published(desk: Client) -> None:
    draft(desk)
    answer = desk.post("/desk/texts/2/publish/", {"now": "1", "shown": [f"en.{'0' * 64}"]})
    assert answer.status_code == 409
    assert "somebody has changed the words" in answer.content.decode()
    assert Text.objects.get(version=2).published_at is None


def test_a_planned_version_and_a_published_one_are_taken_back(desk: Client) -> None:
    draft(desk)
    publish(desk, 2)
    assert publish(desk, 2, back="1").status_code == 303
    forget_current()
    assert "New words." not in Client().get("/").content.decode()
    assert reasons()[-1].startswith("text 2 (en) changed: not published; ")
    assert "Nothing was changed" in desk.post("/desk/texts/2/publish/", {"back": "1"}, follow=True).content.decode()


def test_readers_are_never_left_without_a_text(desk: Client) -> None:
    text()
    refused = publish(desk, 1, back="1")
    assert refused.status_code == 422
    assert "readers need a published text in English" in refused.content.decode()
    assert Client().get("/").status_code == 200


def test_the_first_text_is_in_the_main_language(desk: Client) -> None:
    save(desk, 1, en_title="", en_body="", fr_title="Titre", fr_body="Mots.")
    assert publish(desk, 1).status_code == 422
    assert not Text.objects.exclude(published_at=None).exists()


def test_a_language_that_is_missing_is_said(desk: Client) -> None:
    draft(desk)
    page = desk.get("/desk/texts/2/publish/").content.decode()
    assert "Français: not written in this version. There readers go on reading and signing version 1." in page
