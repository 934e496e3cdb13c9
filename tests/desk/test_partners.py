"""Partners at the desk: added, changed, ended; names and addresses that look like another's are refused."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from signatories.models import Act, Channel, Partner
from tests.people import text

pytestmark = pytest.mark.django_db(transaction=True)


def fields(**changes: Any) -> dict[str, Any]:
    """A rightly filled form."""
    return {
        "name": "Union of Stage Hands", "slug": "stage-hands", "stance": "supports", "site": "https://union.example/",
        "sentence_en": "Our hands set the stage.",
    } | changes  # fmt: skip


def picture(width: int = 600, height: int = 300, kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#a51e16").save(out, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", out.getvalue())


def test_a_partner_is_added_with_its_page(desk: Client, client: Client) -> None:
    text()
    added = desk.post("/desk/partners/new/", fields())
    made = Partner.objects.get()
    assert added["Location"] == f"/desk/partners/{made.pk}/"
    assert (made.sentence, made.site) == ({"en": "Our hands set the stage."}, "https://union.example/")
    assert Channel.objects.get().slug == ""
    assert "Union of Stage Hands" in client.get("/with/stage-hands/").content.decode()
    assert Act.objects.filter(about=f"partner {made.pk}", reason="a partner added").exists()
    page = desk.get(added["Location"]).content.decode()
    assert "/with/stage-hands/" in page
    assert "fewer than ten" in page


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "Please type the name."),
        ({"name": "UNION of Stage Hands", "slug": "other"}, "Another partner has this name"),
        ({"name": "Uniоn of Stage Hands", "slug": "other"}, "looks like it"),  # a Cyrillic letter
        ({"name": "www.union.example", "slug": "other"}, 'class="error"'),
        ({"name": "Other"}, "Another partner has this address."),
        ({"name": "Other", "slug": "../etc"}, "Small letters"),
        ({"name": "Other", "slug": "stage%2fhands"}, "Small letters"),
        ({"name": "Other", "slug": "ѕtage"}, "Small letters"),
        ({"name": "Other", "slug": "a" * 41}, "at most 40"),
        ({"name": "Other", "slug": "other", "stance": "owns"}, "not one of the available choices"),
        ({"name": "Other", "slug": "other", "stance": ""}, "Please say whether"),
        ({"name": "Other", "slug": "other", "site": "javascript:alert(1)"}, "This is no address."),
        ({"name": "Other", "slug": "other", "sentence_en": "x" * 601}, "at most 600"),
        ({"name": "Other <b>Union</b>", "slug": "other"}, "leave out the signs &lt; and &gt;"),
        ({"name": "Other", "slug": "other", "sentence_en": "We stand <b>together</b>."}, "leave out the signs &lt; and"),
        ({"name": "Other", "slug": "other", "sentence_fr": "Nous &amp; vous"}, "leave out the signs &lt; and &gt;"),
        ({"name": "Other", "slug": "other", "duties_en": "<p>It answers.</p>"}, "leave out the signs &lt; and &gt;"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_explained_and_kept(desk: Client, changes: dict[str, str], wrong: str) -> None:
    text()
    desk.post("/desk/partners/new/", fields())
    answer = desk.post("/desk/partners/new/", fields(**changes))
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert Partner.objects.count() == 1


def test_all_that_is_wrong_is_said_at_once(desk: Client) -> None:
    """What another partner has, too, which the database would say one by one."""
    text()
    desk.post("/desk/partners/new/", fields())
    made = Partner.objects.get()
    answer = desk.post("/desk/partners/new/", fields(stance="", site="no address")).content.decode()
    for wrong in ("Another partner has this name", "Another partner has this address.", "Please say whether"):
        assert wrong in answer
    assert "This is no address." in answer
    assert desk.post(f"/desk/partners/{made.pk}/", fields()).status_code == 303  # its own name is no other's
    desk.post("/desk/partners/new/", fields(name="Label of Lanterns", slug="lanterns"))
    changed = desk.post(f"/desk/partners/{made.pk}/", fields(name="Label of Lanterns", stance="")).content.decode()
    assert "Another partner has this name" in changed and "Please say whether" in changed


def test_duties_keep_their_paragraphs(desk: Client) -> None:
    text()
    desk.post("/desk/partners/new/", fields(duties_en="We print it.\r\n\r\nYou keep it."))
    assert Partner.objects.get().duties == {"en": "We print it.\n\nYou keep it."}


def test_its_page_is_changed_and_its_address_stays(desk: Client) -> None:
    text()
    desk.post("/desk/partners/new/", fields())
    made = Partner.objects.get()
    desk.post(f"/desk/partners/{made.pk}/", fields(name="Stage Hands United", slug="other", sentence_en=""))
    made.refresh_from_db()
    assert (made.name, made.slug, made.sentence) == ("Stage Hands United", "stage-hands", {})
    desk.post("/desk/partners/new/", fields(name="Union of Stage Hands", slug="second"))
    answer = desk.post(f"/desk/partners/{made.pk}/", fields())
    assert answer.status_code == 422
    assert "Another partner has this name" in answer.content.decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew(desk: Client, client: Client, kind: str) -> None:
    text()
    desk.post("/desk/partners/new/", fields(logo=picture(kind=kind)))
    made = Partner.objects.get()
    answer = client.get(f"/with/stage-hands/{made.logo_sha256}.png")
    assert answer["Content-Type"] == "image/png"
    drawn = Image.open(io.BytesIO(answer.content))
    assert drawn.format == "PNG" and drawn.width <= 480 and drawn.height <= 160
    assert made.logo_sha256 in client.get("/with/stage-hands/").content.decode()
    assert client.get(f"/with/stage-hands/{'0' * 64}.png").status_code == 404
    desk.post(f"/desk/partners/{made.pk}/", fields(without_logo="on"))
    made.refresh_from_db()
    assert not made.logo
    assert client.get(f"/with/stage-hands/{'0' * 64}.png").status_code == 404


def bomb(pixels: int) -> bytes:
    """A small file that says it is very large."""
    out = io.BytesIO()
    Image.new("1", (pixels, pixels)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is no PNG"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "This is no PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "This is no PNG"),
        (b"x" * 200_001, "At most 200 KB"),
        (4_001, "too large"),
        (10_000, "too large"),
        (20_000, "too large"),
    ],
    ids=["empty", "svg", "gif", "broken", "large", "wide", "wider", "bomb"],
)
def test_what_is_no_picture_is_refused(desk: Client, content: bytes | int, wrong: str) -> None:
    text()
    data = bomb(content) if isinstance(content, int) else content
    answer = desk.post("/desk/partners/new/", fields(logo=SimpleUploadedFile("logo.png", data)))
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert not Partner.objects.exists()


def test_it_is_ended_with_a_reason_and_goes_on(desk: Client) -> None:
    text()
    desk.post("/desk/partners/new/", fields())
    made = Partner.objects.get()
    path = f"/desk/partners/{made.pk}/end/"
    assert desk.post(path, {}).status_code == 422
    desk.post(path, {"reason": "Their board has decided otherwise."})
    made.refresh_from_db()
    assert made.ended_at
    assert "ended" in desk.get("/desk/partners/").content.decode()
    answer = desk.post(path, {"reason": "Again."}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    desk.post(path, {"reason": "It goes on.", "resume": "1"})
    made.refresh_from_db()
    assert made.ended_at is None


def test_an_invitation_is_revoked_and_an_address_with_an_account_is_refused(desk: Client) -> None:
    text()
    desk.post("/desk/partners/new/", fields())
    made = Partner.objects.get()
    path = f"/desk/partners/{made.pk}/invite/"
    said = {"address": "ina@union.example", "language": "en", "reason": "Their officer."}
    assert desk.post(path, said).status_code == 303
    invitation = made.invitations.get()
    assert "ina@union.example" in desk.get(f"/desk/partners/{made.pk}/").content.decode()
    desk.post(f"/desk/partners/{made.pk + 1}/invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.revoked_at is None
    desk.post(f"/desk/partners/{made.pk}/invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.revoked_at
    answer = desk.post(path, said | {"address": "olga@declaration.example"})
    assert answer.status_code == 422
    assert "has an account" in answer.content.decode()
