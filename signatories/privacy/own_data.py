"""The stored data of a signer, for the signer: the same facts on a page and as JSON."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from declaration.joints import listed, told_of
from signatories.gathering import on_request
from signatories.identity import consent, mailbox
from signatories.models import (
    AnnouncedMailbox,
    Card,
    GatheredBatch,
    Invitee,
    MailQuota,
    Membership,
    OutboundMail,
    Signature,
    Signup,
    StoppedMailbox,
    signer_fields,
)
from signatories.models.outbound_mail import MailKind
from signatories.privacy import dossiers, retention


def facts(signature: Signature) -> list[tuple[str, str, Any]]:
    """Return every fact as (key, label, value); moments in ISO 8601, UTC."""
    text = signature.text
    return [
        ("number", _("Number"), signature.number),
        ("state", _("State"), str(signature.get_state_display())),
        *((field.key, str(field.label), field.value(signature)) for field in signer_fields.FIELDS if field.label),
        ("language", _("Language"), signature.language),
        ("address", _("E-mail"), mailbox.unseal(bytes(signature.address_sealed))),
        ("representative", _("Signed by a representative"), signature.representative),
        ("representative_role", _("Role of the representative"), signature.representative_role),
        ("text_signed", _("Text signed"), f"{text.title} ({text.language}, {_('version')} {text.version})"),
        ("text_sha256", _("SHA-256 of the text"), text.sha256),
        ("consent", _("Consent given"), told_of(signature.consent, str(consent.SENTENCES.get(signature.consent, "")))),
        ("shown_elsewhere", _("Others may show it, too"), signature.shown_elsewhere),
        ("card", _("Card to show around"), _card(signature)),
        ("source", _("Where it was given"), signature.source),
        ("brought_by", _("Came by a link of"), signature.channel.partner.name if signature.channel else ""),
        ("member_of", _("Member of"), listed(place.group.name for place in _places(signature))),
        ("signed_at", _("Signed"), _moment(signature.signed_at)),
        ("confirmed_at", _("Confirmed"), _moment(signature.confirmed_at)),
        ("published_at", _("First published"), _moment(signature.published_at)),
        ("changed_at", _("Last changed"), _moment(signature.changed_at)),
        ("news_mailed", _("News mailed to you"), listed(news_mailed(signature))),
    ]


def _card(signature: Signature) -> str:
    """Return the address of the card that the signer has made, "" without one."""
    card = Card.objects.filter(signature=signature).first()
    return settings.SITE_URL + card.get_absolute_url() if card else ""


def news_mailed(signature: Signature) -> list[str]:
    """Return which news was mailed to a signer, as far as it is remembered: title and moment."""
    mails = OutboundMail.objects.filter(
        address_digest__in=mailbox.digests_of(signature),
        kind=MailKind.NEWS,
        signature__isnull=False,
        sent_at__isnull=False,
    )
    told = []
    for mail in mails.select_related("mailing__update").prefetch_related("mailing__update__texts").order_by("pk"):
        text = mail.mailing.update.text_in(mail.language) if mail.mailing else None
        told.append(f"{text.title if text else ''} ({_moment(mail.sent_at)})")
    return told


def _places(signature: Signature) -> QuerySet[Membership]:
    return signature.memberships.standing().select_related("group").order_by("pk")


def as_json(signature: Signature) -> dict[str, Any]:
    """Return the facts by their keys."""
    return {key: value for key, _words, value in facts(signature)}


def of_mailbox(address: str) -> dict[str, Any]:
    """Return all stored data of a mailbox, by column, so that a new column is included.

    Binary columns are left out: secrets (nonces), and values that tell a person nothing (digests, sort keys).
    """
    digests = mailbox.digests(address)
    signatures = list(Signature.objects.filter(address_digest__in=digests).order_by("pk"))
    stopped = StoppedMailbox.objects.filter(pk__in=digests).first()
    invitees = Invitee.objects.filter(address_digest__in=digests, is_test=False).select_related("batch__partner")
    return {
        "mailbox": mailbox.fold(address),
        "signatures": [
            _row(s)
            | {"acts": _acts(s), "quotes": _rows(s.quotes.all()), "news_mailed": news_mailed(s)}
            | {"cards": _rows(Card.objects.filter(signature=s))}
            | _of_groups(s)
            | _of_dossiers(s)
            for s in signatures
        ],
        "announced_mailboxes": _rows(AnnouncedMailbox.objects.filter(address_digest__in=digests)),
        "signups": _rows(Signup.objects.filter(address_digest__in=digests)),
        "invitations": [of_invitee(one) for one in invitees.order_by("pk")],
        "lines_of_files": [_line_of(*found) for found in on_request.lines_of(address)],
        "letters": _rows(OutboundMail.objects.filter(address_digest__in=digests)),
        "reports": [_row(report) for report in retention.reports_by(address)],
        "mails_a_day": _rows(MailQuota.objects.filter(address_digest__in=digests)),
        "wants_no_mail_since": _moment(stopped.stopped_at) if stopped else "",
    }


def of_invitee(invitee: Invitee) -> dict[str, Any]:
    """Return what is stored about somebody whom a partner named: the row, who gave it, and how they had agreed."""
    batch = invitee.batch
    given = {key: getattr(batch, key) for key in ("asked_by", "asked_on", "asked_where", "asked_in")}
    return _row(invitee) | {"given_by": batch.partner.name, "given_at": _moment(batch.created_at)} | given


def _line_of(batch: GatheredBatch, line: int, cells: list[str]) -> dict[str, Any]:
    """Return what a line of a file says that a partner has handed over, and nobody has been asked about yet."""
    return {"given_by": batch.partner.name, "given_at": _moment(batch.created_at), "line": line, "cells": cells}


def _of_groups(signature: Signature) -> dict[str, Any]:
    """Return in which groups somebody stands, and of a group the places that its speaker made.

    Who has taken a place is not the speaker's to know: a member may have signed without showing the name.
    """
    places = [place | {"signature": None} for place in _rows(signature.members.all())]
    return {"memberships": _rows(signature.memberships.all()), "members": places}


def _of_dossiers(signature: Signature) -> dict[str, Any]:
    """Return who verified a signature, and the dossiers of the watched names as whose person it was verified."""
    names = dossiers.names_of(signature)
    return {
        "verifications": _rows(signature.verifications.all()),
        "dossiers": [
            _row(watched) | {kind: _rows(rows) for kind, rows in dossiers.rows_of(watched).items()} for watched in names
        ],
    }


def _acts(signature: Signature) -> list[dict[str, Any]]:
    """Return the acts on a signature, and what they changed where that is kept."""
    acts = signature.acts.select_related("detail").order_by("pk")
    return [_row(act) | ({"changed": _row(act.detail)} if hasattr(act, "detail") else {}) for act in acts]


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows.order_by("pk")]


def _row(row: Model) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.name == "address_sealed":
            found["address"] = mailbox.unseal(bytes(value)) if value else ""
        elif isinstance(value, datetime):
            found[field.name] = _moment(value)
        elif not isinstance(value, bytes | memoryview):
            found[field.name] = value if isinstance(value, int | list | None) else str(value)
    return found


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
