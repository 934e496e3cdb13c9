"""Numbers in the address line that nobody means: every page answers, whatever stands there (C21)."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from tests.people import signed, text

pytestmark = pytest.mark.django_db

NUMBERS = ["9" * 5000, "9" * 19, "-1", "0", "１２", "²", "1.5", "1\x00"]
PUBLIC = [
    "/signatories/?after={}", "/signatories/?before={}", "/signatories/?after=A.{}", "/signatories/?letter={}", "/signatories/?q={}",
    "/signatories/?after=a.{0}&before=b.{0}", "/report/?number={}", "/mine/undo/{}.x/", "/signatories/{}/", "/press/editions/{}/",
    "/sign/sent/?to={}", "/confirm/{}.x/",
]  # fmt: skip
DESK = [
    "/desk/?after={}", "/desk/trail/?before={}", "/desk/trail/?organizer={}", "/desk/trail/?before={0}&organizer={0}", "/desk/doubles/?after=1.{}",
    "/desk/doubles/?after={}.1", "/desk/reports/?after=1.1.{}.1", "/desk/reports/?after=1.1.1.{}", "/desk/notable/?number={}", "/desk/signatures/{}/", "/desk/signups/{}/", "/desk/alarms/{}/",
    "/desk/mails/?before={}", "/desk/mails/?before={0}-1-{0}", "/desk/editions/?before={}", "/desk/texts/{}/", "/desk/texts/{}/publish/",
]  # fmt: skip


@pytest.mark.parametrize("page", PUBLIC)
def test_strangers_pages(client: Client, page: str) -> None:
    text()
    for number in NUMBERS:
        assert client.get(page.format(number)).status_code < 500, number[:20]


@pytest.mark.parametrize("page", DESK)
def test_pages_of_the_desk(desk: Client, page: str) -> None:
    signed()
    for number in NUMBERS:
        assert desk.get(page.format(number)).status_code < 500, number[:20]


def test_what_organizers_post(desk: Client, olga: AbstractBaseUser) -> None:
    signature = signed()
    for number in NUMBERS:
        for path in (
            "/desk/notable/add/",
            f"/desk/notable/{signature.pk}/move/",
            "/desk/settings/limits/",
            "/desk/find/",
        ):
            typed = {"to": number, "number": number, "q": number, "free_per_network": number, "reason": "x"}
            assert desk.post(path, typed).status_code < 500, (path, number[:20])
