"""The editions at the desk: what is built, what failed and why, and asking for a new one."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from signatories.editions import services as editions
from signatories.models import Act, Edition
from signatories.models.act import Verb
from signatories.models.organizer import Role
from tests.people import enter, organizer, signed

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_an_edition_is_asked_for_built_and_listed(desk: Client, olga: AbstractBaseUser) -> None:
    signed()
    assert "There is none yet." in desk.get("/desk/editions/").content.decode()
    assert not Edition.objects.exists()
    assert desk.post("/desk/editions/").status_code == 303
    edition = Edition.objects.get()
    assert "It waits until the worker is free." in desk.get("/desk/editions/").content.decode()
    act = Act.objects.get(verb=Verb.EDIT)
    assert (act.organizer_id, act.reason, act.about) == (olga.pk, "a new edition asked for", f"edition {edition.pk}")
    assert editions.build_waiting() == edition
    page = desk.get("/desk/editions/").content.decode()
    assert "Edition 1</a>" in page
    assert "1 signature: 1 by name, 0 without." in page
    assert 'hx-get="' in page  # its lists are still to be made
    while editions.build_waiting_part():
        pass
    assert 'hx-get="' not in desk.get("/desk/editions/").content.decode()  # nothing is being built: nothing asks again


def test_asking_twice_is_one_edition(desk: Client) -> None:
    for _time in range(2):
        assert desk.post("/desk/editions/").status_code == 303
    assert Edition.objects.count() == 1


def test_progress_is_shown_and_asked_for_again_by_itself(desk: Client) -> None:
    Edition.objects.create(state="building", pages=1200, pages_done=345)
    page = desk.get("/desk/editions/").content.decode()
    assert "345 of 1,200 pages are set." in page
    assert 'value="345" max="1200"' in page
    assert 'hx-trigger="every 3s"' in page
    part = desk.get("/desk/editions/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="editions"')


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("DoesNotExist: No text of the declaration has been published.", "Publish one first."),
        ("MergeFailed: The process ended (-9) while merging.", "too little memory"),
        ("ValueError: <b>odd</b>", "It could not be built."),
    ],
)
def test_an_error_is_told_in_plain_words_and_as_it_was(desk: Client, error: str, words: str) -> None:
    Edition.objects.create(state="failed", error=error)
    page = desk.get("/desk/editions/").content.decode()
    assert words in page
    assert "<b>odd" not in page
    assert error.partition(":")[0] in page


@pytest.mark.django_db(transaction=True)
def test_a_failed_build_says_so_here(desk: Client) -> None:
    desk.post("/desk/editions/")
    editions.build_waiting()
    assert (
        "No text of the declaration is published in the main language." in desk.get("/desk/editions/").content.decode()
    )


def test_fifty_on_a_page(desk: Client) -> None:
    rows = Edition.objects.bulk_create(Edition(state="failed", error=f"Error: number {n}.") for n in range(51))
    page = desk.get("/desk/editions/").content.decode()
    assert "number 50." in page and "number 1." in page and "number 0." not in page
    older = desk.get("/desk/editions/", {"before": rows[1].pk}).content.decode()
    assert "number 0." in older and "number 1." not in older
    assert f"?before={rows[1].pk}" in page


def test_moderators_do_not_ask_for_editions(client: Client) -> None:
    enter(client, organizer("mona", role=Role.MODERATOR))
    assert client.post("/desk/editions/").status_code == 403
    assert not Edition.objects.exists()
    assert "/desk/editions/" not in client.get("/desk/").content.decode()
