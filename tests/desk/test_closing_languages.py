"""Words in a language that was switched off stay when an organizer changes those of the others."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.models import Closing, PressPicture, Setting, Update
from signatories.news import services as news
from signatories.news.services import Words
from tests.desk.closing import press
from tests.desk.settings_page import set_at_desk
from tests.partners.partners import partner
from tests.people import set_to, signed
from tests.press.pictures import offered

pytestmark = pytest.mark.django_db
BOTH = {"en": "Words.", "fr": "Des mots."}
NEW = {"en": "Other words.", "fr": "Des mots."}


@pytest.fixture(autouse=True)
def without_french(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]


def test_beside_the_end(desk: Client) -> None:
    signed()
    press(desk, "end")
    Closing.objects.update(words=BOTH)
    assert press(desk, "words", en=NEW["en"]) == 303
    assert Closing.current().words == NEW
    assert press(desk, "words", en="") == 303
    assert Closing.current().words == {"fr": "Des mots."}


def test_of_a_partner(desk: Client) -> None:
    made = partner()
    type(made).objects.update(sentence=BOTH, duties=BOTH)
    sent = {"name": made.name, "stance": made.stance, "sentence_en": NEW["en"], "duties_en": ""}
    assert desk.post(f"/desk/partners/{made.pk}/", sent).status_code == 303
    made.refresh_from_db()
    assert (made.sentence, made.duties) == (NEW, {"fr": "Des mots."})


def test_of_a_picture(desk: Client) -> None:
    picture = offered()
    PressPicture.objects.update(caption=BOTH, alternative=BOTH)
    sent = {"kind": "logo", "credit": "Ola Ness", "caption_en": "", "alternative_en": NEW["en"]}
    assert desk.post(f"/desk/settings/pictures/{picture.pk}/", sent).status_code == 303
    picture.refresh_from_db()
    assert (picture.alternative, picture.caption) == (NEW, {"fr": "Des mots."})


def test_of_the_banner(desk: Client) -> None:
    set_to(banner=BOTH)
    assert set_at_desk(desk, banner_en=NEW["en"]).status_code == 303
    assert Setting.objects.get(name="banner").value == NEW


def test_of_news(olga: AbstractBaseUser) -> None:
    now = timezone.now()
    update = news.write(texts={code: Words(said, said) for code, said in BOTH.items()}, organizer=olga, now=now)
    wanted = {"en": Words("Other words.", "Other words.")}
    assert news.rewrite(update_id=update.pk, texts=wanted, read=now, organizer=olga, now=now)
    assert {text.language: text.title for text in Update.objects.get().texts.all()} == NEW
    assert not news.rewrite(update_id=update.pk, texts=wanted, read=now, organizer=olga, now=now)
