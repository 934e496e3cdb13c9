"""The test of the mail before the declaration is open: one mail to an organizer, and a look at relay and DNS.

It is asked for at the desk and done by a worker, which has the time and stands where all mail is sent from.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import mailers
from django.db import transaction

from declaration.ops.mail_check import Finding, Verdict, check_dns, check_relay
from signatories.accounts.services import mail_test
from signatories.models import OutboundMail, Setup
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind

# So long a worker waits for the outbox before it says that the mail was not sent.
PATIENCE = timedelta(seconds=60)
# A test that nobody has answered for so long may be asked for again.
GIVEN_UP = timedelta(minutes=5)


def ask(*, organizer: User, now: datetime) -> bool:
    """Have the mail tested. Returns False if a test is on its way."""
    with transaction.atomic():
        setup = Setup.locked()
        if setup.mail_asked_at and setup.is_mail_waiting and now - setup.mail_asked_at < GIVEN_UP:
            return False
        mail_test(address=organizer.email, now=now)
        setup.mail_asked_at, setup.mail_asked_by = now, organizer
        setup.mail_checked_at, setup.mail_findings = None, []
        setup.save()
        return True


def run(now: datetime, *, dns_server: str = "") -> bool:
    """Answer a test that was asked for. Returns False if there is none, or its mail is still being sent.

    Safe to repeat and to run twice at once: the answer belongs to one question, and the first one stays.
    """
    setup = Setup.objects.filter(mail_checked_at=None).exclude(mail_asked_at=None).first()
    if setup is None or setup.mail_asked_at is None:
        return False
    sent = _sent(setup.mail_asked_at, now)
    if sent is None:
        return False
    found = [sent, *check_relay(mailers.default), *_dns(dns_server)]
    findings = [{"verdict": each.verdict, "about": each.about, "words": each.words} for each in found]
    asked = Setup.objects.filter(mail_asked_at=setup.mail_asked_at, mail_checked_at=None)
    return bool(asked.update(mail_checked_at=now, mail_findings=findings))


def _sent(asked_at: datetime, now: datetime) -> Finding | None:
    """What became of the test mail; None while it may still be sent."""
    mail = OutboundMail.objects.filter(kind=MailKind.TEST, created_at=asked_at).first()
    if mail and mail.mail_state == MailState.SENT:
        return Finding(Verdict.FINE, "mail", "sent; see that it arrived, and that it is not in the folder for spam")
    if mail and mail.mail_state == MailState.WAITING:
        if now - asked_at < PATIENCE:
            return None
        return Finding(
            Verdict.MEND, "mail", "not sent within a minute; it is tried again. The lines below may say why."
        )
    why = f" ({mail.mail_error})" if mail and mail.mail_error else ""
    return Finding(Verdict.MEND, "mail", f"not sent{why}. Is the address of your account right?")


def _dns(server: str) -> Iterator[Finding]:
    domain = settings.OPERATOR_EMAIL.rpartition("@")[2].lower()
    return check_dns(domain, selector=settings.MAIL_DKIM_SELECTOR, server=server)
