"""Template filters of the list."""

from django import template
from django.conf import settings
from django.utils.translation import get_language

from signatories.identity import language

register = template.Library()


@register.filter
def script_name(letter: str) -> str:
    """Return the name of the script of a heading, in the active language; "" for Latin letters and signs."""
    return language.script_name(letter, get_language() or settings.LANGUAGE_CODE)
