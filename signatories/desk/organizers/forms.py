"""Forms to change what an organizer may do."""

from django import forms
from django.conf import settings

from signatories.desk.forms import ReasonForm
from signatories.identity import addresses
from signatories.models.organizer import Role


class InvitationForm(ReasonForm):
    """Asks whom to invite, as what, in which language they are written to, and why."""

    address = forms.EmailField(
        error_messages={"required": "Please type the address.", "invalid": "This is no address."}
    )
    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
    language = forms.ChoiceField(choices=settings.LANGUAGES)

    def clean_address(self) -> str:
        """An address that can be mailed. Raises ValidationError."""
        addresses.check(self.cleaned_data["address"])
        return str(self.cleaned_data["address"])


class RoleForm(ReasonForm):
    """Asks for the role of an account, and why."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
