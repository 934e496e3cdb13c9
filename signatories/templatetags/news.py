"""News in templates."""

from django import template

from signatories.models import news

register = template.Library()


@register.simple_tag
def has_updates() -> bool:
    """Return whether there is an update to read."""
    return news.has_updates()
