"""Updates are read by everybody: the list, a page, the feed, the API; in the language of the path, or in another one."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.models import Update
from signatories.models.news import forget_updates
from signatories.news import services
from signatories.news.services import Words
from signatories.press import embargo
from tests.news.news import BOTH, FRENCH, editor, published
from tests.people import text

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _rendered_anew(settings: Settings) -> None:
    """No page is older than its request."""
    settings.PAGE_SECONDS = 0.0
    settings.PAGE_STALE_SECONDS = 0.0


def body(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_before_the_first_update_no_page_leads_to_news(client: Client) -> None:
    text()
    assert '"/updates/"' not in body(client, "/about/")
    draft = services.write(texts=BOTH, organizer=editor(), now=timezone.now())
    assert '"/updates/"' not in body(client, "/about/")
    assert "There is none yet." in body(client, "/updates/")
    body(client, f"/updates/{draft.pk}/", 404)
    services.publish(update_id=draft.pk, organizer=editor(), now=timezone.now())
    assert '"/updates/"' in body(client, "/about/")


def test_a_page_in_each_language(client: Client) -> None:
    update = published()
    english, french = body(client, f"/updates/{update.pk}/"), body(client, f"/fr/updates/{update.pk}/")
    assert "<h1 dir=" in english and "The list is printed</h1>" in english and "<strong>out</strong>" in english
    assert "La liste est imprimée</h1>" in french and "not been written" not in french
    answer = client.get(f"/updates/{update.pk}/")
    assert answer["Cache-Control"].startswith("public") and not answer.cookies and answer["ETag"]
    assert "The list is printed</a>" in body(client, "/updates/")
    assert "La liste est imprimée</a>" in body(client, "/fr/updates/")


def test_what_is_not_written_in_a_language_is_shown_in_another_and_marked(client: Client) -> None:
    update = published({"fr": FRENCH})
    page = body(client, f"/updates/{update.pk}/")
    assert "has not been written in this language" in page and "Français" in page
    assert '<h1 lang="fr" dir="auto">La liste est imprimée</h1>' in page
    assert '<div class="text" lang="fr" dir="auto">' in page
    assert 'lang="fr" hreflang="fr" dir="auto">La liste' in body(client, "/updates/")
    assert "has not been" not in body(client, f"/fr/updates/{update.pk}/")


def test_the_list_goes_page_by_page_newest_first(client: Client) -> None:
    made = [published({"en": Words(f"Piece {n:02}", "Words.")}) for n in range(23)]
    seen, path, pages = [], "/updates/", 0
    while path:
        page, pages = body(client, path), pages + 1
        seen += [n for n in range(22, -1, -1) if f"Piece {n:02}" in page]
        found = page.partition('href="?before=')[2].partition('"')[0]
        path = f"/updates/?before={found}" if found else ""
    assert (seen, pages) == (list(range(22, -1, -1)), 3)
    # Who stands in the middle stays there when one is taken down, also the one the page begins after.
    services.take_down(update_id=made[13].pk, organizer=editor(), now=timezone.now())
    assert "Piece 12" in body(client, f"/updates/?before={made[13].pk}")
    assert "Piece 22" in body(client, "/updates/?before=nothing")


def test_the_cost_of_a_page_does_not_grow(client: Client, django_assert_max_num_queries: Any) -> None:
    for n in range(12):
        published({"en": Words(f"Piece {n:02}", "Words.")})
    forget_updates()
    with django_assert_max_num_queries(7):
        client.get("/updates/")


def test_a_correction_is_told_and_what_is_taken_down_is_gone(client: Client) -> None:
    update = published()
    texts = BOTH | {"en": Words("The list is printed", "It is out, in two colours.")}
    assert services.rewrite(
        update_id=update.pk, texts=texts, read=update.words_at, organizer=editor(), now=timezone.now()
    )
    page = body(client, f"/updates/{update.pk}/")
    assert "corrected on" in page and "two colours" in page
    assert services.take_down(update_id=update.pk, organizer=editor(), now=timezone.now())
    gone = body(client, f"/updates/{update.pk}/", 410)
    assert "taken down" in gone and "two colours" not in gone
    assert "The list" not in body(client, "/updates/") + body(client, "/updates/feed/") + body(
        client, "/api/v1/updates"
    )
    assert services.publish(update_id=update.pk, organizer=editor(), now=timezone.now())
    assert "two colours" in body(client, f"/updates/{update.pk}/")


def test_the_feed(client: Client) -> None:
    update = published()
    answer = client.get("/fr/updates/feed/")
    assert answer["Content-Type"].startswith("application/atom+xml") and answer["Cache-Control"].startswith("public")
    feed = ElementTree.fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "La liste est imprimée"
    assert "<strong>sortie</strong>" in (entry.findtext(f"{ATOM}summary") or "")
    link = entry.find(f"{ATOM}link")
    assert link is not None and link.get("href") == f"http://testserver/fr/updates/{update.pk}/"


def test_the_api(client: Client) -> None:
    numbers = [published().pk for _ in range(3)]
    first = client.get("/api/v1/updates?size=2").json()
    assert [row["number"] for row in first["updates"]] == numbers[:0:-1]
    row = first["updates"][0]
    assert [text["language"] for text in row["texts"]] == ["en", "fr"]
    assert row["texts"][0]["html"].startswith("<p>It is <strong>out</strong>.</p>")
    assert row["page"] == f"http://testserver/updates/{numbers[2]}/" and row["corrected_at"] is None
    second = client.get(first["next"].removeprefix("http://testserver")).json()
    assert ([row["number"] for row in second["updates"]], second["next"]) == (numbers[:1], None)
    assert "/api/v1/updates" in client.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/updates" in body(client, "/api/v1/")


def test_under_an_embargo_nothing_is_told(client: Client) -> None:
    embargo.set_until(until=timezone.now() + timedelta(days=1), organizer=editor(), now=timezone.now())
    update = published()
    for path in ("/updates/", f"/updates/{update.pk}/", "/updates/feed/", "/api/v1/updates"):
        assert "The list is printed" not in body(client, path, 404)
    assert '"/updates/"' not in body(client, "/about/")


@pytest.mark.parametrize("number", ["0", "01", "-1", "x", "9" * 18, "9" * 19, "1.5", "%00"])
def test_numbers_that_are_none(client: Client, number: str) -> None:
    published()
    body(client, f"/updates/{number}/", 404)


@pytest.mark.parametrize("path", ["/xx/updates/", "/FR/updates/", "/fr-FR/updates/", "/../updates/", "/fr/fr/updates/"])
def test_languages_that_are_none(client: Client, path: str) -> None:
    published()
    assert client.get(path).status_code == 404


def test_pages_take_no_post(client: Client) -> None:
    update = published()
    for path in ("/updates/", f"/updates/{update.pk}/"):
        assert client.post(path).status_code == 405
    assert Update.objects.public().count() == 1
