"""The pages of accounts, as people of a partner see them: they are at home on its page, and not at the desk."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from signatories.accounts import invitations, second_factor
from signatories.audit.services import by_command
from signatories.models import Partner, PartnerAccount
from signatories.models.organizer import Role
from tests.accounts.visits import CODE, LOGIN, RESET, ask, newest, told
from tests.partners.partners import officer, partner
from tests.people import SECRET, enter, organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
FACTOR, CODES = "/accounts/2fa/", "/accounts/2fa/recovery-codes/"


@pytest.fixture
def union() -> Partner:
    text()
    return partner()


def newcomer(of: Partner) -> User:
    """An officer without a second factor."""
    account = get_user_model().objects.create_user("nova", "nova@union.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=of)
    return account


def with_codes(browser: Client) -> Client:
    """A browser whose account has recovery codes."""
    assert browser.post(f"{CODES}generate/").status_code == 302
    return browser


def test_the_second_factor_opens_their_links_and_numbers(union: Partner) -> None:
    account, browser = newcomer(union), Client()
    browser.force_login(account)
    page = browser.get(browser.get("/partner/")["Location"])
    assert "your links and numbers open once you have it" in told(page)
    assert "desk" not in told(page)
    second_factor.add_app(account, SECRET)
    kept = with_codes(enter(browser, account)).get(CODES)
    assert "I have kept them: to your links and numbers" in told(kept)
    assert "desk" not in told(kept)
    assert 'class="button" href="/partner/"' in kept.content.decode()
    assert "desk" not in told(browser.get(f"{FACTOR}totp/deactivate/"))


def test_no_page_of_their_account_leads_to_the_desk(union: Partner) -> None:
    browser = with_codes(officer(union))
    for path in (FACTOR, CODES, "/accounts/password/change/", "/accounts/sessions/", "/accounts/logout/"):
        page = browser.get(path).content.decode()
        assert 'href="/partner/"' in page and 'href="/desk/"' not in page, path
        assert "Union of Stage Hands" in page and "Organizers" not in page, path
    for path in ("/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/key/"):
        assert browser.get(path)["Location"] == "/partner/"
    refused = browser.get("/desk/")
    assert refused.status_code == 403
    assert 'href="/partner/"' in refused.content.decode()


def test_the_desk_stays_the_home_of_organizers() -> None:
    browser = with_codes(enter(Client(), organizer("oscar")))
    kept = browser.get(CODES).content.decode()
    assert "to the desk" in kept and 'class="button" href="/desk/"' in kept
    assert "Organizers" in kept and 'href="/partner/"' not in kept
    assert browser.get("/accounts/email/")["Location"] == "/desk/"


@pytest.mark.parametrize("path", [LOGIN, CODE, RESET, "/accounts/signup/"])
def test_before_anybody_is_known_the_words_fit_both(path: str) -> None:
    page = told(Client().get(path))
    assert "Organizers and partners" in page
    assert "For those who keep the list." not in page
    if path == LOGIN:
        assert "for those who work for a partner" in page


@pytest.mark.parametrize("for_partner", [False, True])
def test_who_makes_an_account_reads_for_whom_it_is(union: Partner, for_partner: bool) -> None:
    whose = {"partner_id": union.pk} if for_partner else {"role": Role.EDITOR}
    made = invitations.invite(
        address="nora@union.example", language="en", by=by_command("in a test"), now=timezone.now(), **whose
    )
    browser = Client()
    page = browser.get(invitations.link_of(made).removeprefix("http://testserver"), follow=True).content.decode()
    assert ("– Union of Stage Hands</title>" in page) == for_partner
    assert ("– Organizers</title>" in page) == (not for_partner)


@pytest.mark.parametrize("path", [RESET, CODE])
def test_mails_about_their_account_speak_of_no_list(union: Partner, mailbox: Catcher, path: str) -> None:
    newcomer(union)
    ask(Client(), path, "nova@union.example")
    mail = newest(mailbox, "nova@union.example")
    assert "nova@union.example" in mail.text
    assert "list of signatories" not in mail.text
