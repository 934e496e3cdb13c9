"""What organizers have set, in templates of public pages."""

from datetime import datetime

from django import template
from django.db import Error
from django.utils import timezone
from django.utils.translation import get_language

from signatories.models import settings

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
def setting_ends(name: str) -> datetime | None:
    """Return when a setting falls back by itself."""
    return settings.ends_at(name, timezone.now())
