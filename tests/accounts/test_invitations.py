"""Accounts by invitation only: a link works once, for seven days, for the address that was invited."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from signatories.accounts import invitations
from signatories.accounts.invitations import NotOpen
from signatories.audit.services import by_command
from signatories.models import Act, Invitation, OutboundMail
from signatories.models.organizer import Role, role_of
from signatories.privacy import retention
from tests.accounts.visits import is_in, log_in, newest, told
from tests.people import enter, organizer
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
SIGNUP, INVITE, PAGE = "/accounts/signup/", "/desk/organizers/invite/", "/desk/organizers/"
NINAS = "nina@declaration.example"
PASSWORD = {"password1": "long-and-secret"}


@pytest.fixture
def anna() -> AbstractBaseUser:
    """An administrator."""
    return organizer("anna")


@pytest.fixture
def desk(client: Client, anna: AbstractBaseUser) -> Client:
    """Anna's browser."""
    return enter(client, anna)


def invite(desk: Client, address: str = NINAS, role: str = "viewer", **changes: str) -> Any:
    fields = {"address": address, "role": role, "language": "en", "reason": "She helps us."} | changes
    return desk.post(INVITE, fields)


def made(address: str = NINAS, role: Role = Role.VIEWER) -> Invitation:
    """An invitation without a page."""
    return invitations.invite(
        address=address, role=role, language="en", by=by_command("invited"), now=timezone.now()
    )  # fmt: skip


def path_of(invitation: Invitation) -> str:
    return invitations.link_of(invitation).removeprefix("http://testserver")


