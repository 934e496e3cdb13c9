"""Pictures for the press at the desk: added, changed, ordered and deleted; who is read beyond the bound of all forms."""

import re
import threading
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory

from declaration.web.uploads import MOST_BYTES
from signatories.desk.pictures import services
from signatories.desk.pictures.views import LARGEST, pictures
from signatories.models import Act, PressPicture
from signatories.models.organizer import Role
from signatories.models.press_picture import MOST
from tests.people import enter, organizer, text
from tests.press.pictures import editor, filled, offered, picture, sent
from tests.press.uploads import Held

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/settings/pictures/"
NOISE = picture("PNG", (900, 700)) + b"x" * 600_000  # larger than any other form may be


def places() -> list[int]:
    return list(PressPicture.objects.order_by("place").values_list("pk", flat=True))


def test_a_picture_is_added_with_its_words(desk: Client) -> None:
    assert desk.post(PAGE, filled(file=sent(NOISE))).status_code == 303
    made = PressPicture.objects.get()
    assert (made.kind, made.credit, made.place) == ("picture", "Photograph: Ina Holm", 1)
    assert made.caption == {"en": "The first evening", "fr": "La première soirée"}
    assert made.alternative == {"en": "Ten people on a stage"}
    assert made.size == len(bytes(made.content)) < 600_000
    assert Act.objects.filter(about=f"picture {made.pk}", reason="a picture for the press added").exists()
    assert "The first evening" in desk.get(PAGE).content.decode()


