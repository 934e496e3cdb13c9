"""Where an account is at home, and for whom its pages are, in templates."""

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from signatories.accounts.services import Home, home_of

register = template.Library()
_HOME = "account_home"  # kept for a page


@register.simple_tag(takes_context=True)
def account_home(context: template.Context) -> Home:
    """Return where the account of a request is at home: looked up once for a page, which names it several times."""
    kept = context.render_context
    if _HOME not in kept:
        kept[_HOME] = home_of(context.get("user") or AnonymousUser())
    found: Home = kept[_HOME]
    return found


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
