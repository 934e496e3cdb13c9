"""The form of a speaker who wants links for members."""

from django import forms
from django.utils.translation import gettext_lazy as _

from signatories.groups.services import MOST
from signatories.signing.forms import PlainForm


class PlacesForm(PlainForm):
    """How many links."""

    count = forms.IntegerField(
        label=_("How many links"),
        min_value=1,
        initial=4,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _("Please say how many.")),
        # Too many are refused with those that there are: see services.add_places.
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "max": MOST}),
    )
