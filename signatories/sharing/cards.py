"""Cards with a signer's own name: made and removed by the signer alone, and what stands on them."""

import re
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from declaration.models import Text
from signatories.identity import consent
from signatories.mine import services as mine
from signatories.models import Card, Signature
from signatories.models import settings as site
from signatories.models.card import IN_ADDRESS
from signatories.models.embargo import hidden_until
from signatories.models.profession import Profession
from signatories.models.signature import State
from signatories.sharing import card_pictures


class Hindrance(StrEnum):
    """Why somebody can have no card now."""

    EMBARGO = "embargo"
    STATE = "state"
    UNNAMED = "unnamed"
    CLOSED = "closed"
    CONSENT = "consent"


def hindrance(signature: Signature, now: datetime) -> Hindrance | None:
    """Return the first thing that keeps a signer from having a card; None if nothing does."""
    hindrances = {
        Hindrance.EMBARGO: hidden_until(now) is not None,
        Hindrance.STATE: signature.state != State.PUBLISHED,
        Hindrance.UNNAMED: not signature.named,
        Hindrance.CLOSED: not site.current(now).list_public,
        Hindrance.CONSENT: not signature.shown_elsewhere,
    }
    return next((why for why, holds in hindrances.items() if holds), None)


def make(*, signature_id: int, language: str, now: datetime) -> bool:
    """Make the card of a signer, or let the one there is speak `language`; False if there can be none now."""
    with transaction.atomic():
        shown = Signature.objects.shown_elsewhere().filter(pk=signature_id)
        signature = shown.select_for_update(of=("self",)).first()
        if signature is None or hindrance(signature, now):
            return False
        values = {"language": language, "made_at": now}
        Card.objects.update_or_create(signature=signature, defaults={"language": language}, create_defaults=values)
        return True


def agree_and_make(*, signature_id: int, agreed: str, language: str, now: datetime) -> bool:
    """Take the consent that a card needs and make it, or neither; False if there can be none now."""
    with transaction.atomic():
        if consent.allows_elsewhere(agreed):
            mine.show_elsewhere(signature_id=signature_id, agreed=agreed)
        made = make(signature_id=signature_id, language=language, now=now)
        transaction.set_rollback(not made)
        return made


def remove(*, signature_id: int) -> bool:
    """Remove the card of a signer, at once and for ever: another one has another address. False if there was none."""
    return bool(Card.objects.filter(signature=signature_id).delete()[0])


def find(token: str) -> Card | None:
    """Return the card of a token, if it may be shown."""
    return Card.objects.shown().filter(token=token).first() if re.fullmatch(IN_ADDRESS, token) else None


def title(card: Card) -> str:
    """Return the title of the declaration in the language of the card."""
    text = Text.to_sign(card.language)
    return text.title if text else settings.DECLARATION_NAME or gettext("The declaration")


def beside(signature: Signature) -> str:
    """Return the profession in words; "" for somebody who chose "other" and gave no word of their own."""
    said = signature.profession != Profession.OTHER or signature.profession_other
    return signature.profession_text if said else ""


def drawn(card: Card) -> card_pictures.Card:
    """Return what stands on a card, from the signature of now, in the language of the card."""
    with translation.override(card.language):
        return card_pictures.with_name(
            name=card.signature.name, beside=beside(card.signature), signed=gettext("has signed"), title=title(card),
            address=address_of_site(),
        )  # fmt: skip


def address_of_site() -> str:
    """Return our address as people type it."""
    return urlsplit(settings.SITE_URL).netloc
