"""Messages: each kind of mail has a folder of templates and is written in the reader's language.

A message that is sent again is the same: links, code and Message-ID are derived from the row.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import Min, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from declaration.models import Text
from signatories.accounts import mails as account_mails
from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.identity.mailable import reads_as_name
from signatories.identity.mailbox import MailboxCache
from signatories.lifecycle.mailboxes import GivenBefore, have_signed
from signatories.mail import confirmation, form_letters, news
from signatories.mail.news import News
from signatories.models import Invitee, OutboundMail, Signature, Signup
from signatories.models import settings as site
from signatories.models.gathering import Answer
from signatories.models.outbound_mail import ABOUT_ACCOUNTS, ASKED_FOR, MailKind, PreparedText
from signatories.models.signature import State
from signatories.models.stored_names import stored_name

type Row = Signup | OutboundMail


class Before(NamedTuple):
    """What happened in the mailboxes of a batch of rows before."""

    given: dict[int, list[Signature]]  # by the id of a signup, the signatures its mailbox has given
    repeated: set[Row]  # rows whose mailbox was mailed the same sort of mail before
    news: News = News()


def is_wanted(row: Row, mailboxes: MailboxCache) -> bool:
    """Whether there is still something to say. Not if it was confirmed meanwhile, or a link would lead nowhere."""
    if isinstance(row, Signup):
        return row.confirmed_at is None
    if row.kind in ABOUT_ACCOUNTS:
        return account_mails.is_wanted(row, mailboxes.of(row).address or "")
    if row.kind == MailKind.LINK:
        digests = mailboxes.of(row).digests
        return bool(_signatures(row, mailboxes) or _unconfirmed(row, mailboxes) or _open_invitation(digests))
    if row.kind == MailKind.REMINDER:
        return bool(row.signup and row.signup.confirmed_at is None and not _signatures(row, mailboxes))
    if row.kind == MailKind.THANKS:
        return bool(row.signature and row.signature.state == State.PUBLISHED)
    if row.kind == MailKind.PERSONAL:
        return bool(row.signature and row.signature.state in PreparedText(row.prepared).states)
    if row.kind == MailKind.GATHERED:
        return _is_still_asked(row, mailboxes)
    if row.kind == MailKind.NEWS:
        return news.is_wanted(row)
    return bool(row.signature and row.signature.erased_at is None)


def _is_still_asked(row: OutboundMail, mailboxes: MailboxCache) -> bool:
    """Whether an invitation is sent: not to somebody who signed in another way while it waited."""
    invitee = row.invitee
    if invitee is None or invitee.answer != Answer.NONE or not Text.to_sign(row.language):
        return False
    return invitee.is_test or not have_signed(mailboxes.of(row).digests)


def has_quota(row: Row) -> bool:
    """Whether this mail has a quota and can be stopped: those that others cause, and thanks."""
    return not is_own_test(row) and (isinstance(row, Signup) or row.kind in ASKED_FOR)


def can_be_stopped(row: Row) -> bool:
    """Whether this mail does not go to a mailbox whose owner said stop."""
    return has_quota(row) or (_is_news(row) and not is_own_test(row))


def is_own_test(row: Row) -> bool:
    """Whether somebody who is signed in has mailed this to themselves, to look at it: a rehearsal, a test."""
    if isinstance(row, Signup):
        return row.rehearsal
    if row.kind == MailKind.NEWS:
        return row.signature is None
    return row.kind == MailKind.GATHERED and row.invitee is not None and row.invitee.is_test


def _is_news(row: Row) -> bool:
    return isinstance(row, OutboundMail) and row.kind == MailKind.NEWS


def leads_to_signature(row: Row, mailboxes: MailboxCache) -> bool:
    """Whether this mail holds the link to the own page of a signature, which was asked for."""
    return isinstance(row, OutboundMail) and row.kind == MailKind.LINK and bool(_signatures(row, mailboxes))


def look_up(rows: Sequence[Row], mailboxes: MailboxCache) -> Before:
    """What happened before in the mailboxes of these rows, in one query for each kind of row."""
    digests = {row: mailboxes.of(row).digests for row in rows if not _is_news(row)}
    of_signups = [digest for row in digests if isinstance(row, Signup) for digest in digests[row]]
    found = list(Signature.objects.of_mailbox(of_signups)) if of_signups else []
    firsts = {
        Signup: _first_mails(Signup.objects.of_signers(), of_signups),
        OutboundMail: _first_mails(
            OutboundMail.objects.filter(kind=MailKind.LINK),
            [digest for row in digests if not isinstance(row, Signup) for digest in digests[row]],
        ),
    }
    return Before(
        {
            row.pk: [one for one in found if bytes(one.address_digest) in digests[row]]
            for row in rows
            if isinstance(row, Signup)
        },
        {row for row in digests if any(firsts[type(row)].get(digest, row.pk) < row.pk for digest in digests[row])},
        news.look_again(rows),
    )


def _first_mails(mails: QuerySet[Any], digests: list[bytes]) -> dict[bytes, int]:
    """For each mailbox the id of its first mail among these."""
    if not digests:
        return {}
    first = mails.filter(address_digest__in=digests).values_list("address_digest").annotate(Min("pk"))
    return {bytes(digest): pk for digest, pk in first}


def message(row: Row, mailboxes: MailboxCache, before: Before | None = None) -> EmailMessage:
    """The message of a row. Raises cryptography.fernet.InvalidToken if no key opens its address.

    `before` is the answer of `look_up` where it was asked for several rows together.
    """
    address = mailboxes.of(row).address
    if address is None:
        raise InvalidToken
    if isinstance(row, OutboundMail) and row.kind == MailKind.NEWS:
        return _of_news(row, address)
    before = before or look_up([row], mailboxes)
    if isinstance(row, Signup) and not before.given[row.pk] and row not in before.repeated:
        letter = confirmation.letter(row, address, message_id(row))
        if letter is not None:
            return letter
    return written(row, address, mailboxes, before)


def written(row: Row, address: str, mailboxes: MailboxCache, before: Before) -> EmailMultiAlternatives:
    """The message of a row that is no news, written for this person alone."""
    dated = row in before.repeated
    with translation.override(row.language):
        if isinstance(row, Signup):
            folder, context = _of_signup(row, before.given[row.pk])
            dated = dated or row.rehearsal
        elif row.kind in ABOUT_ACCOUNTS:
            folder, dated = row.kind, True
            address, context = account_mails.content(row, address)
        else:
            folder, context = _of_outbound_mail(row, mailboxes)
        made = compose(folder, context, address, message_id(row))
        if dated:  # mail programs fold mails with equal subjects into one conversation, and show the older one
            made.subject += f" ({row.created_at.astimezone(UTC):%H:%M} UTC)"
        if isinstance(row, OutboundMail) and row.kind == MailKind.PERSONAL:
            _make_answerable(made)
    return made


def _of_news(row: OutboundMail, address: str) -> EmailMessage:
    if quick := news.message(row, address, message_id(row)):
        return quick
    with translation.override(row.language):
        return compose("news", news.context_of(row), address, message_id(row))


def compose(folder: str, context: dict[str, Any], address: str, own_id: str) -> EmailMultiAlternatives:
    """A mail of ours in the language that is active, with the headers that all of them have."""
    context |= form_letters.operator()
    made = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"emails/{folder}/subject.txt", context).split()),
        body=render_to_string(f"emails/{folder}/body.txt", context),
        from_email=form_letters.sender(),
        to=[address],
        headers=_headers(own_id) | _unsubscribe(context),
    )
    made.attach_alternative(render_to_string(f"emails/{folder}/body.html", context), "text/html")
    return made


def _headers(own_id: str) -> dict[str, str]:
    # Google Mail keeps mails with different X-Entity-Ref-ID apart.
    return {"Message-ID": own_id, "X-Entity-Ref-ID": own_id.strip("<>"), "Auto-Submitted": "auto-generated"}


def _make_answerable(made: EmailMultiAlternatives) -> None:
    """A person has written it, and its answers go to the operator, whatever the sender becomes on its way."""
    made.reply_to = [settings.OPERATOR_EMAIL]
    for header in ("X-Entity-Ref-ID", "Auto-Submitted"):
        del made.extra_headers[header]


def _of_signup(signup: Signup, places: list[Signature]) -> tuple[str, dict[str, Any]]:
    """The mail that proves a mailbox, or tells its owner (and nobody else) that it has signed before."""
    context = confirmation.context(signup)
    if signup.rehearsal:
        del context["stop_url"]  # an organizer has asked for it
        return "confirm", context
    if signup.representative or not places:
        return "confirm", context
    before = GivenBefore(places, signup.name)
    already = before.likest or places[0]
    return "already", context | {
        "already": already,
        "shared": before.leaves_room,
        "mine_url": _own_page_url(already, _made_on(signup)),
    }


def _of_outbound_mail(row: OutboundMail, mailboxes: MailboxCache) -> tuple[str, dict[str, Any]]:
    if row.kind == MailKind.REMINDER and row.signup:
        return "reminder", confirmation.context(row.signup)
    if row.kind == MailKind.GATHERED and row.invitee:
        return row.kind, _invitation_context(row.invitee)
    if row.kind == MailKind.LINK:
        found = [(signature, _own_page_url(signature, _made_on(row))) for signature in _signatures(row, mailboxes)]
        unconfirmed = None if found else _unconfirmed(row, mailboxes)
        more = confirmation.context(unconfirmed) if unconfirmed else {}
        invited = None if found else _open_invitation(mailboxes.of(row).digests)
        more |= {"invited_url": invitation_url(invited)} if invited else {}
        return "link", {"found": found, "link_days": settings.OWN_PAGE_DAYS} | more
    signature = row.signature
    if signature is None:
        raise ValueError("a mail about nobody")
    if row.kind == MailKind.PERSONAL:
        return row.kind, {"signature": signature, "prepared": row.prepared, "words": row.words}
    context: dict[str, Any] = {"signature": signature, "undo_days": settings.UNDO_DAYS}
    if row.kind == MailKind.THANKS:
        context["ask_url"] = settings.SITE_URL + reverse("mine-ask")
    elif signature.state == State.WITHDRAWN:
        context["undo_url"] = settings.SITE_URL + reverse("mine-undo", args=[undo_link(signature)])
    else:
        context["mine_url"] = _own_page_url(signature, _made_on(row))
    return row.kind, context


def invitation_url(invitee: Invitee) -> str:
    """The page of an invitation: there its reader signs, says no, and sees what is stored."""
    return settings.SITE_URL + reverse("gathering-invited", args=[invitation_link(invitee)])


def invitation_link(invitee: Invitee) -> str:
    """The last part of the address of an invitation."""
    return links.make(Purpose.GATHERED, invitee.pk, invitee.nonce)


def _invitation_context(invitee: Invitee) -> dict[str, Any]:
    text = Text.to_sign(invitee.language)
    return {
        "invitee": invitee,
        "called": invitee.name if reads_as_name(invitee.name) else "",
        "partner": invitee.batch.partner,
        "batch": invitee.batch,
        "text": text,
        "page_url": invitation_url(invitee),
        "stop_url": settings.SITE_URL + reverse("gathering-no", args=[invitation_link(invitee)]),
        "privacy_url": settings.SITE_URL + reverse("privacy"),
        "days": settings.LINK_DAYS,
    }


def _open_invitation(digests: list[bytes]) -> Invitee | None:
    """The invitation of a mailbox that has not answered it yet."""
    return Invitee.objects.known(digests).filter(answer=Answer.NONE, is_test=False).order_by("-pk").first()


def own_link(signature: Signature, made_on: date) -> str:
    """The private link to the own page of a signature; it ends OWN_PAGE_DAYS after `made_on`."""
    return links.make(Purpose.MINE, signature.pk, signature.nonce, made_on)


def undo_link(signature: Signature) -> str:
    """The private link that undoes the last withdrawal; it ends UNDO_DAYS after it."""
    day = signature.withdrawn_at.astimezone(UTC).date() if signature.withdrawn_at else None
    return links.make(Purpose.UNDO, signature.pk, signature.nonce, day)


def _own_page_url(signature: Signature, made_on: date) -> str:
    return settings.SITE_URL + reverse("mine-page", args=[own_link(signature, made_on)])


def _made_on(row: Row) -> date:
    """The day of the request, so that a repeated mail holds the same link."""
    return row.created_at.astimezone(UTC).date()


def _signatures(row: OutboundMail, mailboxes: MailboxCache) -> list[Signature]:
    """The live signatures that a mailbox gave, also those for somebody it represents."""
    return list(Signature.objects.live().filter(address_digest__in=mailboxes.of(row).digests).order_by("pk"))


def _unconfirmed(row: OutboundMail, mailboxes: MailboxCache) -> Signup | None:
    """The newest signup of a mailbox that can still be confirmed."""
    recent = site.opened_until(timezone.now(), Purpose.CONFIRM.lifetime)
    digests = mailboxes.of(row).digests
    waiting = Signup.objects.of_signers().filter(address_digest__in=digests, confirmed_at=None, created_at__gt=recent)
    return waiting.select_related("text").order_by("-created_at").first()


def _unsubscribe(context: dict[str, Any]) -> dict[str, str]:
    if "stop_url" not in context:
        return {}
    return {
        "List-Unsubscribe": f"<{context['stop_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(row: Row) -> str:
    """The Message-ID: equal for each repeat of a mail, so that a mailbox shows one. A digest, because logs hold it."""
    own = bytes(row.nonce) if isinstance(row, Signup) else bytes(row.once)
    return made_id(f"{stored_name(row)} {row.pk} ".encode() + own)


def made_id(key: bytes) -> str:
    """The Message-ID of what `key` names."""
    return f"<{hashlib.sha256(key).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"
