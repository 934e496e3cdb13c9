"""Who is at the desk, and on what: noted with each page, at most every 20 seconds, and gone at log-out."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.desk import urls
from signatories.desk.presence import services as presence
from signatories.desk.presence.words import PAGES
from signatories.models import Presence
from signatories.models.organizer import Role
from signatories.privacy import retention
from tests.partners.partners import officer, partner
from tests.people import enter, organizer, signed, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def come_in(name: str, role: Role = Role.MODERATOR) -> Client:
    return enter(Client(), organizer(name, role=role))


def there(page: str) -> list[str]:
    """The list of who is at the desk, each in one line of words."""
    found = page.partition('class="there"')[2].partition("</ul>")[0]
    return [" ".join(re.sub(r"<[^>]*>", " ", item).split()) for item in found.split("<li")[1:]]


def row_version() -> str:
    """What PostgreSQL changes whenever the one row is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text || seen_at FROM signatories_presence")
        return str(cursor.fetchone()[0])


def names(found: list[presence.Present]) -> list[str]:
    return [one.name for one in found]


def test_two_people_see_each_other_and_what_each_looks_at(desk: Client) -> None:
    signature = signed()
    mona = come_in("mona")
    mona.get(f"/desk/signatures/{signature.pk}/")
    seen = there(desk.get("/desk/").content.decode())
    assert [item.lstrip("> ") for item in seen] == ["olga (you) Overview", f"mona Find, signature {signature.pk}"]
    assert f"/desk/signatures/{signature.pk}/" in desk.get("/desk/").content.decode()
    assert any("olga Overview" in item for item in there(mona.get("/desk/").content.decode()))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_who_may_not_see_people_is_not_told_which_signature(role: Role) -> None:
    signature = signed()
    come_in("mona").get(f"/desk/signatures/{signature.pk}/")
    page = come_in("vera", role).get("/desk/").content.decode()
    assert any("mona Find" in item for item in there(page))
    assert f"signature {signature.pk}" not in page
    assert f"/desk/signatures/{signature.pk}/" not in page


def test_on_one_page_nothing_is_written_for_twenty_seconds(desk: Client) -> None:
    text()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        desk.get("/desk/numbers/")
        written = row_version()
        for _ in range(3):
            clock.shift(6 * SECOND)
            desk.get("/desk/numbers/")
        assert row_version() == written
        clock.shift(3 * SECOND)
        desk.get("/desk/numbers/")
        assert row_version() != written
        written = row_version()
        desk.get("/desk/")  # another page is noted at once
        assert row_version() != written
    assert Presence.objects.get().page == "desk"


def test_after_two_minutes_one_is_away_and_after_thirty_no_more_active(olga: AbstractBaseUser) -> None:
    now = timezone.now()
    presence.note(account=olga, page="desk-queue", subject="", now=now)
    for later, at_the_desk, active in ((MINUTE, True, True), (3 * MINUTE, False, True), (31 * MINUTE, False, False)):
        assert names(presence.at_the_desk(now + later)) == ["olga"] * at_the_desk
        assert names(presence.active(now + later)) == ["olga"] * active
        assert Presence.objects.active(now + later).exists() is active


def test_who_went_away_is_shown_with_the_minutes(desk: Client) -> None:
    text()
    with time_machine.travel(timezone.now() - 12 * MINUTE):
        come_in("mona").get("/desk/queue/")
    assert any(
        "mona 12 minutes ago" in item for item in there(desk.get("/desk/").content.decode().replace("\xa0", " "))
    )


def test_an_open_window_keeps_nobody_active_and_no_session_alive(desk: Client) -> None:
    """Else two people would count as being there, of whom one went home."""
    text()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        desk.get("/desk/")
        ends = Session.objects.get().expire_date
        for _ in range(40):
            clock.shift(MINUTE)
            assert desk.get("/desk/", headers=HTMX).status_code == 200
        later = now + 40 * MINUTE
        assert names(presence.at_the_desk(later)) == ["olga"]
        assert presence.active(later) == []
        assert Session.objects.get().expire_date == ends
        desk.get("/desk/")
        assert names(presence.active(later)) == ["olga"]
        assert Session.objects.get().expire_date > ends


def test_an_older_moment_moves_nobody_back(olga: AbstractBaseUser) -> None:
    now = timezone.now()
    presence.note(account=olga, page="desk", subject="", now=now)
    presence.note(account=olga, page="desk-queue", subject="", now=now - MINUTE)
    assert Presence.objects.get().seen_at == now


def test_signing_out_ends_it(desk: Client) -> None:
    text()
    desk.get("/desk/")
    assert Presence.objects.count() == 1
    desk.post("/accounts/logout/")
    assert not Presence.objects.exists()


def test_it_is_purged_after_a_day(olga: AbstractBaseUser) -> None:
    now = timezone.now()
    presence.note(account=olga, page="desk", subject="", now=now)
    retention.purge(now + timedelta(hours=23))
    assert Presence.objects.exists()
    retention.purge(now + timedelta(hours=25))
    assert not Presence.objects.exists()


def test_a_closed_account_and_one_without_a_role_are_not_there(olga: AbstractBaseUser) -> None:
    now = timezone.now()
    closed, without = organizer("carl"), organizer("nora", role=None)
    for account in (olga, closed, without):
        presence.note(account=account, page="desk", subject="", now=now)
    get_user_model().objects.filter(pk=closed.pk).update(is_active=False)
    assert names(presence.active(now)) == names(presence.at_the_desk(now)) == ["olga"]


def test_accounts_of_partners_leave_no_trace() -> None:
    text()
    browser = officer(partner())
    assert browser.get("/partner/").status_code == 200
    assert browser.get("/desk/").status_code == 403
    assert Client().get("/desk/").status_code == 302
    assert not Presence.objects.exists()


def test_a_refused_page_is_not_noted(client: Client) -> None:
    enter(client, organizer("vera", role=Role.VIEWER))
    assert client.get("/desk/queue/").status_code == 403
    assert not Presence.objects.exists()


def test_every_page_of_the_desk_has_words() -> None:
    """A page without would be told as the overview."""
    without = [str(p.name) for p in urls.urlpatterns if not str(p.name).startswith(tuple(PAGES))]
    assert without == ["desk"]


def test_what_is_decided_is_told_of_its_signature(desk: Client) -> None:
    signature = signed()
    desk.post(f"/desk/signatures/{signature.pk}/decide/", {"verb": "hold", "reason": "Wait."})
    (one,) = presence.at_the_desk(timezone.now())
    assert (one.page, one.subject, one.signature) == ("Waiting", f"signature {signature.pk}", signature.pk)


def test_moments_are_those_of_the_request(desk: Client) -> None:
    text()
    at = datetime(2027, 3, 1, 9, 0, tzinfo=timezone.now().tzinfo)
    with time_machine.travel(at, tick=False):
        enter(desk, get_user_model().objects.get())
        desk.get("/desk/")
    assert Presence.objects.get().seen_at == at
