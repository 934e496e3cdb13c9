"""What organizers have set, in templates of public pages."""

from datetime import datetime

from django import template
from django.db import Error
from django.utils import timezone
from django.utils.translation import get_language

from signatories.models import settings
from signatories.models.closing import End, last_told_end
from signatories.models.closing import signing_end as asked_end

register = template.Library()


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
