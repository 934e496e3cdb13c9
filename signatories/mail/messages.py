"""The mails: one folder of templates each, in the reader's language, without advertising.

The same message on each repeat: links, code and Message-ID are derived from the row.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from email.utils import formataddr
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise

from signatories.identity import links, mailbox, names
from signatories.identity.links import Purpose
from signatories.models import OutboundMail, Signature, Signup, signer_fields
from signatories.models.outbound_mail import ASKED_FOR, MailKind
from signatories.models.signature import State
from signatories.models.stored_names import stored_name

type Known = dict[int, list[Signature]]


class SaidRow(NamedTuple):
    """What a signer said in one field, for the mail that asks to confirm it."""

    label: Promise | str
    words: Promise | str | bool
    is_typed: bool  # text of the signer, in any script and direction; else it is ours, in the language of the mail


def wanted(row: Signup | OutboundMail) -> bool:
    """Whether there is still something to say: a link that was asked for leads somewhere, a reminder reminds."""
    if isinstance(row, Signup):
        return row.confirmed_at is None
    if row.kind == MailKind.LINK:
        return bool(_signatures(row) or _unconfirmed(row))
    if row.kind == MailKind.REMINDER:
        return bool(row.signup and row.signup.confirmed_at is None and not _signatures(row))
    return bool(row.signature and row.signature.erased_at is None)


def caused_by_strangers(row: Signup | OutboundMail) -> bool:
    """Whether anybody can make us send this: such mails are limited, and their reader can stop them."""
    return isinstance(row, Signup) or row.kind in ASKED_FOR


def signatures_of(rows: Sequence[Signup | OutboundMail]) -> Known:
    """The signatures that the mailboxes of signups gave already, in one look, by the id of the signup."""
    digests = {row.pk: mailbox.digests_of(row) for row in rows if isinstance(row, Signup)}
    found = list(Signature.objects.of_mailbox([digest for several in digests.values() for digest in several]))
    return {
        pk: [signature for signature in found if bytes(signature.address_digest) in several]
        for pk, several in digests.items()
    }


def message(row: Signup | OutboundMail, known: Known | None = None) -> EmailMultiAlternatives:
    """The mail a row stands for. Raises cryptography.fernet.InvalidToken if its address cannot be opened.

    `known` are the signatures of its mailbox, where they have been looked up for several rows.
    """
    with translation.override(row.language):
        folder, context = _signup(row, known or signatures_of([row])) if isinstance(row, Signup) else _letter(row)
        context |= {
            "site_url": settings.SITE_URL,
            "operator_name": settings.OPERATOR_NAME,
            "operator_email": settings.OPERATOR_EMAIL,
            "operator_address": settings.OPERATOR_ADDRESS,
        }
        made = EmailMultiAlternatives(
            subject=" ".join(render_to_string(f"emails/{folder}/subject.txt", context).split()),
            body=render_to_string(f"emails/{folder}/body.txt", context),
            from_email=formataddr((settings.OPERATOR_NAME, settings.OPERATOR_EMAIL)),
            to=[mailbox.unseal(bytes(row.address_sealed))],
            headers={"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"} | _unsubscribe(context),
        )
        made.attach_alternative(render_to_string(f"emails/{folder}/body.html", context), "text/html")
    return made


def _signup(signup: Signup, known: Known) -> tuple[str, dict[str, Any]]:
    """The mail that proves a mailbox, or tells its owner (and nobody else) that it has signed before."""
    context = _about(signup)
    if signup.representative:
        return "confirm", context
    places = known[signup.pk]
    if not places:
        return "confirm", context
    same = next((s for s in places if names.may_be_one_person(s.name, signup.name)), None)
    shared = same is None and len(places) == 1
    already = same or places[0]
    return "already", context | {"already": already, "shared": shared, "mine_url": _mine(already, _day(signup))}


def _letter(letter: OutboundMail) -> tuple[str, dict[str, Any]]:
    if letter.kind == MailKind.REMINDER and letter.signup:
        return "reminder", _about(letter.signup)
    if letter.kind == MailKind.LINK:
        found = [(signature, _mine(signature, _day(letter))) for signature in _signatures(letter)]
        unconfirmed = None if found else _unconfirmed(letter)
        return "link", {"found": found, "link_days": settings.OWN_PAGE_DAYS} | (
            _about(unconfirmed) if unconfirmed else {}
        )
    signature = letter.signature
    if signature is None:
        raise ValueError("a letter about nobody")
    context: dict[str, Any] = {"signature": signature, "undo_days": settings.UNDO_DAYS}
    if signature.state == State.WITHDRAWN:
        context["undo_url"] = settings.SITE_URL + reverse("mine-undo", args=[undo_link(signature)])
    else:
        context["mine_url"] = _mine(signature, _day(letter))
    return letter.kind, context


def _about(signup: Signup) -> dict[str, Any]:
    """What every mail about an unconfirmed signup holds."""
    link = links.make(Purpose.CONFIRM, signup.pk, signup.nonce)
    stop = links.make(Purpose.STOP, signup.pk, signup.nonce)
    code = links.make_code(signup.pk, signup.nonce)
    return {
        "signup": signup,
        "said": _said(signup),
        "confirm_url": settings.SITE_URL + reverse("signing-confirm", args=[link]),
        "stop_url": settings.SITE_URL + reverse("signing-stop", args=[stop]),
        "code_url": settings.SITE_URL + reverse("signing-code"),
        "code": f"{code[:4]} {code[4:]}",
        "link_days": settings.LINK_DAYS,
    }


def _said(signup: Signup) -> list[SaidRow]:
    shown = [field for field in signer_fields.FIELDS if field.mail_label]
    return [SaidRow(field.mail_label, field.mail_value(signup), is_typed=not field.mail_words) for field in shown]


def own_link(signature: Signature, made_on: date) -> str:
    """The private link to the own page of a signature; it ends OWN_PAGE_DAYS after `made_on`."""
    return links.make(Purpose.MINE, signature.pk, signature.nonce, made_on)


def undo_link(signature: Signature) -> str:
    """The private link that undoes the last withdrawal."""
    return links.make(Purpose.UNDO, signature.pk, signature.nonce)


def _mine(signature: Signature, made_on: date) -> str:
    return settings.SITE_URL + reverse("mine-page", args=[own_link(signature, made_on)])


def _day(row: Signup | OutboundMail) -> date:
    return row.created_at.astimezone(UTC).date()


def _signatures(letter: OutboundMail) -> list[Signature]:
    """The live signatures that a mailbox gave, also those for somebody it represents."""
    return list(Signature.objects.live().filter(address_digest__in=mailbox.digests_of(letter)).order_by("pk"))


def _unconfirmed(letter: OutboundMail) -> Signup | None:
    recent = timezone.now() - timedelta(days=settings.LINK_DAYS)
    waiting = Signup.objects.filter(
        address_digest__in=mailbox.digests_of(letter), confirmed_at=None, created_at__gt=recent
    )
    return waiting.select_related("text").order_by("-created_at").first()


def _unsubscribe(context: dict[str, Any]) -> dict[str, str]:
    if "stop_url" not in context:
        return {}
    return {
        "List-Unsubscribe": f"<{context['stop_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(row: Signup | OutboundMail) -> str:
    """The same for each repeat of a mail, so that a mailbox shows one; a digest, because headers end up in logs."""
    own = bytes(row.nonce) if isinstance(row, Signup) else bytes(row.once)
    key = f"{stored_name(row)} {row.pk} ".encode() + own
    return f"<{hashlib.sha256(key).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"
