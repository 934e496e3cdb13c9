"""Adding and removing what signatories say."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer, record
from signatories.models import Quote, Signature
from signatories.models.act import Verb

MOST = 100


def add(
    *, number: int, words: str, language: str, cleared: str, organizer: AbstractBaseUser, now: datetime
) -> Quote | None:
    """Add a quote of the public signature of that number; None if there is none, or MOST quotes are there."""
    with transaction.atomic():
        signature = Signature.objects.public().select_for_update(of=("self",)).filter(number=number).first()
        if signature is None or Quote.objects.count() >= MOST:
            return None
        made = Quote.objects.create(signature=signature, words=words, language=language, cleared=cleared, added_at=now)
        record(Verb.FEATURE, by=by_organizer(organizer, "a quote added"), signature=signature)
        return made


def remove(*, quote_id: int, organizer: AbstractBaseUser) -> bool:
    """Remove a quote; False if it is gone already."""
    with transaction.atomic():
        quote = Quote.objects.select_for_update(of=("self",)).select_related("signature").filter(pk=quote_id).first()
        if quote is None:
            return False
        record(Verb.FEATURE, by=by_organizer(organizer, "a quote removed"), signature=quote.signature)
        quote.delete()
        return True
