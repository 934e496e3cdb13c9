"""The last good list of each kind and language stays up until its successor is ready, and no longer than it may."""

import html
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import retiring
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionPart, Signature
from signatories.models.edition import EditionState, Part
from tests.editions.building import body, build
from tests.editions.lists import PRESS, build_all, names, people
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
EVERYONE = ["Bram Bellweather", "Cosima Thorn", "Ada Vance"]


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def finish() -> None:
    """All lists that wait are built."""
    while editions.build_waiting_part():
        pass
    assert not EditionPart.objects.filter(state=EditionState.FAILED).exists()


def shown(client: Client, language: str = "") -> dict[str, str]:
    """The lists on the page for the press: of which edition the CSV of each is, and what is written beside it."""
    found = {}
    page = client.get(f"{language}/press/").content.decode()
    for row in re.findall(r"<tr>(?:(?!</tr>).)*/press/editions/(?:(?!</tr>).)*</tr>", page, re.DOTALL):
        address = re.search(r'href="((?:/\w\w)?/press/editions/\d+/[^"]+\.csv)"', row)
        assert address
        stem = address[1].rpartition("/")[2].removesuffix(".csv")
        found[stem] = address[1].removesuffix(f"/{stem}.csv") + " " + " ".join(re.sub(r"<[^>]+>", " ", row).split())
    return found


def test_a_list_stays_on_the_page_for_the_press_until_its_successor_is_ready(client: Client) -> None:
    people()
    first = build_all()
    signed(name="Dorian Fell", address="dorian@example.org", profession="singer")
    build()
    assert "edition 2," not in " ".join(shown(client).values())
    assert {"music", "writing", "notable"} <= set(shown(client))
    assert shown(client)["music"].startswith(f"{PRESS}/1 ")
    assert first.as_of
    assert f"edition 1, as of {first.as_of.day} " in shown(client)["music"]
    assert f"{first.as_of:%H:%M:%S} UTC" in shown(client)["music"]
    assert names(client, f"{PRESS}/1/music.csv") == ["Ada Vance"]
    finish()
    assert shown(client)["music"].startswith(f"{PRESS}/2 ")
    assert "edition 1," not in " ".join(shown(client).values())
    assert "changes-since-1" in shown(client)
    assert names(client, f"{PRESS}/2/music.csv") == ["Dorian Fell", "Ada Vance"]


def test_changes_stay_until_the_next_are_ready(client: Client) -> None:
    people()
    build()
    build_all()
    editions.ask_part(Edition.objects.get(number=2), Part.CHANGES, since=1)
    build()
    assert [stem for stem in shown(client) if stem.startswith("changes")] == ["changes-since-1"]
    finish()
    assert [stem for stem in shown(client) if stem.startswith("changes")] == ["changes-since-2"]


def test_in_another_language_the_latest_file_stays_and_is_made_again(client: Client) -> None:
    people()
    editions.ask_part(build(), Part.FULL, language="fr")
    finish()
    moment = timezone.now() - timedelta(hours=1, seconds=7)
    Edition.objects.update(as_of=moment)  # so that no other moment on the page is the same
    signed(name="Dorian Fell", address="dorian@example.org")
    build()
    assert names(client, "/fr/press/latest.csv") == EVERYONE
    assert saved_as(client, "/fr/press/latest.pdf") == "signatories-edition-1-fr.pdf"
    assert names(client, "/press/latest.csv") == ["Bram Bellweather", "Dorian Fell", "Cosima Thorn", "Ada Vance"]
    assert f"{moment:%H:%M:%S}" in client.get("/fr/press/").content.decode()  # of which moment the file is
    finish()
    assert saved_as(client, "/fr/press/latest.pdf") == "signatories-edition-2-fr.pdf"
    assert f"{moment:%H:%M:%S}" not in client.get("/fr/press/").content.decode()
    assert names(client, "/fr/press/latest.csv") == names(client, "/press/latest.csv")


def saved_as(client: Client, path: str) -> str:
    """The name of the file that the browser would save."""
    answer = client.get(path)
    assert body(answer).startswith(b"%PDF")
    return str(answer["Content-Disposition"]).rpartition('filename="')[2].removesuffix('"')


def asked(edition: Edition) -> Counter[tuple[str, str]]:
    """How often each list was asked for of an edition."""
    return Counter(EditionPart.objects.filter(edition=edition).values_list("part", "language"))


def test_what_there_is_in_a_language_is_asked_for_once_of_each_edition(settings: Settings) -> None:
    people()
    first = build_all()
    assert {language for _part, language in asked(first)} == {"en"}
    for part in (Part.FULL, Part.MUSIC):
        editions.ask_part(first, part, language="fr")
    editions.build_waiting_part()
    second = build()  # one of them is ready, the other waited
    french = {(Part.FULL, "fr"), (Part.MUSIC, "fr")}
    assert {made for made in asked(second) if made[1] == "fr"} == french
    assert set(asked(second).values()) == {1}
    editions.build_waiting_part()
    assert set(EditionPart.objects.filter(state=EditionState.ASKED).values_list("edition__number", flat=True)) == {2}
    finish()
    waits = EditionPart.objects.filter(edition=second, language="fr")
    assert {part.state for part in waits} == {EditionState.READY}
    settings.LANGUAGES = [("en", "English")]
    assert {language for _part, language in asked(build())} == {"en"}


