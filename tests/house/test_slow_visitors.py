"""T33: whoever sends slowly keeps nobody else from being answered. Real proxy with our file, real web server."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import Client

from signatories.models import GatheredBatch, Signup
from tests.gathering.gathering import gathering_partner
from tests.house.serving import Site, proxy, web
from tests.partners.partners import officer
from tests.people import enter, form, from_everywhere, organizer, text

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 200


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The proxy in front of a web server with the threads of docker-compose.yml."""
    text()
    from_everywhere()
    with web(tmp_path / "web.log", threads=8) as behind, proxy(tmp_path, behind) as front:
        yield front


def test_two_hundred_who_send_a_letter_now_and_then(site: Site) -> None:
    lines = [site.begin("/sign/", 500, b"name=") for _ in range(SLOW)]
    try:
        for n in range(5):
            for line in lines:
                line.sendall(b"a")
            assert site.ask("POST", "/sign/", form(email=f"p{n}@example.org"), seconds=10).status == 303
            assert site.ask("GET", "/confirm/", seconds=10).status == 200
    finally:
        for line in lines:
            line.close()
    assert Signup.objects.count() == 5


def test_who_never_ends_a_head_or_a_body_keeps_nobody_either(site: Site) -> None:
    whole = [site.begin("/sign/", 500, b"n" * 499) for _ in range(SLOW)]
    heads = [site.send(b"POST /sign/ HTTP/1.1\r\nHost: testserver\r\nX: ") for _ in range(SLOW)]
    try:
        assert site.ask("POST", "/sign/", form(), seconds=10).status == 303
    finally:
        for line in [*whole, *heads]:
            line.close()
    assert Signup.objects.count() == 1


def test_a_slow_form_that_is_complete_in_the_end_is_taken(site: Site) -> None:
    body = b"&".join(f"{name}={value}".replace("@", "%40").replace(" ", "+").encode() for name, value in form().items())
    line = site.begin("/sign/", len(body))
    for begin in range(0, len(body), 40):
        line.sendall(body[begin : begin + 40])
        assert site.ask("GET", "/confirm/").status == 200
    assert line.recv(100).startswith(b"HTTP/1.1 303")
    line.close()
    assert Signup.objects.count() == 1


def test_large_bodies_are_answered_before_or_behind_the_proxy(site: Site) -> None:
    for size in (200_000, 280_000, 3_000_000):
        said = site.ask("POST", "/sign/", {"name": "x" * size}, seconds=10)
        assert said.status == (422 if size < 256 * 1024 else 413), size
        assert (said.status == 422) is ("256 KB" not in said.body), size
    assert not Signup.objects.exists()


FILE = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
PICTURES = "/desk/settings/pictures/"


@pytest.mark.parametrize("path", ["/press/verify/", "/sign/", "/desk/partners/new/", PICTURES, "/partner/names/"])
def test_slow_files_keep_nobody_from_being_answered(site: Site, path: str) -> None:
    """More than the proxy buffers is on its way, and never ends: to the page that takes files, and to others."""
    lines = [site.begin(path, 10_000_000, HEAD, kind=FILE) for _ in range(40)]
    try:
        for line in lines:
            with suppress(OSError):  # where it is refused at once
                line.sendall(b"x" * 400_000)
        for n in range(3):
            assert site.ask("POST", "/sign/", form(email=f"p{n}@example.org"), seconds=10).status == 303
    finally:
        for line in lines:
            line.close()


def test_a_file_to_check_comes_through_the_proxy_and_no_other_form_takes_one(site: Site) -> None:
    body = (HEAD + b"x" * 3_000_000 + TAIL).decode()
    said = site.ask("POST", "/press/verify/", headers={"Content-Type": FILE}, body=body)
    assert (said.status, "sha256=" in said.headers["location"]) == (302, True)
    assert site.ask("POST", "/sign/", headers={"Content-Type": FILE}, body=body).status == 413
    larger = (HEAD + b"x" * 17_000_000 + TAIL).decode()
    with suppress(ConnectionError):  # the proxy may hang up while we still send
        assert site.ask("POST", "/press/verify/", headers={"Content-Type": FILE}, body=larger).status == 413


def test_names_come_through_the_proxy_from_a_partner_alone(site: Site) -> None:
    union = officer(gathering_partner())
    page = union.get("/partner/names/").content.decode()
    token = page.partition('"csrfmiddlewaretoken" value="')[2].partition('"')[0]
    cookies = "; ".join(f"{name}={one.value}" for name, one in union.cookies.items())
    words = {"csrfmiddlewaretoken": token, "language": "en"}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in words.items())
    for size, cookie, statuses in (
        (1_900_000, cookies, {303}),
        (2_200_000, cookies, {413}),
        (1_900_000, "csrf=" + "x" * 32, {413, 503}),  # 503: hung up on the proxy, which was still sending
    ):
        body = parts + (HEAD + b"x" * size + TAIL).decode()
        with suppress(ConnectionError):  # the proxy may hang up while we still send
            said = site.ask("POST", "/partner/names/", headers={"Content-Type": FILE, "Cookie": cookie}, body=body)
            assert said.status in statuses, size
    assert GatheredBatch.objects.count() == 1


def test_a_picture_for_the_press_comes_through_the_proxy_from_an_organizer_alone(site: Site) -> None:
    browser = enter(Client(), organizer())
    page = browser.get(PICTURES).content.decode()
    token = page.partition('"csrfmiddlewaretoken" value="')[2].partition('"')[0]
    cookies = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    words = {"csrfmiddlewaretoken": token, "kind": "picture", "credit": "Ina Holm", "alternative_en": "A stage"}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in words.items())
    for size, cookie, statuses in (
        (3_000_000, cookies, {422}),
        (8_100_000, cookies, {413}),
        (3_000_000, "csrf=" + "x" * 32, {413, 503}),  # 503: hung up on the proxy, which was still sending
    ):
        body = parts + (HEAD + b"x" * size + TAIL).decode()
        with suppress(ConnectionError):  # the proxy may hang up while we still send
            said = site.ask("POST", PICTURES, headers={"Content-Type": FILE, "Cookie": cookie}, body=body)
            assert said.status in statuses, size
            assert ("This is no JPEG" in said.body) is (said.status == 422)
