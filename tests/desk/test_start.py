"""The first hour: a list of steps that tick themselves, and the switch that opens the declaration."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import PressPage, Text, forget_current
from signatories.accounts import second_factor
from signatories.mail import check, outbox
from signatories.models import Act, OutboundMail, Setup, WatchedName
from signatories.models.act import Verb
from signatories.models.organizer import Role
from signatories.models.outbound_mail import MailKind
from tests.desk.start import MAIL, OLGA, OPEN, REHEARSAL, START, draft, keys, press_open, step
from tests.dns import Zone, serving
from tests.people import enter, organizer, post_form, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
DOMAIN = "voices.org"
GOOD: Zone = {
    (DOMAIN, "MX"): ["10 mx.voices.org."],
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    (f"key1._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p=MIGf"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=quarantine"'],
}


# --- Who is led there, and who sees what ------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "page"), [(Role.ADMINISTRATOR, START), (Role.EDITOR, START), (None, START)])
def test_the_desk_leads_there_until_a_text_is_published(client: Client, role: Role | None, page: str) -> None:
    if role:
        enter(client, organizer("vera", role=role))
    else:  # the first one, whom the command line makes
        call_command("createsuperuser", username="ada", email="ada@declaration.example", interactive=False, verbosity=0)
        enter(client, get_user_model().objects.get(username="ada"))
    assert client.get("/desk/")["Location"] == page
    assert ">Start</a>" in client.get(page).content.decode()
    text()
    assert client.get("/desk/").status_code == 200
    assert ">Start</a>" not in client.get("/desk/texts/").content.decode()
    assert "The declaration is open." in client.get(page).content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR])
def test_others_are_led_to_their_own_pages(client: Client, role: Role) -> None:
    enter(client, organizer("vera", role=role))
    assert client.get("/desk/").status_code == 200
    assert ">Start</a>" not in client.get("/desk/numbers/").content.decode()


def test_editors_see_the_steps_of_editors(client: Client, desk: Client) -> None:
    editor = enter(Client(), organizer("vera", role=Role.EDITOR))
    assert keys(editor) == ["text", "press"]
    assert keys(desk) == ["operator", "text", "watch-list", "mail", "organizers", "rehearsal", "press", "open"]


# --- Each step: to do, done, and what is warned of --------------------------------------------------------------------
def test_operator_and_contact(desk: Client, settings: Settings) -> None:
    assert "warning" in step(desk, "operator")
    assert "OPERATOR_NAME, OPERATOR_EMAIL, OPERATOR_ADDRESS" in step(desk, "operator")
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Open Voices e. V.", "office@voices.org"
    assert "Looks like an example: OPERATOR_ADDRESS." in step(desk, "operator")
    settings.OPERATOR_ADDRESS = "7 Weaver Lane, Netherby"
    assert "Operator and contact done" in step(desk, "operator")
    assert "Open Voices e. V., office@voices.org, 7 Weaver Lane, Netherby" in step(desk, "operator")


def test_the_text(desk: Client) -> None:
    assert "The text to do" in step(desk, "text")
    assert "English: not written" in step(desk, "text")
    draft("fr")
    assert "The text to do" in step(desk, "text")  # the main language is needed
    assert "Without a text in English nothing can be opened." in step(desk, "text")
    english = draft("en")
    assert "The text done" in step(desk, "text")
    assert "English: version 1, draft" in step(desk, "text")
    Text.objects.get(language="fr").delete()
    assert "The text warning" in step(desk, "text")
    english.published_at = timezone.now()
    english.save()
    assert "English: version 1, published" in step(desk, "text")


def test_the_watch_list(desk: Client) -> None:
    assert "Watched names warning" in step(desk, "watch-list")
    assert "in a famous name is listed at once" in step(desk, "watch-list")
    WatchedName.objects.create(name="Marisol Quillon")
    assert "Watched names done" in step(desk, "watch-list")
    assert "1 name." in step(desk, "watch-list")


def test_the_second_factors_and_the_administrators(desk: Client) -> None:
    assert "Organizers warning" in step(desk, "organizers")
    assert "1 administrator, 1 organizer in all." in step(desk, "organizers")
    assert "Invite another one" in step(desk, "organizers")
    boris = organizer("boris")
    organizer("vera", role=Role.VIEWER)  # needs none
    assert "No second factor yet: boris." in step(desk, "organizers")
    second_factor.add_app(boris, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert "Organizers done" in step(desk, "organizers")
    get_user_model().objects.filter(pk=boris.pk).update(is_active=False)
    assert "Organizers warning" in step(desk, "organizers")


def test_the_page_for_the_press(desk: Client) -> None:
    assert "The page for the press to do" in step(desk, "press")
    PressPage.objects.create(language="en", behind="Forty musicians.")
    assert "The page for the press warning" in step(desk, "press")
    assert "Français: empty" in step(desk, "press")
    PressPage.objects.create(language="fr", contact_name="Odile Vantreuil")
    assert "The page for the press done" in step(desk, "press")


# --- The test of the mail ---------------------------------------------------------------------------------------------
def test_the_mail_is_tested_by_a_worker(desk: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.OPERATOR_EMAIL, settings.MAIL_DKIM_SELECTOR = f"office@{DOMAIN}", "key1"
    assert "Not tested yet." in step(desk, "mail")
    assert desk.post(MAIL)["Location"] == f"{START}#mail"
    assert mailbox.mails == []  # not in the request
    assert "Mail to do" in step(desk, "mail")
    assert "the answer is here within a minute" in step(desk, "mail")
    assert not check.run(timezone.now())  # the mail comes first
    outbox.drain()
    (mail,) = mailbox.of(OLGA)
    assert str(mail.message["Subject"]).startswith("Test of the mail")
    assert "http://testserver/desk/start/" in mail.text
    with serving(GOOD) as server:
        assert check.run(timezone.now(), dns_server=server)
        assert not check.run(timezone.now(), dns_server=server)
    words = step(desk, "mail")
    assert "Mail done" in words
    assert "mail in order: sent" in words
    assert 'SPF in order: "v=spf1' in words
    assert "DMARC in order" in words
    assert "Nothing is to be mended." in words


def test_what_is_to_be_mended_is_told(desk: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.OPERATOR_EMAIL = f"office@{DOMAIN}"
    desk.post(MAIL)
    outbox.drain()
    with serving({key: values for key, values in GOOD.items() if key != (DOMAIN, "TXT")}) as server:
        check.run(timezone.now(), dns_server=server)
    assert "Mail warning" in step(desk, "mail")
    assert "SPF to be mended: none. Add a TXT record" in step(desk, "mail")
    assert "DKIM could not be seen" in step(desk, "mail")
    assert "1 thing is to be mended, by whoever runs the server and its domain." in step(desk, "mail")


def test_a_mail_server_that_is_away_is_told_after_a_minute(desk: Client, mailbox: Catcher) -> None:
    mailbox.down()
    desk.post(MAIL)
    outbox.drain()
    assert not check.run(timezone.now())
    with serving(GOOD) as server:
        assert check.run(timezone.now() + timedelta(seconds=61), dns_server=server)
    assert "mail to be mended: not sent within a minute" in step(desk, "mail")
    assert "nobody listens there" in step(desk, "mail")


def test_a_refused_test_mail_is_told(client: Client, mailbox: Catcher) -> None:
    enter(client, organizer("bounce"))
    client.post(MAIL)
    outbox.drain()
    with serving(GOOD) as server:
        assert check.run(timezone.now(), dns_server=server)
    assert "mail to be mended: not sent (SMTP 550)" in step(client, "mail")


def test_a_second_test_waits_for_the_first(desk: Client, mailbox: Catcher) -> None:
    desk.post(MAIL)
    asked = Setup.current().mail_asked_at
    assert "Nothing was changed" in desk.post(MAIL, follow=True).content.decode()
    assert (OutboundMail.objects.filter(kind=MailKind.TEST).count(), Setup.current().mail_asked_at) == (1, asked)
    with time_machine.travel(timezone.now() + check.GIVEN_UP + timedelta(seconds=1)):
        desk.post(MAIL)
    assert OutboundMail.objects.filter(kind=MailKind.TEST).count() == 2


def test_the_row_is_one_and_whole(olga: AbstractBaseUser) -> None:
    wrong = ({"pk": 2}, {"pk": 1, "mail_checked_at": timezone.now()}, {"pk": 1, "rehearsed_at": timezone.now()})
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Setup.objects.create(**fields)


# --- Opening ----------------------------------------------------------------------------------------------------------
def test_the_summary_says_what_will_happen_and_changes_nothing(desk: Client) -> None:
    draft("en")
    page = desk.get(OPEN).content.decode()
    assert "is published in English at the same moment" in page
    assert "Français is not written" in page
    assert "Draft words." in page
    undone = page.partition("Not done yet")[2]
    for key in ("operator", "watch-list", "mail", "organizers", "rehearsal", "press", "text"):
        assert f'href="{START}#{key}"' in undone
    assert f'href="{START}#open"' not in undone
    assert Text.objects.get().published_at is None
    assert not Act.objects.exists()


def test_it_is_opened_now_in_all_languages(desk: Client, olga: AbstractBaseUser) -> None:
    draft("en")
    draft("fr")
    assert "Not open yet" in Client().get("/").content.decode()
    assert press_open(desk)["Location"] == f"{START}#open"
    forget_current()
    moments = set(Text.objects.values_list("published_at", flat=True))
    assert len(moments) == 1 and None not in moments
    for path in ("/", "/fr/"):
        assert "Our voices" in Client().get(path).content.decode()
    assert post_form(Client()).status_code == 303
    assert Act.objects.filter(verb=Verb.EDIT, organizer_id=olga.pk, about="text 1").count() == 2
    assert step(desk, "open").startswith("Open done")
    assert "Open since" in step(desk, "open")


def test_it_is_opened_at_a_moment(desk: Client) -> None:
    draft("en")
    at = timezone.now() + timedelta(hours=2)
    assert press_open(desk, later="1", at=f"{at:%Y-%m-%dT%H:%M}").status_code == 303
    assert "Not open yet" in Client().get("/").content.decode()
    assert "It opens by itself on" in step(desk, "open")
    assert "It opens by itself on" in desk.get(OPEN).content.decode()
    assert ">Start</a>" in desk.get(START).content.decode()
    forget_current()
    with time_machine.travel(at + timedelta(minutes=1)):
        assert "Our voices" in Client().get("/").content.decode()


def test_a_version_that_nobody_has_read_is_not_opened(desk: Client) -> None:
    row = draft("en")
    shown = re.findall(r'name="shown" value="([^"]*)"', desk.get(OPEN).content.decode())
    row.body = "Other words."
    row.save()
    answer = desk.post(OPEN, {"shown": shown, "now": "1"})
    assert (answer.status_code, "somebody has changed the words" in answer.content.decode()) == (409, True)
    assert Text.objects.get().published_at is None


@pytest.mark.parametrize("at", ["2001-01-01T10:00", "soon", ""])
def test_a_moment_in_the_past_or_none_opens_nothing(desk: Client, at: str) -> None:
    draft("en")
    assert press_open(desk, later="1", at=at).status_code == 422
    assert Text.objects.get().published_at is None


@pytest.mark.parametrize("language", ["", "fr"])
def test_without_a_text_in_the_main_language_nothing_is_opened(desk: Client, language: str) -> None:
    if language:
        draft(language)
    page = desk.get(OPEN).content.decode()
    assert "It needs a text in English first." in page
    assert '<button class="button sign"' not in page
    sent = {"shown": [f"{row.language}.{row.sha256}" for row in Text.objects.all()], "now": "1"}
    answer = desk.post(OPEN, sent)
    assert (answer.status_code, "Nothing is opened" in answer.content.decode()) == (422, True)
    assert not Text.objects.exclude(published_at=None).exists()


def test_what_is_open_is_not_opened_again(desk: Client) -> None:
    text()
    draft("en", version=2)
    answer = desk.post(OPEN, {"now": "1"})
    assert (answer.status_code, "open already" in answer.content.decode()) == (409, True)
    assert Text.objects.get(version=2).published_at is None


@pytest.mark.parametrize("path", [MAIL, REHEARSAL, OPEN])
def test_editors_may_neither_test_nor_rehearse_nor_open(client: Client, path: str) -> None:
    draft("en")
    enter(client, organizer("vera", role=Role.EDITOR))
    assert client.post(path, {"now": "1"}).status_code == 403
    assert (Text.objects.get().published_at, Setup.objects.count(), Act.objects.count()) == (None, 0, 0)


def test_opening_with_an_empty_watch_list_is_warned_of(desk: Client) -> None:
    for code in ("en", "fr"):
        draft(code)
    assert "No name is watched" in desk.get(OPEN).content.decode()
    WatchedName.objects.create(name="Cassius Moonwright")
    assert "No name is watched" not in desk.get(OPEN).content.decode()
    WatchedName.objects.all().delete()
    assert press_open(desk, now="1").status_code == 303  # it keeps nobody from opening
