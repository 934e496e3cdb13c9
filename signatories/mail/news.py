"""The mail of an update: made once for each language, and filled in for each person.

Only the address, the date, the Message-ID and the link that stops news differ. Each has a placeholder in the mail as
it was made; so a mail is a few pieces of bytes put together, and no template is rendered for it. It holds nothing
private, because people pass news on: the own page is reached through the page that mails its link.
"""

import email.message
import email.policy
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.models import OutboundMail, Signature, Update
from signatories.models.news import MailingState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State

# An address that needs neither quotes nor another encoding. Mails to all others are made one by one.
_PLAIN = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9.-]+", re.ASCII)
_SMTP = email.policy.SMTP
_MOST_BUILT = 64


class Ready(email.message.EmailMessage):
    """A mail whose bytes are ready to be sent."""

    def __init__(self, content: bytes) -> None:
        super().__init__(policy=_SMTP)
        self.content = content

    def as_bytes(self, *_args: Any, **_kwargs: Any) -> bytes:
        return self.content


class NewsMail(EmailMessage):
    """A mail that is not composed again. Its sender and its one recipient are plain, so nobody needs to parse them."""

    def __init__(self, content: bytes, address: str) -> None:
        super().__init__(to=[address], from_email=sender())
        self.content = content

    def message(self, *, policy: Any = None) -> Ready:
        return Ready(self.content)


class Built(NamedTuple):
    """A mail in one language, and the address that stops news, both cut where the link of the person stands."""

    pieces: list[bytes]
    stop: list[str]

    def filled(self, address: str, own_id: str, link: str) -> bytes:
        """Return the mail to one person."""
        said = (
            f"To: {address}\r\nDate: {format_datetime(datetime.now(UTC))}\r\nMessage-ID: {own_id}\r\n"
            f"X-Entity-Ref-ID: {own_id.strip('<>')}\r\nList-Unsubscribe: <{link.join(self.stop)}>\r\n"
        )
        return said.encode("ascii") + link.encode("ascii").join(self.pieces)


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


def message(row: OutboundMail, address: str, own_id: str) -> NewsMail | None:
    """Return the mail of a row; None for an address that needs more care than bytes put together."""
    if row.mailing is None:
        raise ValueError("news of no mailing")
    if _PLAIN.fullmatch(address) is None or _PLAIN.fullmatch(settings.OPERATOR_EMAIL) is None:
        return None
    built = _built(row.mailing.update_id, row.mailing.update.words_at, row.language, row.signature is None)
    return NewsMail(built.filled(address, own_id, stop_link(row.signature)), address)


def sender() -> str:
    return formataddr((settings.OPERATOR_NAME, settings.OPERATOR_EMAIL))


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
        "site_url": settings.SITE_URL,
        "operator_name": settings.OPERATOR_NAME,
        "operator_email": settings.OPERATOR_EMAIL,
        "operator_address": settings.OPERATOR_ADDRESS,
    }


@lru_cache(maxsize=_MOST_BUILT)
def _built(update_id: int, words_at: datetime, language: str, is_test: bool) -> Built:
    """Make the mail. `words_at` stands among the arguments, so that corrected words are made anew."""
    update = Update.objects.prefetch_related("texts").get(pk=update_id)
    place = f"z{secrets.token_hex(12)}z"
    with translation.override(language):
        shown = context(update, language, place, is_test=is_test)
        subject, plain, html = (render_to_string(f"emails/news/{name}", shown) for name in _TEMPLATES)
    made = email.message.EmailMessage(policy=_SMTP)
    made.set_content(plain, charset="utf-8", cte="quoted-printable")
    made.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    made["Subject"] = " ".join(subject.split())
    made["From"] = sender()
    made["Auto-Submitted"] = "auto-generated"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Built(_cut(made.as_bytes(), place), str(shown["stop_url"]).split(place))


_TEMPLATES = ("subject.txt", "body.txt", "body.html")


def _cut(content: bytes, place: str) -> list[bytes]:
    """Cut a mail at its placeholder, which quoted-printable may have broken over two lines."""
    return re.split(rb"(?:=\r\n)?".join(re.escape(sign.encode()) for sign in place), content)
