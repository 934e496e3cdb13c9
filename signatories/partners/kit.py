"""What a partner sends to its own people by itself: a mail, links, QR codes, a hand-out and a poster.

So no address of its members reaches us. The PDFs are made by the worker of the editions: a row asks for each.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from declaration import fonts, qr, shaping
from declaration.database.one_at_a_time import one_at_a_time
from declaration.models import Text
from signatories.editions.render import PangoMissing, Renderers, RenderFailed, Sheet
from signatories.models import Channel, Closing, Partner, PartnerSheet
from signatories.models.partner import SheetKind
from signatories.partners import channels
from signatories.partners.channels import Link

logger = logging.getLogger(__name__)
_MAKE_LOCK = 0xED19


@dataclass(frozen=True)
class Printed:
    """A sheet of a channel: what it is, and its row, if it was asked for and holds the text of today."""

    kind: SheetKind
    sheet: PartnerSheet | None


@dataclass(frozen=True)
class Material:
    """What there is for one channel."""

    link: Link
    printed: list[Printed]


@dataclass(frozen=True)
class Kit:
    """All of a partner in one language."""

    language: str
    subject: str
    body: str
    materials: list[Material]


def of_partner(partner: Partner, language: str) -> Kit | None:
    """The kit in a language of the site; None while there is nothing to sign, or not any more."""
    if Closing.current().end:
        return None
    with translation.override(language):
        text = Text.to_sign(language)
        if text is None:
            return None
        found = channels.links(partner)
        context = {"partner": partner, "text": text, "link": found[0].address, "operator_name": settings.OPERATOR_NAME}
        subject, _line, body = render_to_string("partners/mail.txt", context).strip().partition("\n")
    rows = PartnerSheet.objects.filter(channel__partner=partner, language=language, text=text)
    rows = rows.defer("pdf").annotate(ready=~Q(pdf=b""))
    sheets = {(row.channel_id, row.kind): row for row in rows}
    materials = [
        Material(link, [Printed(kind, sheets.get((link.channel.pk, kind))) for kind in SheetKind]) for link in found
    ]
    return Kit(language=language, subject=subject.strip(), body=body.strip(), materials=materials)


def ask(*, partner_id: int, channel_id: int, language: str, kind: SheetKind, now: datetime) -> bool:
    """Ask for a sheet, anew if it is of an older text or has failed. False if the channel is not of this partner.

    Nor for one without a link, nor once signing has ended: a sheet asks people to sign.
    """
    text, linked = Text.to_sign(language), Channel.objects.with_link().filter(pk=channel_id, partner=partner_id)
    if text is None or Closing.current().end or not linked.exists():
        return False
    wanted = {"text": text, "asked_at": now, "pdf": b"", "failed": ""}
    PartnerSheet.objects.update_or_create(channel_id=channel_id, language=language, kind=kind, defaults=wanted)
    return True


def forget_sheets(*, partner_id: int) -> None:
    """Drop the sheets of a partner whose name, sentence or logo has changed."""
    PartnerSheet.objects.filter(channel__partner=partner_id).delete()


def make_waiting() -> int:
    """Make the sheets that were asked for, oldest first; returns how many. Two workers never make the same one."""
    with one_at_a_time(_MAKE_LOCK) as locked:
        waiting = PartnerSheet.objects.filter(pdf=b"", failed="", channel__in=Channel.objects.with_link())
        waiting = waiting.order_by("asked_at")
        if not locked or not waiting.exists():
            return 0
        fonts.use()
        made = 0
        with Renderers(1) as renderers:
            while row := waiting.select_related("channel__partner", "text").first():
                _make(row, renderers)
                made += 1
        return made


def _make(row: PartnerSheet, renderers: Renderers) -> None:
    """Make a sheet, unless it was asked for anew meanwhile: then it is made once more."""
    done: dict[str, object]
    try:
        done = {"pdf": renderers.submit(_sheet(row)).result()}
    except (PangoMissing, RenderFailed) as error:
        logger.exception("sheet %d of a partner failed", row.pk)
        done = {"failed": str(error)[:200] or type(error).__name__}
    PartnerSheet.objects.filter(pk=row.pk, asked_at=row.asked_at).update(**done)


def _sheet(row: PartnerSheet) -> Sheet:
    """The page of a sheet, in its language."""
    partner = row.channel.partner
    with translation.override(row.language):
        address = next(link.address for link in channels.links(partner) if link.channel == row.channel)
        sentence, sentence_language = partner.told(partner.sentence)
        code = qr.inline(address)
        context = {
            "partner_name": _isolated(partner.name),
            "text": row.text,
            "text_direction": _direction(row.text.title),
            "link": address,
            "code": mark_safe(code),  # noqa: S308 - segno escapes the title, and draws the rest
            "sentence": sentence,
            "sentence_language": sentence_language,
            "sentence_direction": _direction(sentence),
            "language": row.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "operator_name": _isolated(settings.OPERATOR_NAME),
            "operator_email": settings.OPERATOR_EMAIL,
        }
        html = render_to_string(f"pdf/{row.kind}.html", context)
        style = render_to_string("pdf/sheet.css", {"families": SafeString(fonts.families(row.language))})
    return Sheet(html, style)


def _direction(words: str) -> str:
    """Return the direction of words for a page of print: WeasyPrint does not find it."""
    return "rtl" if shaping.is_leftward(words) else "ltr"


def _isolated(name: str) -> SafeString:
    return format_html('<bdi dir="{}">{}</bdi>', _direction(name), name)
