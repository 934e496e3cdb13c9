"""The forms of the own page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from signatories.mine import services
from signatories.models import Signature
from signatories.signing.forms import NAMED, UNNAMED, AddressField, ConfirmForm, OfGroup


class AskForm(forms.Form):
    """Where to mail the link to."""

    email = AddressField(
        label=_("E-mail"),
        help_text=_("The address you signed with."),
        error_messages={"required": _("Please enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class MendForm(ConfirmForm):
    """Everything a signer may change afterwards."""

    news = forms.BooleanField(label=_("Send me news of this declaration, a few times a year"), required=False)

    def signature_update(self) -> services.SignatureUpdate:
        """What is to stand from now on."""
        return self.cleaned_as(services.SignatureUpdate)


class GroupMendForm(OfGroup, MendForm):
    """What the speaker of a group may change afterwards."""


def as_it_stands(signature: Signature) -> dict[str, Any]:
    """What MendForm shows before anything is typed."""
    mended = services.update_of(signature)
    shown = {field: getattr(mended, field) for field in MendForm.base_fields if field != "appearance"}
    return shown | {"appearance": NAMED if mended.named else UNNAMED}
