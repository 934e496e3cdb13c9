"""The embargo in templates of pages and mails."""

from datetime import datetime

from django import template

from signatories.models.embargo import hidden_until

register = template.Library()


@register.simple_tag
def embargo_until() -> datetime | None:
    """Return until when names, number and files are hidden; None if they are public."""
    return hidden_until()
