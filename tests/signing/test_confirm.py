"""A creator opens the mailed link. GET shows, POST acts."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.identity import consent, links
from signatories.identity.links import Purpose
from signatories.models import Signature, Signup, WatchedName
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db

NAUGHTY = ["", "undefined", "NULL", "0", "-1", "1.", ".x", "1" * 400, "1.'; DROP TABLE x;--", "%00", "..", "😀", "１." + "A" * 32, "9" * 19 + "." + "A" * 32]  # fmt: skip


def test_the_link_shows_and_only_the_button_confirms(client: Client, mailbox: Catcher) -> None:
    """T1."""
    path = sign_up(client, mailbox).path("confirm")
    for _ in range(3):
        page = client.get(path)
        client.head(path)
        assert page.status_code == 200
        assert b"Aveline Ashgrove" in page.content
    assert not Signature.objects.exists()
    assert client.post(path).status_code == 303
    signature = Signature.objects.get()
    assert signature.state == State.PUBLISHED
    assert signature.number
    assert signature.confirmed_at >= signature.signed_at
    assert signature.text.sha256
    assert b"Aveline Ashgrove" in client.get("/signatories/").content
    tally.fold()
    assert client.get("/api/v1/count").json()["count"] == 1


def test_repeating_it_shows_the_same_success(client: Client, mailbox: Catcher) -> None:
    """F16."""
    path = sign_up(client, mailbox).path("confirm")
    answers = {client.post(path).status_code for _ in range(3)}
    assert answers == {303}
    pages = {client.get(path).content for _ in range(2)}
    assert len(pages) == 1
    assert b"have signed" in pages.pop()
    assert Signature.objects.count() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1


def test_everything_can_be_mended_before_confirming(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox, name="Avelinne Ashgrove").path("confirm")
    changes = {
        "name": "Aveline O'Dunmore", "filed_under": "Dunmore", "name_latin": "", "profession": "other",
        "profession_other": "Harpist", "affiliation": "", "country": "", "appearance": "named",
    }  # fmt: skip
    assert client.post(path, changes).status_code == 303
    signature = Signature.objects.get()
    assert (signature.name, signature.filed_under, signature.letter) == ("Aveline O'Dunmore", "Dunmore", "D")
    assert signature.detail == "Harpist"
    assert signature.country.code in (None, "")


@pytest.mark.parametrize(("country", "filing"), [("BE", "van der Quill"), ("NL", "Quill")])
def test_the_guess_follows_the_country_and_is_shown(
    client: Client, mailbox: Catcher, country: str, filing: str
) -> None:
    path = sign_up(client, mailbox, name="Jan van der Quill", country=country).path("confirm")
    assert re.search(f"filed under <bdi[^>]*>{filing}</bdi>", client.get(path).content.decode())
    client.post(path)
    assert Signature.objects.get().filed_under == filing


def test_the_guess_follows_a_country_that_is_mended(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox, name="Jan van der Quill", country="BE").path("confirm")
    changes = {"name": "Jan van der Quill", "profession": "singer", "appearance": "named", "country": "NL"}
    client.post(path, changes | {"filed_under": "van der Quill"})
    assert Signature.objects.get().filed_under == "Quill"


def test_a_wrong_correction_is_explained_and_confirms_nothing(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    response = client.post(path, {"name": "<b>Ann</b>"})
    assert response.status_code == 422
    assert b"&lt;b&gt;Ann" in response.content
    assert not Signature.objects.exists()


def test_unnamed_are_counted_and_shown_nowhere(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox, appearance="unnamed").path("confirm")
    client.post(path)
    signature = Signature.objects.get()
    tally.fold()
    assert client.get("/api/v1/count").json() | {"as_of": ""} == {
        "count": 1, "named": 0, "unnamed": 1, "groups": 0, "as_of": "", "final": False,
    }  # fmt: skip
    assert b"Aveline" not in client.get("/signatories/?q=aveline").content.replace(b'value="aveline"', b"")
    assert client.get(f"/signatories/{signature.number}/").status_code == 404
    assert b"Aveline" not in client.get("/").content


@pytest.mark.parametrize("naughty", NAUGHTY)
@pytest.mark.parametrize("purpose", ["confirm", "stop"])
def test_links_that_are_not_ours_are_kindly_refused(client: Client, naughty: str, purpose: str) -> None:
    response = client.get(f"/{purpose}/{naughty}/")
    assert response.status_code in {404, 301} or not naughty


def test_links_are_bound_to_purpose_and_row(client: Client, mailbox: Catcher) -> None:
    """T5."""
    mine = sign_up(client, mailbox)
    other = sign_up(client, mailbox, name="Bram Bellweather", email="bram@example.org")
    mac = mine.path("confirm").split(".")[1]
    swapped = other.path("confirm").split(".")[0] + "." + mac
    stop_as_confirm = mine.path("stop").replace("/stop/", "/confirm/")
    for path in (swapped, stop_as_confirm, mine.path("confirm")[:-2] + "/", mine.path("confirm").upper()):
        assert client.post(path).status_code == 404
    wrong_stop = client.post(mine.path("confirm").replace("/confirm/", "/stop/"))
    assert wrong_stop.status_code == 404
    assert "no more mail of ours?" in wrong_stop.content.decode() and "type the code" not in wrong_stop.content.decode()
    assert not Signature.objects.exists()


def test_nothing_under_a_link_is_a_page(client: Client, mailbox: Catcher) -> None:
    assert client.get(sign_up(client, mailbox).path("confirm") + "x.css").status_code == 404


def test_an_expired_link_offers_the_way_on(client: Client, mailbox: Catcher) -> None:
    """T4."""
    path = sign_up(client, mailbox).path("confirm")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        response = client.post(path)
    assert response.status_code == 410
    assert b'href="/#sign"' in response.content
    assert not Signature.objects.exists()


def test_a_used_link_stays_a_success_after_its_time(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert client.get(path).status_code == 200


def test_personal_pages_are_neither_stored_nor_indexed(client: Client, mailbox: Catcher) -> None:
    """T7, T25, T39."""
    path = sign_up(client, mailbox).path("confirm")
    for _ in range(2):
        response = client.get(path)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "same-origin"
        client.post(path)


def test_nothing_usable_stands_in_the_database(client: Client, mailbox: Catcher) -> None:
    """T6."""
    mail = sign_up(client, mailbox)
    row = Signup.objects.filter().values().get()
    stored = " ".join(bytes(v).hex() if isinstance(v, memoryview | bytes) else str(v) for v in row.values())
    for purpose in ("confirm", "stop"):
        assert mail.path(purpose).split(".")[1].strip("/") not in stored
    assert mail.code.replace(" ", "") not in stored
    assert "ann@" not in stored


DISGUISES = [
    "Cassius Moonwright", "CASSIUS MOONWRIGHT", "Саssius Mооnwright", "Cassius  Moonwright", "Cassius\u200b Moonwright", "Ca\u0301ssius Moonwright",
    "Dr. Cassius Moonwright", "Cassius Mo\u03bfnwright", "Ｃａｓｓｉｕｓ Moonwright", "Cassius Moonwrigth", "Casius Moonwright", "Cassius M00nwright",
]  # fmt: skip


@pytest.mark.parametrize("disguise", DISGUISES)
def test_look_alikes_of_watched_names_are_held(client: Client, mailbox: Catcher, disguise: str) -> None:
    """T18."""
    WatchedName.objects.create(name="Cassius Moonwright")
    path = sign_up(client, mailbox, name=disguise).path("confirm")
    client.post(path)
    signature = Signature.objects.get()
    assert signature.state == State.HELD
    assert signature.held_for == ["looks-like:Cassius Moonwright"]
    assert signature.number is None
    tally.fold()
    assert tally.number(timezone.now()).count == 0
    assert b"a person" in client.get(path).content


@pytest.mark.parametrize("other", ["Cassia Moonrow", "Cassius Moone", "Moonwright"])
def test_others_are_published_at_once(client: Client, mailbox: Catcher, other: str) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    client.post(sign_up(client, mailbox, name=other).path("confirm"))
    assert Signature.objects.get().state == State.PUBLISHED


def test_a_latin_name_is_checked_too(client: Client, mailbox: Catcher) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    client.post(sign_up(client, mailbox, name="Яна Барвинок", name_latin="Cassius Moonwright").path("confirm"))
    assert Signature.objects.get().state == State.HELD


def test_the_first_signature_of_a_mailbox_stays(client: Client, mailbox: Catcher) -> None:
    """T16."""
    first = sign_up(client, mailbox)
    second = sign_up(client, mailbox, name="Avelinne Ashgrove", email="Ann+x@example.org")
    client.post(first.path("confirm"))
    client.post(second.path("confirm"))
    assert [s.name for s in Signature.objects.all()] == ["Aveline Ashgrove"]
    assert b"Aveline Ashgrove" in client.get(second.path("confirm")).content


def test_a_confirm_link_made_elsewhere_with_our_id_fails(client: Client, mailbox: Catcher) -> None:
    sign_up(client, mailbox)
    signup = Signup.objects.get()
    foreign = links.make(Purpose.CONFIRM, signup.pk, b"not-the-nonce-16")
    assert client.post(f"/confirm/{foreign}/").status_code == 404


@pytest.mark.parametrize(
    "hidden",
    [
        {"filed_under": "Cassius Moonwright"}, {"affiliation": "Cassius Moonwright"}, {"name_latin": "Cassius Moonwright"},
        {"name": "Moonwright Cassius"}, {"name": "Moonwright, Cassius"},
    ],
)  # fmt: skip
def test_no_field_carries_a_watched_name_past_the_desk(
    client: Client, mailbox: Catcher, hidden: dict[str, str]
) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    path = sign_up(client, mailbox, name="Zed").path("confirm")
    client.post(path, {"name": "Zed", "profession": "singer", "appearance": "named"} | hidden)
    assert Signature.objects.get().state == State.HELD


def test_a_family_name_mended_at_the_last_look_is_filed_as_mended(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox, name="Aveline Ashgroove").path("confirm")
    typed = {"name": "Aveline Ashgrove", "filed_under": "Ashgroove", "profession": "singer", "appearance": "named"}
    client.post(path, typed)
    assert Signature.objects.get().filed_under == "Ashgrove"


@pytest.mark.parametrize("row", ["１", "१"])
def test_a_link_with_the_digits_of_another_script_is_no_link(client: Client, mailbox: Catcher, row: str) -> None:
    mac = sign_up(client, mailbox).path("confirm").partition(".")[2]
    number = str(Signup.objects.get().pk)
    assert client.get(f"/confirm/{number}.{mac}").status_code == 200  # as links were before their row was hidden
    foreign = number.translate({ord("0") + n: ord(row) - 1 + n for n in range(10)})
    for purpose in ("confirm", "stop"):
        wrong = f"/{purpose}/{foreign}.{mac}"
        assert {client.get(wrong).status_code, client.post(wrong).status_code} == {404}


def test_the_signature_keeps_what_the_consent_rests_on(client: Client, mailbox: Catcher) -> None:
    """L1: one row shows the text, the consent, where it came from, and both moments."""
    client.post(sign_up(client, mailbox, news="on").path("confirm"))
    signup, signature = Signup.objects.get(), Signature.objects.get()
    for field in ("text_id", "consent", "source", "language", "news"):
        assert getattr(signature, field) == getattr(signup, field), field
    assert (signature.consent, signature.source, signature.news) == (consent.VERSION, "form", True)
    assert (signature.signed_at, signature.confirmed_at) == (signup.created_at, signup.confirmed_at)


@pytest.mark.parametrize("name", ["نورس الرمّاني", "נועם הרדוף"])
def test_every_name_is_kept_from_turning_its_neighbours_around(client: Client, mailbox: Catcher, name: str) -> None:
    """N6: wherever a name is shown it stands in an element of its own direction."""
    mail = sign_up(client, mailbox, name=name)
    isolated = re.compile(rf"<bdi[^>]*>{name}</bdi>")
    confirmed = client.post(mail.path("confirm"))
    shown = [mail.html]
    for path in ("/", "/signatories/", f"/signatories/{Signature.objects.get().number}/", confirmed["Location"]):
        shown.append(client.get(path).content.decode())
    for page in shown:
        body = page.partition("</head>")[2]
        assert isolated.search(body)
        assert name not in isolated.sub("", body)


@pytest.mark.parametrize(
    ("appearance", "said"),
    [("named", "So you will stand on the list"), ("unnamed", "are counted; your name is not shown")],
)
def test_the_page_shows_what_the_button_does(client: Client, mailbox: Catcher, appearance: str, said: str) -> None:
    page = client.get(sign_up(client, mailbox, appearance=appearance).path("confirm")).content.decode()
    before_the_button = page[: page.index('type="submit"')]
    assert said in before_the_button
    assert "Aveline Ashgrove" in before_the_button
    assert bool(re.search("filed under <bdi[^>]*>Ashgrove</bdi>", page)) == (appearance == "named")
    assert "<details open" not in page
    assert 'href=""' not in page


def test_the_page_after_confirming_tells_the_public_address(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    page = client.get(path).content.decode()
    address = f"http://testserver{Signature.objects.get().get_absolute_url()}"
    shared = page.partition('id="tell"')[2].partition("</section>")[0]
    assert address in shared
    assert "mailto:?subject=I%20have%20signed" in shared
    assert "/mine/" not in shared
    assert "/confirm/" not in shared


def test_who_is_counted_without_a_name_tells_the_front_page(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox, appearance="unnamed").path("confirm")
    client.post(path)
    page = client.get(path).content.decode()
    assert "/signatories/1" not in page
    assert 'data-share-url="http://testserver/"' in page


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("looks-like:Cassius Moonwright", "it resembles one that many people know"),
        ("second-in-mailbox", "two people share a mailbox"), ("crowd", "very many have signed from your network"),
        ("unsolved", "very many have signed from your network"), ("many-of-domain", "many mailboxes like yours"),
        ("disposable-mailbox", "is used only once"), ("renamed", "changed to another"), ("organizer", "might be a mistake"),
    ],
)  # fmt: skip
def test_who_waits_is_told_the_reason_that_applies(client: Client, mailbox: Catcher, code: str, why: str) -> None:
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    Signature.objects.update(state=State.HELD, held_for=[code])
    page = client.get(path).content.decode()
    assert why in page
    assert "Moonwright" not in page
    assert page.count("because") == 2  # and one that is always there


def test_who_signs_for_another_is_asked_for_that_persons_name(client: Client) -> None:
    text()
    page = client.get("/sign/for/").content.decode()
    assert "their own, stage or pen name" in page
    assert "your own, your stage" not in page
