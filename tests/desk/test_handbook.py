"""The organizers' handbook: at the desk for every role, with its pictures, and what it points at is there."""

import re
from pathlib import Path

import pytest
from django.test import Client

from signatories.models.organizer import Role
from tests.people import enter, organizer

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_it(client: Client, role: Role) -> None:
    enter(client, organizer(role=role))
    page = client.get("/desk/handbook/").content.decode()
    assert "<h1>The organizers" in page
    assert "<table>" in page
    pictures = re.findall(r'<img src="([^"]+)" alt="[^"]+"', page)
    assert pictures
    for picture in pictures:
        shown = client.get(f"/desk/handbook/{picture}")
        assert shown["Content-Type"] == "image/png"
        assert shown.content.startswith(b"\x89PNG")
    assert ".md" not in page


def test_strangers_do_not(client: Client) -> None:
    for path in ("/desk/handbook/", "/desk/handbook/start/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ["nothing", "../desk", "..%2Fdesk", "start.png", "%00"])
def test_no_other_file_is_shown(desk: Client, name: str) -> None:
    assert desk.get(f"/desk/handbook/{name}/").status_code == 404


def test_its_links_lead_somewhere() -> None:
    words = (DOCS / "organizers.md").read_text()
    for target in re.findall(r"\]\(([^)]+)\)", words):
        file, _hash, part = target.partition("#")
        assert (DOCS / file).is_file(), target
        if part:
            titles = re.findall(r"^#+ (.+)$", (DOCS / file).read_text(), re.MULTILINE)
            assert part in {title.lower().replace(" ", "-") for title in titles}, target


# Pages whose section has another name, or that are told with the page from which they are reached.
IN_OTHER_WORDS = {"Clusters", "Watched", "Rules", "Limits", "Networks", "Press", "Pictures", "Quotes"}


def test_its_words_are_those_of_the_desk(desk: Client) -> None:
    """A page is told by the word of the navigation, in bold, so renaming one is noticed."""
    handbook, _rehearsal, _steps = (DOCS / "organizers.md").read_text().partition("## The rehearsal\n")
    told = set(re.findall(r"\*\*([A-Z]\w+)\*\*", handbook))  # the rehearsal is followed in tests/journeys
    page = desk.get("/desk/numbers/").content.decode()
    links = set(re.findall(r"<a [^>]*>([A-Z]\w+)", page.partition("<nav")[2].partition("</nav")[0]))
    assert told <= links
    assert links - told <= {"Sign", "Numbers", "Notable", "Trail", "Settings", "Handbook"} | IN_OTHER_WORDS
