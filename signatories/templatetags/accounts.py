"""Where an account is at home, and for whom its pages are, in templates."""

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from signatories.accounts.services import Home, home_of

register = template.Library()


@register.simple_tag(takes_context=True)
def account_home(context: template.Context) -> Home:
    """Return where the account of a request is at home."""
    return home_of(context.get("user") or AnonymousUser())


@register.simple_tag(takes_context=True)
def account_owner(context: template.Context) -> str:
    """Return for whom a page of accounts is: by the account, or by the invitation with which one is made.

    Before anybody is known it is for all who may have an account.
    """
    invitation = getattr(context.get("form"), "invitation", None)
    partner = account_home(context).partner or (invitation and invitation.partner)
    if partner:
        return str(partner.name)
    known = invitation or getattr(context.get("user"), "is_authenticated", False)
    return _("Organizers") if known else _("Organizers and partners")
