"""Small plain factories and acts: a person fills in the form, reads the mail, confirms."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from declaration.demo import text as demo_text
from declaration.models import Text
from signatories.accounts import second_factor
from signatories.identity import mailbox
from signatories.mail import outbox
from signatories.models import Listed, Organizer, OutboundMail, Setting, Signature, Signup
from signatories.models import settings as site
from signatories.models.limits import ListKind
from signatories.models.organizer import Role
from signatories.models.outbound_mail import MailKind
from signatories.models.signer_fields import SignerInput
from signatories.screening import limits
from signatories.signing import services
from tests.smtp import Catcher, Mail

ADDRESS = "ann@example.org"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of every organizer's authenticator app


def text() -> Text:
    """The published text in English (and the French one beside it); example.org, where all have mail, is known to us."""
    demo_text.publish()
    Listed.objects.get_or_create(kind=ListKind.DOMAIN, value="example.org")
    rules_anew()
    found = Text.objects.current("en")
    assert found
    return found


def from_everywhere() -> None:
    """Let this machine stand for many visitors: its network is not counted."""
    Listed.objects.get_or_create(kind=ListKind.NETWORK, value="127.0.0.0/8")
    rules_anew()


def rules_anew() -> None:
    """What organizers set counts at once, as it does elsewhere after a few seconds."""
    site.forget_settings()
    limits.forget_rules()
    limits.rules()
    site.current()


def form(**changes: Any) -> dict[str, Any]:
    """A rightly filled form."""
    filled = {
        "name": "Aveline Ashgrove", "profession": "singer", "affiliation": "The Paper Lanterns", "country": "IE",
        "email": ADDRESS, "appearance": "named",
    }  # fmt: skip
    return {key: value for key, value in (filled | changes).items() if value is not None}


def set_to(**values: Any) -> None:
    """Store settings of the site without end, as organizers do; they count at once."""
    for name, value in values.items():
        assert name in site.ABOUT, name
        defaults = {"value": value, "ends_at": None, "afterwards": None, "changed_at": timezone.now()}
        Setting.objects.update_or_create(name=name, defaults=defaults)
    rules_anew()


def post_form(client: Client, path: str = "/sign/", **changes: Any) -> HttpResponse:
    """Send the form."""
    return client.post(path, form(**changes))  # type: ignore[return-value]


def read_mail(catcher: Catcher, address: str = ADDRESS) -> Mail:
    """Let the worker's job run once, and open the newest mail to `address` but for thanks."""
    outbox.drain()
    mails = [mail for mail in catcher.of(address) if not mail.is_thanks]
    assert mails, f"no mail for {address}"
    return mails[-1]


def sign_up(client: Client, catcher: Catcher, **changes: Any) -> Mail:
    """Send the form and open the mail."""
    text()
    response = post_form(client, **changes)
    assert response.status_code == 303, errors(response)
    return read_mail(catcher, changes.get("email", ADDRESS))


def signed(*, now: datetime | None = None, address: str = ADDRESS, **changes: Any) -> Signature:
    """A signature made by the services, without HTTP and mail."""
    return signed_to(text(), now=now, address=address, **changes)


def signed_to(
    words: Text, *, now: datetime | None = None, address: str = ADDRESS, held_for: Sequence[str] = (), **changes: Any
) -> Signature:
    """The same to a text that is known to be published; `held_for` are reasons that the form found."""
    now = now or timezone.now()
    said: dict[str, Any] = {"name": "Aveline Ashgrove", "profession": "singer", "named": True} | changes
    services.sign(
        signer=SignerInput(**said), address=address, news=False, language="en", text=words, now=now, held_for=held_for
    )
    signup = Signup.objects.filter(address_digest=mailbox.digest(address)).latest("pk")
    made = services.confirm(signup_id=signup.pk, corrections=services.said_by(signup), now=now)
    OutboundMail.objects.filter(signature=made, kind=MailKind.THANKS).delete()  # of no concern but in test_thanks.py
    return made


@cache
def hashed(password: str, hasher: str) -> str:
    """The hash of a password, made once: that takes as long as it should."""
    return make_password(password)


def organizer(name: str = "olga", role: Role | None = Role.ADMINISTRATOR) -> AbstractBaseUser:
    """Somebody with an account for the desk; without a role they may do nothing there."""
    user = get_user_model()(username=name, email=f"{name}@declaration.example", is_staff=True)
    user.is_superuser = role == Role.ADMINISTRATOR
    user.password = hashed("long-and-secret", settings.PASSWORD_HASHERS[0])
    user.save()
    if role:
        Organizer.objects.create(account=user, role=role, created_at=timezone.now() - timedelta(days=30))
    return user


def enter(browser: Client, account: AbstractBaseUser) -> Client:
    """Sign an organizer in, the second factor (if the role needs one) shown just now."""
    browser.force_login(account)  # type: ignore[arg-type]
    if second_factor.is_needed_by(account):
        if not second_factor.has_one(account):
            second_factor.add_app(account, SECRET)
        request = HttpRequest()
        request.session = browser.session
        second_factor.mark_shown(request)
        request.session.save()
    return browser


def errors(response: HttpResponse) -> list[str]:
    """The error texts a page shows beside its fields."""
    return re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)<', response.content.decode(), re.DOTALL)


def signed_many(domain: str, count: int, **changes: Any) -> None:
    """So many people of one mail domain sign and confirm."""
    words = text()
    for n in range(count):
        signed_to(words, address=f"p{n}@{domain}", name=f"Person {n} {domain}", **changes)
