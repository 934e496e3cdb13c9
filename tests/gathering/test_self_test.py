"""Who hands a file over mails its invitation to themselves: in every language, as often as needed, and it comes."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from signatories.mail import outbox, quota
from signatories.models import GatheredBatch, Invitee, MailQuota, OutboundMail, StoppedMailbox
from tests.gathering.gathering import again, checked, erased, gathering_partner, members, people, proof, table
from tests.partners.partners import officer
from tests.people import post_form, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = "otto@union.example"


@pytest.fixture
def browser() -> Client:
    text()
    return officer(gathering_partner())


def page(browser: Client, batch: GatheredBatch) -> str:
    """The page of a file, from the test on."""
    return browser.get(f"/partner/names/{batch.pk}/").content.decode().partition('id="test-title"')[2]


def asks(browser: Client, batch: GatheredBatch) -> bool:
    """Whether the organizers can be asked once the officer says that the test was looked at."""
    path = f"/partner/names/{batch.pk}/"
    browser.post(f"{path}looked/")
    browser.post(f"{path}ask/")
    batch.refresh_from_db()
    return batch.state == "asked"


def test_tests_of_several_files_in_all_languages_come_on_one_day(
    browser: Client, mailbox: Catcher, settings: Settings
) -> None:
    settings.LANGUAGES = languages.known()
    codes = [code for code, _name in settings.LANGUAGES]
    assert len(codes) == 11
    for _ in range(3):
        mailbox.mails.clear()
        batch = checked(browser, table(members(len(codes))))
        for row, code in zip(people(batch).values(), codes, strict=True):
            Invitee.objects.filter(pk=row.pk).update(language=code)
        browser.post(f"/partner/names/{batch.pk}/proof/", proof())
        browser.post(f"/partner/names/{batch.pk}/test/")
        outbox.drain()
        assert len(mailbox.of(OFFICER)) == len(codes)
        assert asks(browser, batch)


def test_a_test_takes_nothing_from_what_others_may_cause(browser: Client, client: Client, mailbox: Catcher) -> None:
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    counted = MailQuota.objects.get()
    assert (counted.sent, counted.links, counted.notices, counted.tests) == (0, 0, 0, 1)


def test_a_mailbox_that_wants_no_mail_of_others_gets_the_test_it_asks_for(
    browser: Client, client: Client, mailbox: Catcher
) -> None:
    post_form(client, email=OFFICER, name="Otto Ash")
    client.post(read_mail(mailbox, OFFICER).path("stop"))
    assert StoppedMailbox.objects.exists()
    mailbox.mails.clear()
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/proof/", proof())
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    assert len(mailbox.of(OFFICER)) == 2
    assert asks(browser, batch)


def test_tests_have_a_generous_bound_of_their_own(
    browser: Client, mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quota.TESTS_A_DAY >= 30
    batch = checked(browser, table(members(1)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    MailQuota.objects.update(tests=quota.TESTS_A_DAY)
    told = browser.post(f"/partner/names/{batch.pk}/test/", follow=True).content.decode()
    assert f"You had {quota.TESTS_A_DAY} tests today" in told
    assert not OutboundMail.objects.filter(mail_state="waiting").exists()
    assert "I have looked at it" in told  # the one that came before still counts
    MailQuota.objects.update(day=timezone.now().date().replace(year=2020))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    assert len(mailbox.of(OFFICER)) == 2


def test_the_page_says_how_far_a_test_has_come(browser: Client, mailbox: Catcher) -> None:
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/proof/", proof())
    browser.post(f"/partner/names/{batch.pk}/test/")
    assert "were sent: 0 of 2" in page(browser, batch) and "I have looked at it" not in page(browser, batch)
    mailbox.answers["union.example"] = "451 try again"
    outbox.drain()
    assert "were sent: 0 of 2" in page(browser, batch)
    mailbox.answers.clear()
    again()
    outbox.drain()
    assert "I have looked at it" in page(browser, batch) and "of 2" not in page(browser, batch)
    assert asks(browser, batch)


@pytest.mark.parametrize("state", ["undeliverable", "set_aside"])
def test_a_test_that_could_not_be_delivered_is_told_and_mailed_anew(
    browser: Client, mailbox: Catcher, state: str
) -> None:
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/proof/", proof())
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    lost = OutboundMail.objects.filter(invitee__is_test=True, language="fr")
    assert lost.update(mail_state=state) == 1
    shown = page(browser, batch)
    assert "could not be delivered: 1 of 2" in shown and "I have looked at it" not in shown
    assert not asks(browser, batch)
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    assert "could not be delivered" not in page(browser, batch)
    assert asks(browser, batch)


def test_after_the_mailbox_of_the_test_was_erased_a_new_one_is_offered(browser: Client, mailbox: Catcher) -> None:
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    erased(OFFICER)
    told = page(browser, batch)
    assert "of 0" not in told and "on their way" not in told and "Mail me the invitation" in told
