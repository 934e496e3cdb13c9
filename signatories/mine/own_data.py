"""What we keep of a signer, for the signer: the same facts on a page and as JSON."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from signatories import consent, mailbox
from signatories.models import Signature


def facts(signature: Signature) -> list[tuple[str, str, Any]]:
    """Every fact as (key, words, value); moments in ISO 8601, UTC."""
    text = signature.text
    return [
        ("number", _("Number"), signature.number),
        ("state", _("State"), str(signature.get_state_display())),
        ("name", _("Name"), signature.name),
        ("name_latin", _("In Latin letters"), signature.name_latin),
        ("filed_under", _("Filed under"), signature.filed_under),
        ("profession", _("Profession"), signature.profession_text),
        ("affiliation", _("Band, ensemble, company"), signature.affiliation),
        ("country", _("Country"), signature.country.code or ""),
        ("shown_by_name", _("Shown by name"), signature.named),
        ("news", _("Wants news"), signature.news),
        ("language", _("Language"), signature.language),
        ("address", _("E-mail"), mailbox.unseal(bytes(signature.address_sealed))),
        ("representative", _("Signed by a representative"), signature.representative),
        ("representative_role", _("Role of the representative"), signature.representative_role),
        ("text_signed", _("Text signed"), f"{text.title} ({text.language}, {_('version')} {text.version})"),
        ("text_sha256", _("SHA-256 of the text"), text.sha256),
        ("consent", _("Consent given"), f"{signature.consent}: {consent.SENTENCES.get(signature.consent, '')}"),
        ("source", _("Where it was given"), signature.source),
        ("signed_at", _("Signed"), _moment(signature.signed_at)),
        ("confirmed_at", _("Confirmed"), _moment(signature.confirmed_at)),
        ("published_at", _("First published"), _moment(signature.published_at)),
        ("changed_at", _("Last changed"), _moment(signature.changed_at)),
    ]


def as_json(signature: Signature) -> dict[str, Any]:
    """The facts by their keys."""
    return {key: value for key, _words, value in facts(signature)}


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