def test_a_file_that_the_browser_forgets_is_asked_for_again(desk: Client) -> None:
    again = "Please choose the file again"
    assert again in desk.post(PAGE, filled(file=sent(picture()), credit="")).content.decode()
    assert again not in desk.post(PAGE, filled(file="", credit="")).content.decode()
    assert again not in desk.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"credit": ""}, "Please say who made it"), ({"credit": "  "}, "Please say who made it"),
        ({"credit": "x" * 201}, "200"), ({"alternative_en": ""}, "Please say what is to be seen"),
        ({"kind": ""}, "a picture or a logo"), ({"kind": "film"}, "a picture or a logo"),
        ({"caption_en": "x" * 401}, "400"), ({"caption_en": "<script>alert(1)</script>"}, 'class="error"'),
        ({"credit": "<img src=x onerror=alert(1)>"}, 'class="error"'), ({"file": ""}, "Please choose a file."),
        ({"file": sent(b"")}, "empty"), ({"file": sent(b"<svg/>", "logo.png")}, "This is an SVG."),
        ({"file": sent(picture("GIF", mode="P"), "stage.png")}, "This is a GIF."),
        ({"file": sent(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)}, "This is no JPEG"),
        ({"file": sent(picture("WEBP", (2000, 1501), mode="L"))}, "megapixels"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_explained_and_kept(desk: Client, changes: dict[str, Any], wrong: str) -> None:
    answer = desk.post(PAGE, filled(file=sent(picture())) | changes)
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert "The first evening" in answer.content.decode() or "caption_en" in changes
    assert not PressPicture.objects.exists()


def test_there_are_so_many_and_each_once(desk: Client) -> None:
    for _n in range(MOST - 1):
        offered()
    assert desk.post(PAGE, filled(file=sent(picture()))).status_code == 422  # there already
    assert "there already" in desk.post(PAGE, filled(file=sent(picture()))).content.decode()
    assert desk.post(PAGE, filled(file=sent(picture(size=(20, 20))))).status_code == 303
    assert 'type="file"' not in desk.get(PAGE).content.decode()
    answer = desk.post(PAGE, filled(file=sent(picture(size=(21, 20)))))
    assert answer.status_code == 422
    assert "the most that are possible" in answer.content.decode()
    assert PressPicture.objects.count() == MOST
    row = PressPicture.objects.first()
    assert row
    row.pk, row.sha256 = None, "0" * 64
    for row.place in (MOST + 1, 0, 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_who_adds_at_the_same_moment_gets_another_place() -> None:
    editor()
    failed: list[Exception] = []

    def add(n: int) -> None:
        try:
            offered(picture(size=(40 + n, 40)))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    adding = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for one in adding:
        one.start()
    for one in adding:
        one.join()
    assert failed == []
    assert sorted(PressPicture.objects.values_list("place", flat=True)) == [1, 2, 3, 4]


def test_words_are_changed_and_the_file_stays(desk: Client) -> None:
    made = offered()
    path = f"{PAGE}{made.pk}/"
    assert 'value="Ina Holm"' in desk.get(path).content.decode()
    assert desk.post(path, filled(credit="Ola Ness", kind="logo")).status_code == 303
    now = PressPicture.objects.get()
    assert (now.credit, now.kind, now.caption["fr"]) == ("Ola Ness", "logo", "La première soirée")
    assert (now.sha256, now.place) == (made.sha256, 1)
    wrong = desk.post(path, filled(credit=""))
    assert wrong.status_code == 422
    assert PressPicture.objects.get().credit == "Ola Ness"
    assert desk.get(f"{PAGE}987/").status_code == 404


def test_they_are_ordered_and_deleted(desk: Client) -> None:
    first, second, third = (offered().pk for _n in range(3))
    desk.post(f"{PAGE}{third}/move/", {"to": "1"})
    assert places() == [third, first, second]
    desk.post(f"{PAGE}{third}/move/", {"to": "99"})
    assert places() == [first, second, third]
    for to in ("", "x", "0", "-1", "1e9"):
        assert "Nothing was changed" in desk.post(f"{PAGE}{third}/move/", {"to": to}, follow=True).content.decode()
    desk.post(f"{PAGE}{first}/remove/")
    assert list(PressPicture.objects.order_by("place").values_list("pk", "place")) == [(second, 1), (third, 2)]
    assert "Nothing was changed" in desk.post(f"{PAGE}{first}/remove/", follow=True).content.decode()
    assert Act.objects.filter(about=f"picture {first}", reason="a picture for the press deleted").count() == 1
    assert not services.change(picture_id=first, values={"credit": "x"}, organizer=editor())


# --- Who is read beyond the bound of all forms -----------------------------------------------------------------------
def test_others_are_refused_before_the_file_is_read(client: Client) -> None:
    viewer = enter(Client(), organizer("vera", role=Role.VIEWER))
    for browser in (client, viewer, enter(Client(), organizer("mona", role=Role.MODERATOR))):
        assert browser.post(PAGE, filled(file=sent(NOISE))).status_code in (302, 403)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = browser.cookies
        assert strict.post(PAGE, filled(file=sent(NOISE))).status_code == 403  # without a cookie for the token
        strict.cookies["csrf"] = "x" * 32
        assert strict.post(PAGE, filled(file=sent(NOISE))).status_code == 413
    assert not PressPicture.objects.exists()


def test_what_is_larger_than_it_may_be_is_not_read(desk: Client) -> None:
    answer = desk.post(PAGE, filled(file=sent(picture())), CONTENT_LENGTH=str(LARGEST + 1))
    assert answer.status_code == 413
    assert "larger than 8 MB" in answer.content.decode()
    path = f"{PAGE}{offered().pk}/"
    assert desk.post(path, filled(file=sent(b"x" * (MOST_BYTES + 1)))).status_code == 413  # no other page takes more


def test_the_token_stands_in_the_form_with_the_file(olga: AbstractBaseUser) -> None:
    browser = enter(Client(enforce_csrf_checks=True), olga)
    found = re.search(r'"csrfmiddlewaretoken" value="(\w+)"', browser.get(PAGE).content.decode())
    assert found
    wrong: list[tuple[str, dict[str, str]]] = [("", {}), ("x" * 64, {}), (found[1], {"origin": "https://evil.example"})]
    for token, headers in wrong:
        answer = browser.post(PAGE, filled(file=sent(NOISE), csrfmiddlewaretoken=token), headers=headers)
        assert answer.status_code == 403
        assert not PressPicture.objects.exists()
    assert browser.post(PAGE, filled(file=sent(NOISE), csrfmiddlewaretoken=found[1])).status_code == 303
    assert PressPicture.objects.exists()


def test_a_broken_form_and_several_files_are_refused(desk: Client) -> None:
    for body in (b"", b"--b\r\nbroken", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx'):
        answer = desk.generic("POST", PAGE, body, "multipart/form-data; boundary=b")
        assert answer.status_code in (400, 422)
    assert desk.post(PAGE, filled(file=[SimpleUploadedFile(f"{n}.png", b"x") for n in range(101)])).status_code == 400
    assert desk.post(PAGE, filled(file=sent(picture()))).status_code == 303  # the next one is read


def test_one_picture_at_a_time_is_read(desk: Client, olga: AbstractBaseUser) -> None:
    """Whoever sends slowly keeps one thread, and one picture is drawn at a time."""
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nx\r\n--b--\r\n'
    began, go_on, answers = threading.Event(), threading.Event(), list[int]()
    told = RequestFactory().post(PAGE).META | {"CONTENT_TYPE": "multipart/form-data; boundary=b"}
    told |= {"HTTP_COOKIE": "csrf=" + "x" * 32}  # so that the form is read for its token
    slow = WSGIRequest(told | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": Held(body, began, go_on)})
    slow.user = olga  # type: ignore[assignment]

    def send_slowly() -> None:
        try:
            answers.append(pictures(slow).status_code)
        finally:
            connection.close()

    sender = threading.Thread(target=send_slowly)
    sender.start()
    assert began.wait(20)
    other = desk.post(PAGE, filled(file=sent(picture())))
    words = desk.get(PAGE).status_code
    go_on.set()
    sender.join()
    assert (other.status_code, words, answers) == (429, 200, [403])
    assert "Another file is being read" in other.content.decode()
    assert desk.post(PAGE, filled(file=sent(picture()))).status_code == 303


def test_the_page_for_the_press_leads_there(desk: Client) -> None:
    text()
    for page in ("/desk/settings/", "/desk/settings/press/en/"):
        assert PAGE in desk.get(page).content.decode()
