"""T5: a link opens the door it was made for, of the row it was made for, and no other."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.models import Act, OutboundMail, Signature, Signup, StoppedMailbox
from signatories.models.act import Verb
from signatories.models.signature import State
from tests.people import post_form, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
DOORS = {Purpose.CONFIRM: "confirm", Purpose.STOP: "stop", Purpose.MINE: "mine", Purpose.UNDO: "mine/undo"}
DATED = {Purpose.MINE, Purpose.UNDO}


@pytest.fixture
def link() -> Callable[[Purpose, bool], str]:
    """Makes links to a signup and a signature that are alike in all a link is made of."""
    signature = signed()
    Signup.objects.all().delete()
    post_form(Client(), name="Oscar Open", email="open@example.org")
    Signup.objects.update(id=signature.pk, nonce=signature.nonce)

    def make(purpose: Purpose, dated: bool) -> str:
        made_on: date | None = timezone.now().date() if dated else None
        return links.make(purpose, signature.pk, signature.nonce, made_on)

    return make


@pytest.mark.parametrize("door", DOORS)
def test_only_its_own_door_opens(client: Client, link: Callable[[Purpose, bool], str], door: Purpose) -> None:
    ways = ["", "withdraw/", "data/", "data.json"] if door == Purpose.MINE else [""]
    for purpose in set(DOORS) - {door}:
        for dated in (True, False):
            for way in ways:
                path = f"/{DOORS[door]}/{link(purpose, dated)}/{way}"
                assert client.get(path).status_code == 404, (purpose, dated, way)
                assert client.post(path).status_code in {404, 405}, (purpose, dated, way)
    assert Signature.objects.get().state == State.PUBLISHED
    assert [act.verb for act in Act.objects.all()] == [Verb.CONFIRM]
    assert [model.objects.count() for model in (OutboundMail, StoppedMailbox)] == [0, 0]
    assert client.get(f"/{DOORS[door]}/{link(door, door in DATED)}/").status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_what_is_behind_it_is_kept_framed_and_found_by_nobody(
    client: Client, link: Callable[[Purpose, bool], str], door: Purpose
) -> None:
    """T7, T25, T36, T39."""
    path = f"/{DOORS[door]}/{link(door, door in DATED)}/"
    for shown in [path, f"{path}withdraw/", f"{path}data/"] if door == Purpose.MINE else [path]:
        answer = client.get(shown)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
        assert not answer.cookies
    first, _slash, _rest = DOORS[door].partition("/")
    assert f"Disallow: /{first}/" in client.get("/robots.txt").content.decode()
    assert client.get("/sitemap.xml").status_code == 404


def test_mailed_links_hold_no_number_that_counts(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    for door in ("confirm", "stop"):
        head = mail.path(door).split("/")[2].partition(".")[0]
        assert len(head) == 22
        assert not head.isdecimal()
    assert client.get(mail.path("confirm")).status_code == 200


def test_the_day_of_a_link_cannot_be_added_taken_away_or_changed(
    client: Client, link: Callable[[Purpose, bool], str]
) -> None:
    """T24: who holds an old link makes no fresh one of it."""
    dated, bare = link(Purpose.MINE, True), link(Purpose.MINE, False)
    head, _dot, mac = dated.partition(".")
    row, _dash, day = head.rpartition("-")
    forged = [f"{row}.{mac}", f"{row}-{int(day) + 1:06}.{mac}", f"{row}-{day}.{bare.partition('.')[2]}"]
    for wrong in [*forged, dated.swapcase(), dated[:-1], f"{dated}A"]:
        assert client.get(f"/mine/{wrong}/").status_code == 404, wrong
        assert client.post(f"/mine/{wrong}/withdraw/").status_code == 404, wrong
    assert client.get(f"/mine/{dated}/").status_code == 200
