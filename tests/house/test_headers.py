"""What every page promises a browser (T36, T39)."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from signatories.mail import messages
from signatories.mine import services
from tests.people import enter, organizer, post_form, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
PUBLIC = [
    "/",
    "/fr/",
    "/signatories/",
    "/press/",
    "/about/",
    "/privacy/",
    "/confirm/",
    "/sign/sent/",
    "/nowhere/",
    "/accounts/login/",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_nothing_from_elsewhere_and_nothing_inline(client: Client, path: str) -> None:
    signed()
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", page)
    for url in re.findall(r'(?:src|href|action)="(https?:)?//([^/"]+)', page):
        assert url[1] == "testserver"


def test_nobody_frames_a_private_page_or_keeps_it(client: Client, mailbox: Catcher) -> None:
    """T36, T39: what has a button that acts for one person."""
    mail = sign_up(client, mailbox)
    sent = post_form(client, email="sent@example.org")["Location"]
    stays, goes = (signed(address=f"{who}@example.org", name=f"Person {who}") for who in ("stays", "goes"))
    services.withdraw(signature_id=goes.pk, now=timezone.now())
    goes.refresh_from_db()
    own = f"/mine/{messages.own_link(stays, timezone.now().date())}/"
    private = {
        mail.path("confirm"): "Aveline Ashgrove", own: "Person stays", f"{own}withdraw/": "<form",
        f"/mine/undo/{messages.undo_link(goes)}/": "<form", sent: "sent@example.org", mail.path("stop"): "<form",
    }  # fmt: skip
    for path, words in private.items():
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert words in answer.content.decode(), path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path
        assert answer["X-Frame-Options"] == "DENY", path
        assert "no-store" in answer["Cache-Control"], path
        assert answer["X-Robots-Tag"] == "noindex", path


def test_the_desk_is_clean_too(client: Client) -> None:
    signature = signed()
    enter(client, organizer())
    for path in (f"signatures/{signature.pk}/", "trail/", "settings/watched/", "editions/", "texts/2/", "mails/"):
        response = client.get(f"/desk/{path}")
        assert response.status_code == 200
        assert "unsafe" not in response["Content-Security-Policy"]


def test_robots_are_kept_from_private_pages(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /confirm/" in text
    assert "Disallow: /signatories/" not in text


def test_the_mailbox_of_the_demo_is_not_part_of_an_installation(client: Client) -> None:
    assert client.get("/mailbox/").status_code == 404
    assert client.get("/mailbox/messages.json").status_code == 404


def test_health(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
