"""The mail of an update, a form letter: only the link that stops news differs, beside address, date and Message-ID.

It holds nothing private, because people pass news on: the own page is reached through the page that mails its link.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mail import form_letters
from signatories.mail.form_letters import FilledLetter, FormLetter, Places
from signatories.models import OutboundMail, Signature, Update
from signatories.models.news import MailingState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State

_MOST_BUILT = 64


def is_wanted(row: OutboundMail) -> bool:
    """Whether news is still to be sent: its mailing is not cancelled, its update public, and the person wants it."""
    mailing = row.mailing
    if mailing is None or mailing.state == MailingState.CANCELLED or not mailing.update.is_public:
        return False
    return row.signature is None or may_get(row.signature)


def may_get(signature: Signature) -> bool:
    """Whether a person gets news: the signature stands, and they asked for it."""
    return signature.state == State.PUBLISHED and signature.news


class News(NamedTuple):
    """News among the rows of a group, just before it is sent: what nobody wants any more, and what is paused."""

    unwanted: frozenset[OutboundMail] = frozenset()
    paused: frozenset[OutboundMail] = frozenset()


# Rows that are gone meanwhile, because their person was erased, are not found, and so are not wanted.
_LOOK_AGAIN = """
SELECT letter.id, mailing.state = 'going' AND mailing.paused_at IS NOT NULL
FROM signatories_letter letter
JOIN signatories_mailing mailing ON mailing.id = letter.mailing_id
JOIN signatories_update news ON news.id = mailing.update_id
LEFT JOIN signatories_signature person ON person.id = letter.signature_id
WHERE letter.id = ANY(%s) AND mailing.state <> 'cancelled'
    AND news.published_at IS NOT NULL AND news.taken_down_at IS NULL
    AND (letter.signature_id IS NULL OR person.news AND person.state = 'published')
"""


def look_again(rows: Sequence[object]) -> News:
    """Read anew whether news is wanted: somebody may have stopped it, or paused the mailing, since it was claimed."""
    news = [row for row in rows if isinstance(row, OutboundMail) and row.kind == MailKind.NEWS]
    if not news:
        return News()
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AGAIN, [[row.pk for row in news]])
        wanted = dict(cursor.fetchall())
    unwanted = frozenset(row for row in news if row.pk not in wanted)
    return News(unwanted, frozenset(row for row in news if wanted.get(row.pk)))


def message(row: OutboundMail, address: str, own_id: str) -> FilledLetter | None:
    """Return the mail of a row; None for an address that needs more care than bytes put together."""
    if row.mailing is None:
        raise ValueError("news of no mailing")
    if not form_letters.can_be_filled_in_for(address):
        return None
    built = _built(row.mailing.update_id, row.mailing.update.words_at, row.language, row.signature is None)
    return built.filled(address, own_id, {"stop": stop_link(row.signature)})


def stop_link(signature: Signature | None) -> str:
    """The last part of the address that stops news; that of a test stops nothing."""
    if signature is None:
        return links.make(Purpose.NEWS, 0, b"test")
    return links.make(Purpose.NEWS, signature.pk, signature.nonce)


def stop_url(link: str) -> str:
    return settings.SITE_URL + reverse("news-stop", args=[link])


def context_of(row: OutboundMail) -> dict[str, Any]:
    """What the templates show in the mail to one person, in the language that is active."""
    if row.mailing is None:
        raise ValueError("news of no mailing")
    return context(row.mailing.update, row.language, stop_link(row.signature), is_test=row.signature is None)


def context(update: Update, language: str, link: str, *, is_test: bool) -> dict[str, Any]:
    """What the templates of the mail show, in the language that is active."""
    text = update.text_in(language)
    if text is None:
        raise ValueError("an update without words")
    return {
        "text": text,
        "is_test": is_test,
        "update_url": settings.SITE_URL + update.get_absolute_url(),
        "stop_url": stop_url(link),
        "ask_url": settings.SITE_URL + reverse("mine-ask"),
    } | form_letters.operator()


@lru_cache(maxsize=_MOST_BUILT)
def _built(update_id: int, words_at: datetime, language: str, is_test: bool) -> FormLetter:
    """Make the mail. `words_at` stands among the arguments, so that corrected words are made anew."""
    update = Update.objects.prefetch_related("texts").get(pk=update_id)
    places = Places("stop")
    with translation.override(language):
        shown = context(update, language, places["stop"], is_test=is_test)
        subject, plain, html = (render_to_string(f"emails/news/{name}", shown) for name in _TEMPLATES)
    return FormLetter.made(places, subject=subject, plain=plain, html=html, stop_url=shown["stop_url"])


_TEMPLATES = ("subject.txt", "body.txt", "body.html")
