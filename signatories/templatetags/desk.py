"""Words of the desk for templates."""

from django import template

from signatories import holds
from signatories.models import Signature

register = template.Library()


@register.filter
def reasons(signature: Signature) -> list[str]:
    """Why a signature is held, in plain words."""
    return [holds.explain(code) for code in signature.held_for]
