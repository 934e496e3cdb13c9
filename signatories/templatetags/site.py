"""What organizers have set, in templates of public pages."""

import re
from datetime import datetime
from typing import NamedTuple

from django import template
from django.db import Error
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from declaration import languages
from declaration.models import Text
from signatories.models import settings
from signatories.models.closing import End, last_told_end
from signatories.models.closing import signing_end as asked_end

register = template.Library()
_PARTS_OF_ADDRESS = re.compile(r"(?<=@)|(?=\.)")


@register.simple_tag
def site_settings() -> settings.SiteSettings:
    """Return the settings; those read before while the database is away, for the page that says so."""
    try:
        return settings.current()
    except Error:
        return settings.last_known()


@register.simple_tag
def banner() -> str:
    """Return the banner in the language of the page; empty without one."""
    return site_settings().banner.get(get_language() or "", "")


@register.simple_tag
def signing_end() -> End | None:
    """Return the end of signing, as read before while the database is away; None while people can sign."""
    try:
        return asked_end()
    except Error:
        return last_told_end()


@register.simple_tag
def end_words() -> str:
    """Return what organizers say about the end, in the language of the page."""
    end = signing_end()
    return end.words.get(get_language() or "", "") if end else ""


@register.simple_tag
def setting_ends(name: str) -> datetime | None:
    """Return when a setting falls back by itself."""
    return settings.ends_at(name, timezone.now())


class TextNote(NamedTuple):
    """What is said of a text: it is missing in the language of the page, or it is a translation."""

    missing: bool
    original: bool
    language: str  # of the text that is shown instead, or of the original
    name: str
    address: str
    newer: bool  # the original has a version that is not translated yet


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language in itself."""
    return languages.name_of(code)


@register.simple_tag
def text_note(text: Text) -> TextNote | None:
    """Return what readers must know about the language of a text; None where it is the original in their language."""
    page = get_language() or languages.MAIN
    original = Text.current(site_settings().original_language)
    if text.language != page and Text.current(page):
        return None  # somebody signs a text of another language than that of the page, as by a link in an old mail
    if text.language != page:
        return TextNote(True, False, text.language, languages.name_of(text.language), _home(text.language), False)
    if original is None or original.language == page or not languages.is_on(original.language):
        return None
    code = original.language
    return TextNote(False, True, code, languages.name_of(code), _home(code), original.version > text.version)


def _home(language: str) -> str:
    with translation.override(language):
        return reverse("home")


@register.filter
def isolate(words: object) -> SafeString:
    """Return words, escaped, so that their direction does not mix with that of the sentence around them."""
    return format_html("<bdi>{}</bdi>", words)


@register.filter
def with_whole_hyphens(address: str) -> SafeString:
    """Return an address to be read, escaped: no line ends with one of its hyphens, as if a word were divided there."""
    parts = re.split(r"(-+[^-]?)", address)
    marked = [format_html('<span class="unbroken">{}</span>', part) if part[:1] == "-" else part for part in parts]
    return format_html_join("", "{}", ((part,) for part in marked))


@register.filter
def mail_address(address: str) -> SafeString:
    """Return an address that runs from left to right everywhere, and breaks after its @ and before its dots alone."""
    parts = format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in _PARTS_OF_ADDRESS.split(address)))
    return format_html('<bdi class="address" dir="ltr" translate="no">{}</bdi>', parts)


@register.filter
def to_the_second(moment: datetime) -> str:
    """Return day and time as the language writes them, with seconds."""
    pattern = formats.get_format("DATETIME_FORMAT").replace("G:i", "H:i").replace("H:i", "H:i:s")
    return str(formats.date_format(moment, pattern))


@register.filter
def isolate_text(words: str) -> str:
    """Return words between marks of direction, where no markup can stand: a title, what others read of a page."""
    return f"\u2068{words}\u2069"


@register.simple_tag
def words_to_send(title: str, address: str) -> dict[str, str]:
    """Return what signers hand on, as plain words: they go into fields and into addresses.

    The address stands on a line of its own, which runs from left to right in every language.
    """
    asking = gettext("I have signed “%(title)s”. Would you read it, and sign if you agree? %(address)s")
    return {
        "said": gettext("I have signed: %(title)s") % {"title": title},
        "asking": (asking % {"title": title, "address": f"\n{address}"}).replace(" \n", "\n"),
    }
