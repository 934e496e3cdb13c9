"""Texts that are kept in several languages in one column: a text by the code of its language."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language


def best(texts: dict[str, str]) -> tuple[str, str]:
    """Return one of the texts, and its language: that of the page, else that of the site, else any."""
    wanted = (get_language() or "", settings.LANGUAGE_CODE, *texts)
    return next(((texts[code], code) for code in wanted if texts.get(code)), ("", ""))


def written_over[T](stored: Mapping[str, T], written: Mapping[str, T]) -> dict[str, T]:
    """Return the texts as `written` in the languages that are on; the others stay, because no form shows them."""
    others = {code: words for code, words in stored.items() if code not in dict(settings.LANGUAGES)}
    return {code: words for code, words in written.items() if words} | others
