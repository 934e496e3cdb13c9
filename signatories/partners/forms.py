"""The form of a channel, for the desk and for a partner's own page."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from signatories.models.partner import LONGEST_CHANNEL, SLUG
from signatories.signing.forms import PlainForm, TidyField

is_slug = RegexValidator(SLUG, _("Small letters a to z, figures, and hyphens between them, please."))


class ChannelForm(PlainForm):
    """A way by which a partner reaches people."""

    name = TidyField(
        label=_("Name"),
        help_text=_("For yourself: newsletter, poster in the hall."),
        longest=60,
        error_messages={"required": _("Please type a name.")},
    )
    slug = forms.CharField(
        label=_("In the link"),
        help_text=_("What stands behind ?by=: small letters, figures, hyphens."),
        max_length=LONGEST_CHANNEL,
        validators=[is_slug],
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Please type what stands in the link.")},
    )
