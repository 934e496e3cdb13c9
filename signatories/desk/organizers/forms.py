"""Forms to change what an organizer may do."""

from django import forms

from signatories.desk.forms import ReasonForm
from signatories.models.organizer import Role


class RoleForm(ReasonForm):
    """Asks for the role of an account, and why."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
