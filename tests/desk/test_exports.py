"""Exports of the signers' data: who asks, who approves, who waits, who is told, and what public data are."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from signatories.models import Act, Export, Organizer, Signature
from signatories.models.export import ExportKind
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import export_files
from tests.desk.exports import DAY, PAGE, ask, files, opened, passphrase_in, press, rows, state, steps, taken
from tests.people import ADDRESS, enter, organizer, signed
from tests.smtp import Catcher

# The rows of a file are those of one moment: a transaction of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def test_a_second_administrator_approves(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    signed()
    Signature.objects.filter(pk=signed(address="b@example.org", name="Bram Bellweather").pk).update(named=False)
    Signature.objects.filter(pk=signed(address="h@example.org", name="Held Hollow").pk).update(state=State.HELD)
    now = timezone.now()
    passphrase = passphrase_in(ask(desk, columns=("name", "profession", "news")))
    export_files.work(now + 2 * DAY)
    assert (state(), files(folder)) == ("asked", [])
    assert press(boris, "approve").status_code == 303
    export_files.work(timezone.now())
    assert state() == "ready"
    name, content = taken(desk)
    export = Export.objects.get()
    assert re.fullmatch(rf"export-{export.pk}-olga-\d{{8}}T\d{{4}}Z\.zip", name)
    inside, (mark, header, *listed) = opened(content, passphrase)
    assert inside == name.replace(".zip", ".csv")
    assert re.fullmatch(
        rf"export {export.pk} for olga \(account \d+\), made \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\. Why: Newsletter\.",
        mark[0],
    )
    assert header == ["address", "representative", "name", "profession", "profession_text", "news"]
    assert listed == [
        [ADDRESS, "", "Aveline Ashgrove", "singer", "Singer", "False"],
        ["b@example.org", "", "Bram Bellweather", "singer", "Singer", "False"],
    ]
    assert export.rows == 2
    for wrong in ("", passphrase[:-1], passphrase.upper()):
        with pytest.raises((RuntimeError, ValueError)):
            opened(content, wrong)
    assert b"Aveline" not in content and b"example.org" not in content
    assert steps() == ["asked for, with mail addresses: Newsletter.", "approved", "downloaded"]


def test_nobody_approves_their_own(desk: Client, boris: Client, mailbox: Catcher, olga: AbstractBaseUser) -> None:
    ask(desk)
    assert "/approve/" not in desk.get(PAGE).content.decode()
    assert "/approve/" in boris.get(PAGE).content.decode()
    refused = press(desk, "approve")
    assert refused.status_code == 403
    assert "approved by another administrator" in refused.content.decode()
    with pytest.raises(IntegrityError, match="export_approved_by_another"):
        Export.objects.update(approved_by=olga.pk)
    assert state() == "asked"
    press(boris, "approve")
    press(boris, "approve")
    assert state() == "approved"
    assert steps() == ["asked for, with mail addresses: Newsletter.", "approved"]


def test_an_account_that_was_just_appointed_approves_nothing(
    desk: Client, boris: Client, mailbox: Catcher, olga: AbstractBaseUser
) -> None:
    """Else one administrator would appoint a second account, and approve with it."""
    carla = organizer("carla", role=Role.VIEWER)
    typed = {"role": "administrator", "reason": "She helps us."}
    assert desk.post(f"/desk/organizers/{carla.pk}/role/", typed).status_code == 303
    ask(desk)
    browser = enter(Client(), get_user_model().objects.get(pk=carla.pk))
    assert "/approve/" not in browser.get(PAGE).content.decode()
    refused = press(browser, "approve")
    assert (refused.status_code, state()) == (403, "asked")
    assert "administrator for a day" in refused.content.decode()
    press(boris, "approve")
    assert state() == "approved"


def test_where_the_only_other_one_was_just_appointed_it_waits_a_day(desk: Client, mailbox: Catcher) -> None:
    Organizer.objects.filter(pk=organizer("carla").pk).update(created_at=timezone.now())
    ask(desk)
    assert not Export.objects.get().needs_approval
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert (
            "/approve/"
            not in enter(Client(), get_user_model().objects.get(username="carla")).get(PAGE).content.decode()
        )


def test_where_there_is_one_administrator_all_are_told_and_it_waits_a_day(
    desk: Client, mailbox: Catcher, folder: Path
) -> None:
    signed()
    for role in (Role.VIEWER, Role.EDITOR, Role.MODERATOR):
        organizer(role.value, role=role)
    organizer("nobody", role=None)
    passphrase = passphrase_in(ask(desk))
    told = timezone.now()
    export_files.work(told)
    names = {"viewer", "editor", "moderator", "olga", "hello"}
    assert sorted(to for mail in mailbox.mails for to in mail.to) == sorted(f"{n}@declaration.example" for n in names)
    mail = mailbox.mails[0]
    assert (
        f"olga (account {Export.objects.get().asked_by_id})" in mail.text
        and "Why: Newsletter." in mail.html
        and "24 hours after this mail" in mail.text
    )
    assert passphrase not in mail.text
    export_files.work(told + DAY - timedelta(minutes=1))
    assert (state(), len(mailbox.mails), files(folder)) == ("asked", 5, [])
    export_files.work(told + DAY)
    assert state() == "ready"
    assert opened(taken(desk)[1], passphrase)[1][2][0] == ADDRESS


def test_it_waits_as_long_as_nobody_could_be_told(desk: Client, mailbox: Catcher, folder: Path) -> None:
    signed()
    ask(desk)
    mailbox.mode = "drop"
    now = timezone.now()
    for hours in (0, 25, 49):
        export_files.work(now + timedelta(hours=hours))
    assert (state(), files(folder), Export.objects.get().told_at) == ("asked", [], None)


def test_the_passphrase_is_shown_once_and_forgotten(
    desk: Client, boris: Client, mailbox: Catcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed()
    passphrase = passphrase_in(ask(desk))
    assert len(passphrase.replace("-", "")) == 24
    assert passphrase not in desk.get(PAGE).content.decode()
    export = Export.objects.get()
    assert export.passphrase_sealed and passphrase not in export.passphrase_sealed
    press(boris, "approve")
    export_files.work(timezone.now())
    stored = repr(list(Export.objects.values())) + repr(list(Act.objects.values()))
    assert Export.objects.get().passphrase_sealed == ""
    assert passphrase not in stored + caplog.text
    with pytest.raises(IntegrityError, match="export_passphrase_is_forgotten"):
        Export.objects.update(passphrase_sealed="kept")


def test_asking_again_while_one_waits_is_refused(desk: Client, boris: Client, mailbox: Catcher) -> None:
    ask(desk)
    assert "not made yet" in ask(desk)
    assert Export.objects.count() == len(steps()) == 1
    ask(boris)
    assert Export.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"columns": ()}, {"columns": ("address_sealed",)}, {"columns": ("name", "nonce")}]
)
def test_without_a_reason_or_with_unknown_columns_nothing_is_asked(desk: Client, wrong: dict[str, Any]) -> None:
    page = ask(desk, **wrong)
    assert "Please" in page
    assert not Export.objects.exists() and not steps()


def test_public_data_need_nobody_else(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    shown = signed(name="Aveline Ashgrove", affiliation="=1+1", country="IE")
    Signature.objects.filter(pk=signed(address="b@example.org", name="Bram Bellweather").pk).update(named=False)
    Signature.objects.filter(pk=signed(address="h@example.org", name="Held Hollow").pk).update(state=State.HELD)
    assert "<code" not in ask(desk, "public", ("number", "name", "affiliation", "country"), "For a paper.")
    assert Export.objects.get().passphrase_sealed == ""
    export_files.work(timezone.now())
    assert mailbox.mails == []
    name, content = taken(desk)
    assert name.endswith("Z.csv")
    mark, header, *listed = rows(content)
    assert mark[0].endswith("Why: For a paper.")
    assert header == ["number", "name", "affiliation", "country", "country_name"]
    assert listed == [[str(shown.number), "Aveline Ashgrove", "'=1+1", "IE", "Ireland"]]
    assert b"@" not in content
    assert steps() == ["asked for, without mail addresses: For a paper.", "downloaded"]


@pytest.mark.parametrize("column", ["address", "representative", "news", "named", "language", "domain"])
def test_what_is_not_public_is_not_in_it(desk: Client, column: str) -> None:
    assert "Please choose what the file is to hold." in ask(desk, "public", ("name", column))
    assert not Export.objects.exists()


def test_a_moderator_asks_for_nothing(mailbox: Catcher) -> None:
    browser = Client()
    enter(browser, organizer(role=Role.MODERATOR))
    for kind in ExportKind:
        assert browser.post(PAGE, {"kind": kind, "columns": ["name"], "reason": "So."}).status_code == 403
    assert "Exports" not in browser.get("/desk/").content.decode()
    assert not Export.objects.exists()
