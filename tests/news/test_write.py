"""An editor writes news at the desk: a draft in several languages, a preview, publishing, a correction, taking it down."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from signatories.models import Act, Update, UpdateText
from signatories.models.organizer import Role
from signatories.news import services
from tests.news.news import BOTH, ENGLISH, editor, published
from tests.people import enter, organizer

pytestmark = pytest.mark.django_db
FILLED = {"title_en": "The list is printed", "body_en": "It is **out**.", "title_fr": "", "body_fr": ""}


@pytest.fixture
def edna(client: Client) -> Client:
    """The browser of somebody who edits texts."""
    return enter(client, organizer("edna", role=Role.EDITOR))


def stored() -> dict[str, str]:
    return dict(UpdateText.objects.values_list("language", "title"))


def test_a_draft_is_written_published_corrected_and_taken_down(edna: Client) -> None:
    answer = edna.post("/desk/news/new/", FILLED)
    update = Update.objects.get()
    path = f"/desk/news/{update.pk}/"
    assert (answer.status_code, answer["Location"], update.is_public) == (303, path, False)
    assert "draft" in edna.get("/desk/news/").content.decode()
    assert edna.post(f"{path}publish/").status_code == 303
    assert Client().get(f"/updates/{update.pk}/").status_code == 200
    page = edna.get(path).content.decode()
    read = re.search(r'name="read" value="([^"]+)"', page)
    assert read and "Save the correction" in page
    fixed = FILLED | {"title_fr": "La liste", "body_fr": "Elle est sortie.", "read": read[1].replace("&#43;", "+")}
    assert edna.post(path, fixed).status_code == 303
    update.refresh_from_db()
    assert update.corrected_at and stored() == {"en": "The list is printed", "fr": "La liste"}
    assert edna.post(f"{path}down/").status_code == 303
    assert Client().get(f"/updates/{update.pk}/").status_code == 410
    told = list(Act.objects.order_by("pk").values_list("reason", flat=True))
    assert told == [
        "an update written (en)",
        "an update published",
        "an update corrected (en, fr)",
        "an update taken down",
    ]
    assert set(Act.objects.values_list("about", flat=True)) == {f"update {update.pk}"}


def test_a_preview_stores_nothing(edna: Client) -> None:
    page = edna.post("/desk/news/new/", FILLED | {"preview": "1"})
    assert page.status_code == 200 and "<strong>out</strong>" in page.content.decode()
    assert "The list is printed" in page.content.decode()
    assert not Update.objects.exists() and not Act.objects.exists()
    update = published()
    page = edna.post(f"/desk/news/{update.pk}/", FILLED | {"title_en": "Other", "preview": "1"})
    assert "Other</h3>" in page.content.decode() and stored()["en"] == ENGLISH.title


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title_en": "", "body_en": ""}, "in one language at least"),
        ({"title_en": ""}, "Please write a title."),
        ({"body_en": ""}, "Please write a text."),
        ({"title_fr": "Sans texte"}, "Please write a text."),
        ({"title_en": "x" * 201}, "200"),
        ({"body_en": "x" * 20_001}, "Please shorten this"),
        ({"body_en": "<script>alert(1)</script>"}, ""),
        ({"body_en": "***"}, "These words would show nothing."),
        ({"body_en": " \r\n \t"}, "Please write a text."),
    ],
)
def test_what_cannot_be_taken_is_told_and_kept(edna: Client, changes: dict[str, str], words: str) -> None:
    answer = edna.post("/desk/news/new/", FILLED | changes)
    if not words:  # raw HTML is shown as it was typed, and stays words
        assert answer.status_code == 303
        return
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert not Update.objects.exists()
    if changes != {"title_en": "", "body_en": ""} and "title_en" not in changes:
        assert "The list is printed" in page


def test_languages_that_the_site_has_not_are_ignored(edna: Client) -> None:
    edna.post("/desk/news/new/", FILLED | {"title_xx": "Ixix", "body_xx": "Ixix", "title_": "x", "body_../en": "x"})
    assert stored() == {"en": "The list is printed"}


def test_a_title_of_two_lines_is_one(edna: Client) -> None:
    edna.post("/desk/news/new/", FILLED | {"title_en": "News\r\nBcc: all@evil.example"})
    assert "\n" not in stored().get("en", "") and "\r" not in stored().get("en", "")


def test_two_who_write_at_once_lose_nothing_unseen(edna: Client) -> None:
    update = published()
    read = update.words_at.isoformat()
    path = f"/desk/news/{update.pk}/"
    assert edna.post(path, FILLED | {"title_en": "Hers", "read": read}).status_code == 303
    late = edna.post(path, FILLED | {"title_en": "His", "read": read})
    page = late.content.decode()
    assert late.status_code == 409 and "Hers" in page and "His" in page
    assert stored() == {"en": "Hers"}
    again = re.search(r'name="read" value="([^"]+)"', page)
    assert again
    assert edna.post(path, FILLED | {"title_en": "His", "read": again[1].replace("&#43;", "+")}).status_code == 303
    assert stored() == {"en": "His"}


@pytest.mark.parametrize("read", ["", "x", "2026-13-45T99:99", "\0"])
def test_a_form_that_says_no_moment_overwrites_nothing(edna: Client, read: str) -> None:
    update = published()
    assert edna.post(f"/desk/news/{update.pk}/", FILLED | {"title_en": "His", "read": read}).status_code in (409, 422)
    assert stored()["en"] == ENGLISH.title


def test_each_act_changes_nothing_the_second_time(edna: Client) -> None:
    update = published()
    now = timezone.now()
    for act, expected in (("publish", False), ("take_down", True), ("take_down", False), ("publish", True)):
        assert getattr(services, act)(update_id=update.pk, organizer=editor(), now=now) is expected
    assert not services.delete(update_id=update.pk, organizer=editor())
    draft = services.write(texts=BOTH, organizer=editor(), now=now)
    assert edna.post(f"/desk/news/{draft.pk}/delete/")["Location"] == "/desk/news/"
    assert not Update.objects.filter(pk=draft.pk).exists()
    assert not services.rewrite(update_id=update.pk, texts=BOTH, read=now, organizer=editor(), now=now)


def test_the_list_of_the_desk_goes_page_by_page(edna: Client) -> None:
    for _ in range(31):
        services.write(texts=BOTH, organizer=editor(), now=timezone.now())
    page = edna.get("/desk/news/").content.decode()
    assert len(re.findall(r"draft\s*</strong>", page)) == 30
    older = re.search(r'href="(\?before=\d+)"', page)
    assert older and len(re.findall(r"draft\s*</strong>", edna.get(f"/desk/news/{older[1]}").content.decode())) == 1
