"""Organizers change settings on one page: with an end if they wish, each change on record, live everywhere at once."""

import importlib
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declaration.models import Switches
from signatories import tasks
from signatories.desk.settings import changes
from signatories.models import Act, Limits, Setting
from signatories.models.act import Actor
from signatories.models.organizer import Role
from signatories.models.settings import ABOUT, DEFAULTS, current, forget_settings
from tests.desk.settings_page import NUMBERS, SWITCHES, filled, send, set_at_desk
from tests.people import enter, organizer, post_form, read_mail, rules_anew, set_to, sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def minute(moment: datetime) -> str:
    """A moment as the browser's field holds it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def told() -> list[str]:
    return list(Act.objects.of_the_desk().order_by("pk").values_list("reason", flat=True))


def test_what_is_saved_untouched_changes_nothing(desk: Client) -> None:
    for path in (SWITCHES, NUMBERS):
        page = desk.post(path, filled(desk, path), follow=True).content.decode()
        assert "Nothing was changed" in page
    assert not Setting.objects.exists()
    assert told() == []


def test_every_setting_stands_on_a_page_with_its_words(desk: Client) -> None:
    shown = filled(desk, SWITCHES) | filled(desk, NUMBERS)
    for name, about in ABOUT.items():
        assert f"{name}_until" in shown, name
        assert about.label


def test_a_switch_is_turned_and_turned_back_with_who_and_when(desk: Client) -> None:
    assert current().reminders
    assert set_at_desk(desk, reminders=False).status_code == 303
    assert not current().reminders
    page = desk.get(SWITCHES).content.decode()
    assert re.search(r"Last changed <time[^>]*>[^<]*</time> by olga\.", page)
    assert set_at_desk(desk, reminders=True).status_code == 303
    assert current().reminders
    assert told() == ["reminders: on → off", "reminders: off → on"]
    assert set(Act.objects.of_the_desk().values_list("about", "actor")) == {("setting reminders", Actor.ORGANIZER)}


def test_an_end_brings_back_what_was_before_to_the_second(desk: Client) -> None:
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=2)
    assert set_at_desk(desk, free_per_network=7, free_per_network_until=minute(end), path=NUMBERS).status_code == 303
    assert current().free_per_network == 7
    assert current(end - timedelta(seconds=1)).free_per_network == 7
    assert current(end).free_per_network == DEFAULTS.free_per_network
    assert "then 30" in desk.get(NUMBERS).content.decode()
    assert told() == [f"free_per_network: 30 → 7 until {end:%Y-%m-%d %H:%M} UTC, then 30"]


def test_the_trail_tells_when_an_end_has_come_and_once_only(desk: Client) -> None:
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=2)
    set_at_desk(desk, published_at_once=False, published_at_once_until=minute(end))
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert changes.settle(timezone.now()) == 0
    with time_machine.travel(end + timedelta(seconds=1)):
        forget_settings()
        tasks.watch()
        tasks.watch()
        assert current().published_at_once
    row = Setting.objects.get()
    assert (row.value, row.ends_at, row.afterwards) == (True, None, None)
    assert told()[1:] == [f"published_at_once: off → on, its end until {end:%Y-%m-%d %H:%M} UTC has come"]
    assert Act.objects.latest("pk").actor == Actor.RULE


def test_a_second_end_falls_back_to_what_stood_without_one(desk: Client) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    set_at_desk(desk, NUMBERS, alarm_reports=5)
    set_at_desk(desk, NUMBERS, alarm_reports=9, alarm_reports_until=minute(now + timedelta(hours=1)))
    set_at_desk(desk, NUMBERS, alarm_reports=11, alarm_reports_until=minute(now + timedelta(hours=2)))
    assert current(now + timedelta(minutes=90)).alarm_reports == 11
    assert current(now + timedelta(minutes=121)).alarm_reports == 5


def test_resuming_early_needs_no_end_to_be_emptied(desk: Client) -> None:
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=2)
    set_at_desk(desk, signing_open=False, signing_open_until=minute(end))
    assert not current().signing_open
    assert set_at_desk(desk, signing_open=True).status_code == 303
    row = Setting.objects.get()
    assert (row.value, row.ends_at) == (True, None)


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        (NUMBERS, {"free_per_network": "many"}, "whole number"),
        (NUMBERS, {"free_per_network": ""}, "required"),
        (NUMBERS, {"free_per_network": -1}, "greater than or equal to 0"),
        (NUMBERS, {"free_per_network": 2**31}, "less than or equal to"),
        (NUMBERS, {"release_hours": 2**15}, "less than or equal to"),
        (NUMBERS, {"alarm_reports": 0}, "greater than or equal to 1"),
        (SWITCHES, {"signing_open": False, "signing_open_until": "2020-01-01T00:00"}, "This moment is over"),
        (SWITCHES, {"signing_open": False, "signing_open_until": "soon"}, "valid date"),
        (SWITCHES, {"signing_open_until": minute(timezone.now() + timedelta(days=30))}, "It is so anyway"),
        (SWITCHES, {"signing_open": False, "signing_open_until": "9999-01-01T00:00"}, "more than a year ahead"),
        (SWITCHES, {"banner_en": "x" * 301}, "at most 300"),
        (SWITCHES, {"banner_fr": "a\0b"}, "Null"),
    ],
)
def test_a_bad_value_is_told_beside_its_field_and_kept(
    desk: Client, path: str, typed: dict[str, str | int | bool], said: str
) -> None:
    response = set_at_desk(desk, path, **typed)
    assert response.status_code == 422
    page = response.content.decode()
    name, value = list(typed.items())[-1]
    assert re.search(rf'id="id_{name}_error">[^<]*{said}', page), said
    assert f'value="{value}"' in page or "\0" in str(value)
    assert not Setting.objects.exists()
    assert told() == []


def test_a_page_opened_before_changes_only_what_was_touched_in_it(desk: Client, boris: Client) -> None:
    opened = filled(desk)
    set_at_desk(boris, list_public=False)
    assert send(desk, opened, reminders=False).status_code == 303
    assert not current().list_public
    assert not current().reminders


def test_a_bare_post_turns_nothing_off(desk: Client) -> None:
    assert desk.post(SWITCHES, {}).status_code == 303
    assert current() == DEFAULTS


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR, Role.EDITOR])
def test_only_administrators_change_settings(role: Role, olga: AbstractBaseUser) -> None:
    sent = filled(enter(Client(), olga))
    browser = enter(Client(), organizer("vera", role))
    assert send(browser, sent, signing_open=False).status_code == 403
    assert browser.get(NUMBERS).status_code == 403
    assert 'name="signing_open"' not in browser.get(SWITCHES).content.decode()
    assert not Setting.objects.exists()


def test_the_banner_stands_on_public_pages_as_plain_text(client: Client, olga: AbstractBaseUser) -> None:
    text()
    set_at_desk(enter(Client(), olga), banner_en="<b>Back</b> at 18:00 & later")
    for path in ("/", "/signatories/", "/about/", "/privacy/", "/press/"):
        assert "&lt;b&gt;Back&lt;/b&gt; at 18:00 &amp; later" in client.get(path).content.decode(), path
    assert 'class="banner"' not in client.get("/fr/").content.decode()
    assert 'class="banner"' not in enter(Client(), olga).get("/desk/").content.decode()


def test_a_banner_with_an_end_goes_by_itself(client: Client, olga: AbstractBaseUser) -> None:
    text()
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    set_at_desk(enter(Client(), olga), banner_fr="Retour à 18 h", banner_until=minute(end))
    assert "Retour à 18 h" in client.get("/fr/about/").content.decode()
    with time_machine.travel(end + timedelta(seconds=1)):
        assert "Retour à 18 h" not in client.get("/fr/about/").content.decode()


def test_signing_and_confirming_ask_no_more_of_the_database(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox, email="first@example.org", name="Bram Oake").path("confirm"))
    rules_anew()
    with CaptureQueriesContext(connection) as signing:
        post_form(client)
    link = read_mail(mailbox).path("confirm")
    with CaptureQueriesContext(connection) as confirming:
        client.post(link)
    asked = [query["sql"] for query in [*signing, *confirming]]
    assert len(asked) > 5
    assert not [sql for sql in asked if re.search("signatories_(setting|pause|limits)", sql)]


def test_the_code_of_the_release_before_goes_by_the_same_values(desk: Client) -> None:
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    set_at_desk(desk, puzzle_for_everyone=True, puzzle_for_everyone_until=minute(end), reminders=False)
    set_at_desk(desk, NUMBERS, free_per_network=8, alarm_quiet_hours=2)
    old = Limits.objects.get()
    assert (old.slow, old.free_per_network, old.alarm_quiet_hours, old.most_per_domain) == (True, 8, 2, 10)
    assert not Switches.objects.get().reminders
    with time_machine.travel(end + timedelta(seconds=1)):
        changes.settle(timezone.now())
    assert not Limits.objects.get().slow


def test_an_update_brings_the_values_of_the_old_tables_along() -> None:
    migration = importlib.import_module("signatories.migrations.0061_settings")
    migration.copy_values(apps, None)
    assert not Setting.objects.exists()
    Limits.objects.create(pk=1, slow=True, most_per_domain=3)
    Switches.objects.create(pk=1, reminders=False)
    migration.copy_values(apps, None)
    forget_settings()
    now = current()
    assert (now.puzzle_for_everyone, now.most_per_domain, now.reminders) == (True, 3, False)
    assert now.free_per_network == DEFAULTS.free_per_network
    assert {row.name for row in Setting.objects.all()} == {name for name, about in ABOUT.items() if about.old}


def test_a_value_of_a_newer_release_is_left_alone(desk: Client) -> None:
    Setting.objects.create(name="of_tomorrow", value=5, changed_at=timezone.now())
    forget_settings()
    assert current() == DEFAULTS
    assert desk.get(SWITCHES).status_code == 200


def test_settings_are_typed() -> None:
    set_to(free_per_network=12)
    assert {type(getattr(DEFAULTS, name)) for name in ABOUT} == {bool, int, str, dict}
    assert isinstance(current().free_per_network, int)