def link_in(mail: Any) -> str:
    found = re.search(r"http://testserver(/accounts/invitation/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def accept(browser: Client, link: str, **typed: str) -> Any:
    """Open the link, and type a password."""
    browser.get(link)
    return browser.post(SIGNUP, PASSWORD | typed)


def opens(link: str) -> bool:
    """Whether a browser that opens it is shown the form."""
    return b'name="password1"' in Client().get(link, follow=True).content


def account_of(address: str = NINAS) -> Any:
    return get_user_model().objects.filter(email=address).first()


@pytest.mark.parametrize("role", list(Role))
def test_somebody_is_invited_and_comes_in(desk: Client, mailbox: Catcher, role: Role) -> None:
    assert invite(desk, role=role)["Location"] == PAGE
    page = desk.get(PAGE).content.decode()
    assert NINAS in page and "invited by anna" in page
    nina = Client()
    link = link_in(newest(mailbox, NINAS))
    form = nina.get(link, follow=True)
    assert form.redirect_chain == [(SIGNUP, 302)]
    assert NINAS in told(form) and str(role.label) in told(form)
    assert nina.post(SIGNUP, PASSWORD)["Location"] == "/desk/"
    account = account_of()
    assert (role_of(account), account.is_superuser) == (role, role == Role.ADMINISTRATOR)
    if role == Role.VIEWER:
        assert is_in(nina)
    else:
        assert nina.get("/desk/")["Location"] == "/accounts/2fa/"
        assert nina.get("/accounts/2fa/totp/activate/").status_code == 200  # nothing is asked again
    assert desk.get(PAGE).content.decode().count(NINAS) == 1  # her account, and nothing that is open
    told_of = [(act.about, act.reason) for act in Act.objects.order_by("pk")]
    invitation = Invitation.objects.get()
    assert told_of == [
        (f"invitation {invitation.pk}", f"invited as {role}: She helps us."),
        (f"invitation {invitation.pk}", f"account {account.pk} accepted the invitation as {role}"),
    ]
    assert NINAS not in repr(told_of)
    log_in(Client(), address=NINAS)


def test_the_mail_is_ours_in_both_languages_and_its_link_is_stored_nowhere(desk: Client, mailbox: Catcher) -> None:
    invite(desk)
    invite(desk, "noel@declaration.example", language="fr")
    english, french = newest(mailbox, NINAS), newest(mailbox, "noel@declaration.example")
    assert english.text.startswith("Hello,") and "as viewer" in english.text
    assert french.text.startswith("Bonjour") and "invit" in french.text
    rows = repr([*OutboundMail.objects.values(), *Invitation.objects.values()])
    assert link_in(english).rpartition(".")[2].rstrip("/") not in rows
    browser = Client()
    browser.get(link_in(english))
    assert link_in(english).rpartition(".")[2].rstrip("/") not in repr(dict(browser.session))


def test_without_an_invitation_nobody_signs_up(client: Client) -> None:
    for answer in (client.get(SIGNUP), client.post(SIGNUP, PASSWORD | {"email": NINAS})):
        assert "By invitation only" in told(answer)
    assert not get_user_model().objects.filter(email=NINAS).exists()


def test_a_link_works_once_also_when_it_was_forwarded() -> None:
    link = path_of(made())
    forwarded = Client()
    assert b'name="password1"' in forwarded.get(link, follow=True).content
    accept(Client(), link)
    assert account_of()
    late: Any = forwarded.post(SIGNUP, {"password1": "quite-another-one"})
    assert "By invitation only" in told(late)
    assert Client().get(link).status_code == 410
    assert get_user_model().objects.filter(is_staff=True, email=NINAS).count() == 1
    assert account_of().check_password("long-and-secret")


def test_looking_at_a_link_uses_nothing_up() -> None:
    """Mail scanners open links."""
    link = path_of(made())
    for _ in range(3):
        assert opens(link)
    accept(Client(), link)
    assert account_of()


def test_a_link_ends_after_seven_days() -> None:
    link, start, early = path_of(made()), timezone.now(), Client()
    early.get(link)
    with time_machine.travel(start + timedelta(days=6, hours=23)):
        assert opens(link)
    with time_machine.travel(start + timedelta(days=7, seconds=5)):
        assert not opens(link)
        assert b"By invitation only" in early.post(SIGNUP, PASSWORD).content
    assert account_of() is None


def test_the_address_cannot_be_changed() -> None:
    accept(Client(), path_of(made()), email="mallory@declaration.example", username="mallory", is_superuser="on")
    account = get_user_model().objects.latest("pk")
    assert (account.email, account.is_superuser) == (NINAS, False)
    assert "mallory" not in account.username


def test_an_address_with_an_account_is_not_invited(desk: Client, anna: AbstractBaseUser) -> None:
    answer = invite(desk, "ANNA@declaration.example")
    assert answer.status_code == 422
    assert "has an account" in told(answer)
    assert not Invitation.objects.exists()
    link = path_of(made())
    get_user_model().objects.create_user("by-command", NINAS)
    assert not opens(link)


@pytest.mark.parametrize(
    "changes", [{"address": "no address"}, {"address": ""}, {"role": "queen"}, {"language": "xx"}, {"reason": " "}]
)
def test_what_is_not_understood_invites_nobody(desk: Client, changes: dict[str, str]) -> None:
    assert invite(desk, **changes).status_code == 422
    assert not Invitation.objects.exists() and not Act.objects.exists() and not OutboundMail.objects.exists()


def test_revoked_it_opens_nothing_and_no_mail_goes_out(desk: Client, mailbox: Catcher) -> None:
    invite(desk)
    invitation = Invitation.objects.get()
    early = Client()
    early.get(path_of(invitation))
    revoke = f"/desk/organizers/invitations/{invitation.pk}/revoke/"
    assert desk.post(revoke)["Location"] == PAGE
    assert not opens(path_of(invitation))
    assert b"By invitation only" in early.post(SIGNUP, PASSWORD).content
    assert "revoked" in Act.objects.latest("pk").reason
    desk.post(revoke)
    assert Act.objects.count() == 2
    invite(desk, "noel@declaration.example")
    newest(mailbox, "noel@declaration.example")
    assert not mailbox.of(NINAS)


def test_a_second_invitation_ends_the_first() -> None:
    first, second = path_of(made()), path_of(made(NINAS.upper(), Role.MODERATOR))
    assert not opens(first)
    accept(Client(), second)
    assert role_of(account_of()) == Role.MODERATOR


@pytest.mark.parametrize(
    "change", [lambda link: link[:-2] + "x/", lambda link: link.replace("/invitation/", "/invitation/9")]
)
def test_a_bent_link_opens_nothing(change: Any) -> None:
    link = path_of(made())
    assert not opens(change(link))
    assert opens(link)


def test_who_is_signed_in_is_told_and_uses_nothing_up(client: Client) -> None:
    log_in(client)
    link = path_of(made())
    assert "You have an account" in told(client.get(link))
    assert client.post(SIGNUP, PASSWORD)["Location"] == "/desk/"
    assert opens(link)


def test_a_poor_password_is_refused_and_the_link_stays_good() -> None:
    link = path_of(made())
    for poor in ("short", "password", NINAS):
        answer = accept(Client(), link, password1=poor)
        assert b'aria-invalid="true"' in answer.content
    assert account_of() is None
    accept(Client(), link)
    assert account_of()


def test_only_administrators_invite_and_with_a_fresh_factor(desk: Client) -> None:
    mona = enter(Client(), organizer("mona", role=Role.MODERATOR))
    assert invite(mona).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert "reauthenticate" in invite(desk)["Location"]
    assert not Invitation.objects.exists()


def test_the_first_administrator_is_invited_by_command(account: AbstractBaseUser) -> None:
    out = StringIO()
    call_command("invite", NINAS, stdout=out)
    link = out.getvalue().strip()
    assert not OutboundMail.objects.exists()
    accept(Client(), link.removeprefix("http://testserver"))
    assert role_of(account_of()) == Role.ADMINISTRATOR
    for wrong in ("no address", NINAS):
        with pytest.raises(CommandError):
            call_command("invite", wrong, stdout=out)
    acts = Act.objects.order_by("pk").values_list("actor", flat=True)
    assert list(acts) == ["command", "organizer"]


def test_old_invitations_are_forgotten() -> None:
    made()
    for days, left in ((27, 1), (29, 0)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            retention.forget(timezone.now())
        assert Invitation.objects.count() == left


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once() -> None:
    """Both have opened the link; the second to send the form is refused."""
    link = path_of(made()).split("/")[-2]
    requests = []
    for _ in range(2):
        request = HttpRequest()
        request.session = Client().session
        assert invitations.open_link(request, link, timezone.now())
        requests.append(request)
    results: list[str] = []

    def come() -> int:
        request = requests.pop()
        account = get_user_model()(username=f"nina{len(requests)}")
        try:
            accept_in_a_transaction(request, account)
            results.append("in")
        except NotOpen:
            results.append("refused")
        return 1

    at_once(2, come)
    assert sorted(results) == ["in", "refused"]
    assert get_user_model().objects.filter(email=NINAS).count() == 1


def accept_in_a_transaction(request: HttpRequest, account: Any) -> None:
    with transaction.atomic():
        invitations.accept(request, account, timezone.now())
