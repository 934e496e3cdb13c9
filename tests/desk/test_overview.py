"""The first page of the desk: what needs a person now, by role; true after each act; and the day in figures."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from signatories.desk.duplicates import finding
from signatories.desk.overview import waiting
from signatories.models import (
    Act,
    Alarm,
    DuplicateGroup,
    Edition,
    GatheredBatch,
    HourlyFigure,
    Organizer,
    Report,
    Signature,
    Signup,
    WatchedName,
)
from signatories.models.figures import What
from signatories.models.organizer import Role
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.tally import hourly
from signatories.tally import services as tally
from tests.desk.exports import ask
from tests.partners.partners import partner
from tests.people import ADDRESS, enter, organizer, post_form, signed, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOUR = timedelta(hours=1)
ALL = ["Signatures to decide", "Alarms", "Reports", "Exports that wait for your approval", "Gathered names to approve",
       "Doubles", "Mails that wait to be sent", "Mails of the last day that failed",
       "Editions and lists that failed"]  # fmt: skip
OF_MODERATORS = [ALL[n] for n in (0, 1, 2, 5, 6, 7)]


def come_in(role: Role, name: str = "vera") -> Client:
    return enter(Client(), organizer(name, role=role))


def page_of(browser: Client) -> str:
    return browser.get("/desk/").content.decode().replace("\xa0", " ")


def lines(page: str) -> dict[str, tuple[str, str]]:
    """Each line of what waits: how many, and since when."""
    found = re.findall(
        r'<tr class="whole".*?<a [^>]*>(.*?)</a></th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>', page, re.DOTALL
    )
    return {html.unescape(words): (count, age) for words, count, age in found}


def parts(page: str) -> dict[str, tuple[str, str]]:
    """The parts of the lines."""
    rows = re.findall(r'<tr class="part">(.*?)</tr>', page, re.DOTALL)
    texts = [[re.sub(r"<[^>]*>|{#.*?#}", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
             for row in rows]  # fmt: skip
    return {html.unescape(words): (count, age) for words, count, age in texts}


def held(code: str, hours: int, number: int = 1) -> list[Signature]:
    """So many wait for a reason since so many hours."""
    rows = []
    for _ in range(number):
        n = Signature.objects.count()
        rows.append(signed(address=f"h{n}@example.org", name=f"{'ABCDEFGHIJ'[n % 10]}nselm Fairweather"))
        Signature.objects.filter(pk=rows[-1].pk).update(
            state=State.HELD, held_for=[code], confirmed_at=timezone.now() - hours * HOUR
        )
    return rows


@pytest.fixture
def _of_everything(desk: Client) -> None:
    """Something of all that can wait."""
    one, two = signed(address="one@example.org"), signed(address="two@example.org")
    assert one.pk != two.pk
    finding.look(timezone.now())
    held("many-of-domain", 2)
    Alarm.objects.create(kind="network", subject="00", words="60 forms came from one network.")
    Report.objects.create(signature=one, wrong=ReportKind.OTHER, words="Wrong.", language="en")
    for name in ("failed", "waits"):
        post_form(Client(), name=f"Aveline {name.capitalize()}", email=f"{name}@example.org")
    failed, row = Signup.objects.order_by("pk")[Signup.objects.count() - 2 :]
    Signup.objects.filter(pk=failed.pk).update(mail_state="undeliverable", mail_error="SMTP 550")
    Signup.objects.filter(pk=row.pk).update(mail_state="waiting", mail_due_at=timezone.now() - 3 * HOUR)
    Signup.objects.exclude(pk=row.pk).filter(mail_state="waiting").update(mail_state="sent")
    Edition.objects.create(state="failed", error="OSError: [Errno 28] No space left on device")
    GatheredBatch.objects.create(partner=partner(), language="en", state="asked")
    Organizer.objects.update(created_at=timezone.now() - timedelta(days=9))
    boris = enter(Client(), organizer("boris"))
    ask(boris)


@pytest.mark.usefixtures("_of_everything")
@pytest.mark.parametrize(
    ("role", "expected"),
    [(Role.VIEWER, []), (Role.MODERATOR, OF_MODERATORS), (Role.EDITOR, [ALL[8]]), (Role.ADMINISTRATOR, ALL)],
)
def test_each_role_sees_what_it_may_do_with_a_way_there(role: Role, expected: list[str]) -> None:
    browser = come_in(role)
    page = page_of(browser)
    assert sorted(lines(page)) == sorted(expected)
    assert {count for count, _age in lines(page).values()} <= {"1"}
    assert ("Nothing here is for you to decide." in page) is (role == Role.VIEWER)
    assert "Nothing waits" not in page
    for address in re.findall(r'<a id="line-[a-z]+" href="([^"]*)"', page):
        assert browser.get(address).status_code in (200, 302), address  # a page that asks for the second factor


def test_where_nothing_waits_one_sentence_says_so(desk: Client) -> None:
    text()
    page = page_of(desk)
    assert "Nothing waits." in page
    assert lines(page) == {}
    assert 'class="tiles"' in page and "Nobody has asked to sign yet" in page


def test_who_waits_is_told_by_reason_with_the_oldest_of_each(desk: Client) -> None:
    held("many-of-domain", 3, number=2)
    held("crowd", 5)
    held("unsolved", 7)
    held("looks-like:Cassius Moonwright", 1)
    held("something-new", 1)
    page = page_of(desk)
    assert lines(page)["Signatures to decide"] == ("6", "7 hours")
    assert parts(page) == {
        "One of many from one mail domain": ("2", "3 hours"), "One of many from one network": ("2", "7 hours"),
        "Looks like a watched name": ("1", "1 hour"), "Something-new": ("1", "1 hour"),
    }  # fmt: skip


def test_the_oldest_is_measured_by_what_signers_were_told(desk: Client) -> None:
    held("many-of-domain", 23)
    late = "Longer than signers were told"
    assert late not in page_of(desk)
    Signature.objects.update(confirmed_at=timezone.now() - 25 * HOUR)
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        cache.clear()
        assert late in page_of(desk)
    told = Path(settings.BASE_DIR) / "templates/mine/state.html"
    assert "usually within a day" in told.read_text()
    assert timedelta(days=1) == waiting.PROMISED


def test_a_decision_is_seen_at_once_and_undone_from_here(desk: Client) -> None:
    one, two = held("many-of-domain", 2, number=2)
    assert lines(page_of(desk))["Signatures to decide"][0] == "2"
    desk.post(f"/desk/signatures/{one.pk}/decide/", {"verb": "reject", "reason": "Invented."})
    page = page_of(desk)
    assert lines(page)["Signatures to decide"][0] == "1"
    (undo,) = re.findall(r'action="(/desk/acts/\d+/undo/)"', page)
    assert f"Signature {one.pk}" in page and f"Signature {two.pk}" not in page
    desk.post(undo)
    page = page_of(desk)
    assert lines(page)["Signatures to decide"][0] == "2"
    one.refresh_from_db()
    assert one.state == State.HELD


def test_others_decisions_and_those_that_went_on_are_not_offered_to_undo(desk: Client, olga: AbstractBaseUser) -> None:
    one, two, three = held("many-of-domain", 2, number=3)
    mona = come_in(Role.MODERATOR, "mona")
    for browser, row in ((desk, one), (mona, two), (desk, three)):
        browser.post(f"/desk/signatures/{row.pk}/decide/", {"verb": "publish", "reason": "Known."})
    mona.post(f"/desk/signatures/{three.pk}/decide/", {"verb": "hold", "reason": "Wait."})
    own = Act.objects.get(signature=one, organizer=olga.pk)
    assert re.findall(r'action="(/desk/acts/\d+/undo/)"', page_of(desk)) == [f"/desk/acts/{own.pk}/undo/"]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        enter(desk, olga)
        assert "/undo/" not in page_of(desk)


def test_at_most_five_own_decisions_are_offered(desk: Client) -> None:
    for row in held("many-of-domain", 2, number=7):
        desk.post(f"/desk/signatures/{row.pk}/decide/", {"verb": "publish"})
    assert page_of(desk).count("/undo/") == 5


def test_only_alarms_that_the_reader_answers(desk: Client) -> None:
    text()
    Alarm.objects.create(kind="looks", subject="7 2026-11-28", words="mona looked at 30 addresses.")
    Alarm.objects.create(kind="mail", words="Mail waits.", closed_at=timezone.now())
    moderator = come_in(Role.MODERATOR)
    assert lines(page_of(moderator)) == {}
    assert lines(page_of(desk)) == {"Alarms": ("1", "just now")}
    assert "An organizer looks at many addresses" in page_of(desk)


def test_many_doubles_are_not_counted_to_the_end(desk: Client) -> None:
    text()
    DuplicateGroup.objects.bulk_create(
        DuplicateGroup(skeleton=f"s{n}", profession="singer", members=[2 * n, 2 * n + 1], score=1) for n in range(52)
    )
    assert lines(page_of(desk))["Doubles"][0] == "50 or more"
    DuplicateGroup.objects.filter(skeleton__in=["s1", "s2", "s3", "s4"]).delete()
    assert lines(page_of(desk))["Doubles"][0] == "48"


def test_an_export_waits_for_another_administrator_than_the_one_who_asked(desk: Client, boris: Client) -> None:
    text()
    Organizer.objects.update(created_at=timezone.now() - timedelta(days=9))
    ask(desk)
    assert "Exports that wait for your approval" not in lines(page_of(desk))
    assert lines(page_of(boris))["Exports that wait for your approval"][0] == "1"


def test_an_edition_that_failed_is_told_until_one_is_ready(desk: Client) -> None:
    text()
    Edition.objects.create(state="failed", error="OSError")
    assert lines(page_of(desk))["Editions and lists that failed"][0] == "1"
    Edition.objects.create(state="ready", number=1, as_of=timezone.now())
    assert lines(page_of(desk)) == {}


def test_no_name_and_no_address_of_a_signer_stands_on_the_page(desk: Client) -> None:
    WatchedName.objects.create(name="Cassius Moonwright", note="Ask his choir.")
    shown = signed(name="Zyxwina Markerley", address="zyxw@zyxwmarker.example", affiliation="Zyxwmarker")
    signed(name="Cassius Moonwright", address="c@zyxwmarker.example")
    Report.objects.create(signature=shown, wrong=ReportKind.OTHER, words="Zyxw", language="en")
    hold = {"verb": "hold", "reason": "Zyxw is invented."}
    desk.post(f"/desk/signatures/{shown.pk}/decide/", hold, follow=True)
    hourly.count(timezone.now())
    page = page_of(desk)
    assert lines(page)["Signatures to decide"][0] == "2"
    assert not re.search("zyxw|moonwright|choir", page, re.IGNORECASE)
    assert ADDRESS not in page


def test_each_plot_has_a_table_behind_it_with_the_same_numbers(desk: Client) -> None:
    now = timezone.now()
    for n in range(6):
        signed(address=f"p{n}@gmail.com", name=f"Person {'ABCDEF'[n]}shgrove", country="IE")
    tally.fold()
    this_hour = hourly.full_hour(now)
    HourlyFigure.objects.create(hour=this_hour - 3 * HOUR, what=What.ASKED, count=1234)
    hourly.count(now)
    page = page_of(desk)
    figures = dict(re.findall(r'<figure class="figure" id="(\w+)">(.*?)</figure>', page, re.DOTALL))
    assert list(figures) == ["hours", "days", "domains", "languages", "professions", "countries"]
    for slug, figure in figures.items():
        assert f'aria-labelledby="plot-{slug}"' in figure and f'id="plot-{slug}"' in figure
        assert figure.count("<table>") == 1 and "style=" not in figure
    rows = {slug: re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", figure) for slug, figure in figures.items()}
    cells = {slug: {label: re.findall(r"<td>(.*?)</td>", found) for label, found in of} for slug, of in rows.items()}
    assert len(cells["hours"]) == 24 and len(cells["days"]) == 30
    assert cells["hours"][f"{this_hour:%H:%M}"] == ["6", "6", "6"]
    assert cells["hours"][f"{this_hour - 3 * HOUR:%H:%M}"] == ["1,234", "0", "0"]
    assert cells["domains"] == {"gmail.com": ["6", "0", "6", "6"], "all others": ["1,234", "0", "0", "0"]}
    assert cells["languages"] == {"English": ["6"]}


def test_the_number_of_queries_does_not_grow(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    text()
    desk.get("/desk/numbers/")  # notes that the session is in use, as every five minutes
    most = 42
    with django_assert_max_num_queries(most):
        desk.get("/desk/")
    for n in range(12):
        held("many-of-domain", n)
    for row in Signature.objects.order_by("pk")[:8]:
        desk.post(f"/desk/signatures/{row.pk}/decide/", {"verb": "publish"})
        Report.objects.create(signature=row, wrong=ReportKind.OTHER, words="Wrong.", language="en")
        Alarm.objects.create(kind="domain", subject=f"{row.pk}.example", words="Many.")
    for n in range(5):
        enter(browser := Client(), organizer(f"colleague-{n}")).get("/desk/")
        assert browser.get("/desk/").status_code == 200
    hourly.count(timezone.now())
    cache.clear()
    with django_assert_max_num_queries(most):
        desk.get("/desk/")


def test_counting_who_waits_is_shared_for_ten_seconds(
    desk: Client, boris: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    held("many-of-domain", 2)
    assert lines(page_of(desk))["Signatures to decide"][0] == "1"
    Signature.objects.all().update(state=State.PUBLISHED, number=1, published_at=timezone.now())  # no act of anybody
    assert lines(page_of(boris))["Signatures to decide"][0] == "1"
    cache.clear()  # as after ten seconds
    assert lines(page_of(boris)) == {}


def test_with_htmx_only_what_changes_is_answered(desk: Client) -> None:
    held("many-of-domain", 2)
    hourly.count(timezone.now())
    part = desk.get("/desk/", headers=HTMX).content.decode()
    assert "<html" not in part and "<figure" not in part
    assert lines(part)["Signatures to decide"][0] == "1"
    assert 'id="as-of" hx-swap-oob="true"' in part


def test_the_page_asks_for_itself_and_has_a_link_for_browsers_without_script(desk: Client) -> None:
    text()
    page = page_of(desk)
    assert 'hx-get="/desk/" hx-trigger="every 20s, renew"' in page
    assert '<a href="/desk/">Renew</a>' in page
    assert 'id="news" role="status"' in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_begins_here(role: Role) -> None:
    text()
    response = come_in(role).get("/desk/")
    assert response.status_code == 200
    assert "<h1>Overview</h1>" in response.content.decode()
