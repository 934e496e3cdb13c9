"""The launch as a plan: each item says what is so, the moment is told, and roles see what they may mend."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import forget_current
from signatories.desk.launch.plan import time_left
from signatories.mine import services as mine
from signatories.models import EditionFile, Embargo, Signature, WatchedName
from signatories.models.embargo import forget_embargo
from signatories.models.organizer import Role
from signatories.press import embargo
from signatories.tally import services as tally
from tests.desk.roles import come_in, is_refused
from tests.desk.start import draft, opened_text, press_open
from tests.editions.away import take_away
from tests.editions.building import build
from tests.editions.lists import mend
from tests.partners.partners import partner
from tests.people import organizer, set_to, signed

pytestmark = pytest.mark.django_db
PAGE = "/desk/launch/"


def item(desk: Client, key: str) -> str:
    """The words of one item, its state behind its title."""
    page = desk.get(PAGE).content.decode()
    found = re.search(rf'<li id="{key}".*?(?=<li id="|</ol>)', page, re.DOTALL)
    assert found, f"no item {key}"
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def keys(browser: Client) -> list[str]:
    return re.findall(r'<li id="([a-z-]+)"', browser.get(PAGE).content.decode())


def moment(browser: Client) -> str:
    page = browser.get(PAGE).content.decode()
    found = re.search(r'<section class="moment".*?</section>', page, re.DOTALL)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ({"hours": 3, "minutes": 12}, "in 3 hours 12 minutes"),
        ({"minutes": 1}, "in 1 minute"),
        ({"seconds": 20}, "in 1 minute"),
        ({"days": 2, "hours": 1, "minutes": 5}, "in 2 days 1 hour"),
        ({"hours": 5}, "in 5 hours"),
        ({"seconds": -5}, "now"),
    ],
)
def test_how_long_it_is_until_then(left: dict[str, int], told: str) -> None:
    now = timezone.now()
    assert time_left(now + timedelta(**left), now) == told


def test_the_items_follow_what_is_so(desk: Client) -> None:
    assert "published to do" in item(desk, "published") and "English: missing" in item(desk, "translations")
    assert "Watched names warning" in item(desk, "watch-list")
    draft("en")
    assert "English: written" in item(desk, "translations") and "Translations to do" in item(desk, "translations")
    draft("fr")
    assert "Translations done" in item(desk, "translations")
    WatchedName.objects.create(name="Aurelia Vantongeren")
    assert "Watched names done" in item(desk, "watch-list")
    set_to(signing_open=False)
    assert "Settings warning" in item(desk, "settings") and "Signing: off" in item(desk, "settings")
    set_to(signing_open=True)
    assert "Settings done" in item(desk, "settings")
    assert "None. That is fine" in item(desk, "partners")
    assert "only administrator" in item(desk, "organizers")
    partner()
    assert "1 page stands: Union of Stage Hands" in item(desk, "partners")
    press_open(desk)
    assert "The text is published done" in item(desk, "published")
    assert "Everything is public." in moment(desk)


@pytest.mark.django_db(transaction=True)
def test_the_edition_is_ready_once_it_is_built(
    desk: Client, olga: AbstractBaseUser, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    opened_text(desk, olga)
    assert "The printed edition to do" in item(desk, "edition")
    build()
    assert "Edition 1, as of" in item(desk, "edition") and "edition done" in item(desk, "edition")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["away", "lost"])
def test_whether_the_list_may_have_changed_is_told_without_the_files(
    desk: Client, settings: Settings, tmp_path: Path, how: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    signed(name="Ada Vance", address="ada@example.org")
    tally.fold()
    build()
    if how == "away":
        take_away(settings)
    else:
        for file in EditionFile.objects.all():
            default_storage.delete(file.path)
    assert "edition done" in item(desk, "edition")
    signed(name="Held Marker", address="held@example.org", held_for=["volume"])
    tally.fold()
    assert "edition done" in item(desk, "edition")
    mend(Signature.objects.get(name="Ada Vance"), name="Ada Vance-Quill")
    tally.fold()
    assert "edition warning" in item(desk, "edition")
    assert "The list may have changed since; if so, a new one is made by itself" in item(desk, "edition")


@pytest.mark.django_db(transaction=True)
def test_one_who_leaves_may_have_changed_the_list(desk: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    unnamed = signed(name="Bram Bellweather", address="bram@example.org", named=False)
    tally.fold()
    build()
    assert "edition done" in item(desk, "edition")
    mine.withdraw(signature_id=unnamed.pk, now=timezone.now())
    tally.fold()
    assert "edition warning" in item(desk, "edition")


def test_the_moment_is_told_and_the_switch_releases(desk: Client, olga: AbstractBaseUser) -> None:
    assert "No moment is set." in moment(desk)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        embargo.set_until(until=now + timedelta(hours=3, minutes=12), organizer=olga, now=now)
        told = moment(desk)
        assert "in 3 hours 12 minutes" in told and "Names, number and files become public" in told
        assert "The text is not open yet, and nothing opens it by itself" in told
        draft("en")
        press_open(desk)
        assert "nothing opens it" not in moment(desk)
        assert "Invited press to do" in item(desk, "invited")
        embargo.invite(name="The Evening Paper", organizer=olga, now=now)
        assert "1 invited, 0 of them have come in." in item(desk, "invited")
        page = desk.get(PAGE).content.decode()
        assert 'href="/desk/embargo/release/"' in page and "data-left" in page
        assert desk.post("/desk/embargo/release/").status_code == 303
        assert Embargo.current().released_at
        assert "Everything is public." in moment(desk)
        assert "/desk/embargo/release/" not in desk.get(PAGE).content.decode()


def test_a_planned_opening_after_the_embargo_is_the_moment(desk: Client, olga: AbstractBaseUser) -> None:
    now = timezone.now()
    draft("en")
    later = f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"
    assert press_open(desk, later="1", at=later).status_code == 303
    forget_current()
    forget_embargo()
    assert "by itself on" in moment(desk) and f"{now + timedelta(days=2):%-d %B %Y}" in moment(desk)


def test_editors_see_their_part_and_no_switch(desk: Client) -> None:
    editor, moderator = come_in(Role.EDITOR, "edda"), come_in(Role.MODERATOR, "mona")
    assert keys(editor) == ["text", "press", "published", "translations", "edition", "partners"]
    page = editor.get(PAGE).content.decode()
    assert "/desk/embargo/" not in page and "/desk/start/open/" not in page
    assert is_refused(moderator.get(PAGE))  # type: ignore[arg-type]
    organizer("second")
    assert "settings" in keys(desk) and "organizers" in keys(desk)


# --- The navigation ---------------------------------------------------------------------------------------------------
def navigation(browser: Client, path: str) -> str:
    found = re.search(r'<nav aria-label="Desk">.*?</nav>', browser.get(path).content.decode(), re.DOTALL)
    assert found
    return found[0]


def test_the_navigation_has_groups_with_the_links_of_a_role(desk: Client) -> None:
    opened = navigation(desk, "/desk/numbers/")
    groups = re.findall(r'<p id="desk-\d">([^<]*)</p>', opened)
    assert groups == ["Today", "People and rules", "Words and partners", "Press", "First and last day", "Site", "You"]
    viewer = navigation(come_in(Role.VIEWER), "/desk/numbers/")
    assert re.findall(r">([A-Z][^<]*)</a>", viewer) == ["Overview", "Numbers", "Handbook", "Account", "Sign out"]
    assert "People and rules" not in viewer and "Press" not in viewer


def test_the_present_page_is_marked_and_so_is_what_belongs_to_it(desk: Client) -> None:
    assert '<a href="/desk/numbers/" aria-current="page">Numbers</a>' in navigation(desk, "/desk/numbers/")
    draft("en")
    assert '<a href="/desk/texts/" aria-current="true">Text</a>' in navigation(desk, "/desk/texts/1/")
    assert navigation(desk, "/desk/closing/").count("aria-current") == 1