def test_a_list_that_was_cancelled_or_failed_is_tried_again_with_the_next_edition(client: Client) -> None:
    people()
    editions.ask_part(build(), Part.FULL, language="fr")
    finish()
    second = build()
    part = EditionPart.objects.get(edition=second, part=Part.FULL, language="fr")
    assert editions.cancel_part(part.pk)
    finish()
    part.refresh_from_db()
    assert part.state == EditionState.CANCELLED
    assert saved_as(client, "/fr/press/latest.pdf") == "signatories-edition-1-fr.pdf"
    build_all()
    assert saved_as(client, "/fr/press/latest.pdf") == "signatories-edition-3-fr.pdf"


def test_a_list_that_is_empty_now_has_a_successor_too(client: Client) -> None:
    """Otherwise who is no longer notable would stand among the notable names for ever."""
    people()
    build_all()
    Signature.objects.update(featured=None)
    build_all()
    assert names(client, f"{PRESS}/2/notable.csv") == []
    assert shown(client)["notable"].startswith(f"{PRESS}/2 ")


def test_each_list_has_its_turn_though_editions_follow_each_other_sooner() -> None:
    people()
    build_all()
    turns = []
    for _edition in range(2):
        build()
        turns.append({part.part for part in (editions.build_waiting_part(), editions.build_waiting_part()) if part})
    assert [len(turn) for turn in turns] == [2, 2]
    assert not turns[0] & turns[1]


def test_each_list_has_its_turn_though_somebody_leaves_between_all_editions() -> None:
    people()
    leaving = [signed(name=f"Gone {n}", address=f"gone{n}@example.org") for n in range(3)]
    build_all()
    turns: list[str] = []
    for signature in leaving:
        mine.withdraw(signature_id=signature.pk, now=timezone.now())
        build()
        turns += [part.part for part in (editions.build_waiting_part(), editions.build_waiting_part()) if part]
    assert len(set(turns)) == len(turns) == 6


def test_who_leaves_is_in_no_list_longer_than_in_the_full_one(client: Client) -> None:
    people()
    editions.ask_part(build(), Part.FULL, language="fr")
    finish()
    signed(name="Dorian Fell", address="dorian@example.org")
    build()  # its lists wait: those of the first edition are shown
    assert shown(client)["music"].startswith(f"{PRESS}/1 ")
    mine.withdraw(signature_id=Signature.objects.get(name="Ada Vance").pk, now=timezone.now())
    assert editions.ask_if_changed()
    assert editions.build_waiting()
    assert names(client, "/press/latest.csv") == ["Bram Bellweather", "Dorian Fell", "Cosima Thorn"]
    assert shown(client) == shown(client, "/fr") == {}
    assert names(client, "/fr/press/latest.csv") == names(client, "/press/latest.csv")
    for path in (f"{PRESS}/1/music.csv", f"{PRESS}/2/signatories.csv", f"/fr{PRESS}/1/signatories.pdf"):
        assert client.get(path).status_code == 410
    finish()
    assert shown(client)["music"].startswith(f"{PRESS}/3 ")
    assert saved_as(client, "/fr/press/latest.pdf") == "signatories-edition-3-fr.pdf"


def test_who_was_never_named_takes_no_list_down(client: Client) -> None:
    people()
    unnamed = signed(name="Edda Marsh", address="edda@example.org", named=False)
    build_all()
    build()
    mine.withdraw(signature_id=unnamed.pk, now=timezone.now())
    build()
    assert shown(client)["music"].startswith(f"{PRESS}/1 ")
    assert names(client, f"{PRESS}/1/music.csv") == ["Ada Vance"]


def test_lists_go_at_the_moment_of_the_new_edition_though_the_worker_is_killed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    people()
    editions.ask_part(build(), Part.FULL, language="fr")
    finish()
    build()
    mine.withdraw(signature_id=Signature.objects.get(name="Ada Vance").pk, now=timezone.now())

    def killed(_now: object) -> None:
        raise KeyboardInterrupt

    editions.ask()
    with monkeypatch.context() as patch:
        patch.setattr(retiring, "retire", killed)
        with pytest.raises(KeyboardInterrupt):
            editions.build_waiting()
    assert Edition.objects.latest_ready() == Edition.objects.get(number=3)
    assert shown(client) == {}
    assert "Ada Vance" not in names(client, "/fr/press/latest.csv")
    assert client.get(f"{PRESS}/1/music.csv").status_code == 410
    assert "Ada" not in html.unescape(client.get("/press/").content.decode())
