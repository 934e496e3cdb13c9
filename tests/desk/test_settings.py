"""Organizers edit the page for the press and the watched names; each edit is an act in the audit trail."""

import pytest
from django.test import Client

from signatories.models import Act, Signature, WatchedName
from signatories.models.act import Verb
from signatories.models.signature import State
from tests.people import signed, text

pytestmark = pytest.mark.django_db
PRESS = {
    "key_points": "- Nobody was asked.\n\n11,500 signed <b>in hours</b>.",
    "behind": "A *society* of authors.\n\n- one\n- two\n\n[link](https://evil.example) <script>alert(1)</script>",
    "funding": "By its members.",
    "contact_name": "Perpetua Quill",
    "contact_email": "press@declaration.example",
    "contact_phone": "+353 (1) 555 01 23",
}


def test_the_press_reads_what_the_desk_writes_in_each_language(desk: Client) -> None:
    text()
    for code, words in (("en", "By its members."), ("fr", "Par ses membres.")):
        assert desk.post(f"/desk/settings/press/{code}/", PRESS | {"funding": words}).status_code == 303
    page = Client().get("/press/").content.decode()
    assert "<li>Nobody was asked.</li><li>11,500 signed &lt;b&gt;in hours&lt;/b&gt;.</li>" in page
    assert "<em>society</em>" in page
    assert "<li>one</li>" in page
    assert "<script>alert" not in page
    assert "evil.example" not in page
    assert 'href="tel:+35315550123"' in page
    assert 'href="mailto:press@declaration.example"' in page
    assert "By its members." in page
    french = Client().get("/fr/press/").content.decode()
    assert "Par ses membres." in french
    assert "By its members." not in french
    assert [*Act.objects.of_the_desk().order_by("pk").values_list("verb", "reason")] == [
        (Verb.EDIT, "the page for the press (en)"), (Verb.EDIT, "the page for the press (fr)"),
    ]  # fmt: skip
    assert "By its members." in desk.get("/desk/settings/press/en/").content.decode()


def test_what_nobody_wrote_has_no_heading(client: Client) -> None:
    text()
    page = client.get("/press/").content.decode()
    assert "Key points" not in page
    assert "How it is paid for" not in page
    assert "For journalists" not in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"contact_email": "press"}, "valid email"), ({"behind": "x" * 5001}, "5,000"), ({"funding": "a\0"}, "Null")],
)
def test_mistakes_are_told_and_what_was_typed_is_kept(desk: Client, typed: dict[str, str], said: str) -> None:
    response = desk.post("/desk/settings/press/en/", PRESS | typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page.replace("5000", "5,000")
    assert "Perpetua Quill" in page
    assert not Act.objects.of_the_desk().exists()


def test_only_languages_of_the_site_have_a_page(desk: Client) -> None:
    assert desk.get("/desk/settings/press/xx/").status_code == 404


def test_numbers_by_field(client: Client) -> None:
    from signatories.tally import services as tally

    for n, profession in enumerate(("singer", "composer", "poet", "other")):
        signed(
            address=f"p{n}@example.org", profession=profession, profession_other="x" if profession == "other" else ""
        )
    tally.fold()
    page = client.get("/press/").content.decode()
    assert '<th scope="row">Music</th><td>2</td></tr><tr><th scope="row">Writing</th><td>1</td>' in page
    assert '<th scope="row">Other fields</th><td>1</td>' in page


def test_a_watched_name_holds_from_now_on_and_shows_who_stands_there_already(desk: Client) -> None:
    before = signed(name="Cassius Moonwrigth", address="before@example.org")
    other = signed(name="Coralie Vance", address="other@example.org")
    page = desk.post(
        "/desk/settings/watched/", {"name": "  Cassius  Moonwright ", "note": "Ask the union."}, follow=True
    )
    words = page.content.decode()
    assert "Ask the union." in words
    assert f"/desk/signatures/{before.pk}/" in words
    assert f"/desk/signatures/{other.pk}/" not in words
    watched = WatchedName.objects.get()
    assert watched.name == "Cassius Moonwright"
    assert signed(name="Cassius Moonwright", address="later@example.org").state == State.HELD
    assert Signature.objects.get(pk=before.pk).state == State.PUBLISHED
    assert desk.post(f"/desk/settings/watched/{watched.pk}/remove/").status_code == 303
    assert (
        "Nothing was changed" in desk.post(f"/desk/settings/watched/{watched.pk}/remove/", follow=True).content.decode()
    )
    assert signed(name="Cassius Moonwright", address="last@example.org").state == State.PUBLISHED
    assert Act.objects.filter(verb=Verb.EDIT).count() == 2
    assert "Cassius" not in "".join(Act.objects.of_the_desk().values_list("reason", flat=True))


@pytest.mark.parametrize("name", ["C. Vale", "Cassius Vale official", "Cassius Maria Vale"])
def test_who_stands_there_with_more_words_or_initials_is_shown(desk: Client, name: str) -> None:
    before = signed(name=name, address="before@example.org")
    other = signed(name="Marta Vale", address="other@example.org")
    words = desk.post("/desk/settings/watched/", {"name": "Cassius Vale", "note": ""}, follow=True).content.decode()
    assert f"/desk/signatures/{before.pk}/" in words
    assert f"/desk/signatures/{other.pk}/" not in words


@pytest.mark.parametrize("name", ["", "…", "<b>x</b>", "x" * 201])
def test_a_watched_name_is_a_name(desk: Client, name: str) -> None:
    assert desk.post("/desk/settings/watched/", {"name": name, "note": "Kept"}).status_code == 422
    assert not WatchedName.objects.exists()
