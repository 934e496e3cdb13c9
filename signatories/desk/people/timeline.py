"""Timeline of a signup or a signature in plain words, oldest event first."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from signatories.identity import mailbox
from signatories.identity.links import Purpose
from signatories.models import OutboundMail, Signature, Signup
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.screening import holds
from signatories.signing import services as signing


class Event(NamedTuple):
    """One sentence and its time; None for the present state."""

    at: datetime | None
    words: str


def of_signup(signup: Signup) -> list[Event]:
    """List the events from the form to the confirmation."""
    return [Event(signup.created_at, "Sent the form."), *_mailed(signup), *_confirmed(signup)]


def _mailed(signup: Signup) -> Iterator[Event]:
    if signup.sent_at:
        yield Event(signup.sent_at, "The mail was handed to the mail server.")
    if signup.mail_state == MailState.WAITING:
        late = f" Tried {signup.mail_attempts} times: {signup.mail_error}." if signup.mail_error else ""
        yield Event(None, f"A mail waits to be sent.{late}")
    elif signup.mail_state == MailState.UNDELIVERABLE:
        yield Event(None, f"The mail came back: {signup.mail_error}. The address is probably wrong.")
    elif signup.mail_state == MailState.SET_ASIDE:
        yield Event(None, f"No mail was sent: {signup.mail_error}.")


def _confirmed(signup: Signup) -> Iterator[Event]:
    if signup.confirmed_at:
        yield Event(signup.confirmed_at, "Confirmed.")
    else:
        yield Event(None, "Not confirmed: neither shown nor counted.")


def of_signature(signature: Signature) -> list[Event]:
    """List the events from the form to the present state."""
    told = [Event(signature.signed_at, "Sent the form."), Event(signature.confirmed_at, "Confirmed.")]
    if signature.published_at:
        told.append(Event(signature.published_at, f"Published as number {signature.number}."))
    return [*told, *_letters(signature), *_current_state(signature)]


def _letters(signature: Signature) -> Iterator[Event]:
    """The other mails to the mailbox of a signature: those about it, and those with links that were asked for."""
    about = Q(signature=signature) | Q(address_digest__in=mailbox.digests_of(signature), kind=MailKind.LINK)
    for mail in OutboundMail.objects.filter(about).order_by("pk"):
        what = f"Mail ({mail.get_kind_display()})"
        if mail.mail_state == MailState.SENT:
            yield Event(mail.sent_at, f"{what}: handed to the mail server.")
        elif mail.mail_state == MailState.WAITING:
            late = f" Tried {mail.mail_attempts} times: {mail.mail_error}." if mail.mail_error else ""
            yield Event(mail.created_at, f"{what}: waits to be sent.{late}")
        else:
            yield Event(mail.created_at, f"{what}: not sent, {mail.mail_error}.")


def _current_state(signature: Signature) -> Iterator[Event]:
    why = "; ".join(holds.explain(code) for code in signature.held_for)
    if signature.state == State.PUBLISHED:
        yield Event(None, "Stands on the list by name." if signature.named else "Counted without showing the name.")
    elif signature.state == State.HELD:
        yield Event(None, f"Waits for a person: {why or 'held by an organizer'}.")
    elif signature.state == State.REJECTED:
        yield Event(None, "Rejected: neither shown nor counted.")
    elif signature.erased_at:
        yield Event(signature.erased_at, "Withdrawn and erased.")
    elif signature.withdrawn_at:
        until = signature.withdrawn_at + Purpose.UNDO.lifetime
        yield Event(signature.withdrawn_at, f"Withdrawn. Can be undone until {until:%d %B %Y, %H:%M} UTC.")


def mails_stopped(row: Signup | Signature) -> bool:
    """Return whether the owner of the mailbox has stopped our mails."""
    return signing.mails_stopped(mailbox.digests_of(row))
