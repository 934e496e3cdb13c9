"""Forms to ask for an export."""

from django import forms
from django.http import QueryDict

from signatories.desk.forms import ReasonForm
from signatories.models.export import ExportKind
from signatories.privacy import export_files


class ExportForm(ReasonForm):
    """What the file is to hold, and why. Nothing is chosen before: who asks takes what is needed."""

    columns = forms.MultipleChoiceField(
        label="What it holds",
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose what the file is to hold."),
    )
    field_order = ("columns", "reason")

    def __init__(self, data: QueryDict | None = None, *, kind: ExportKind) -> None:
        super().__init__(data, auto_id=f"{kind.value}_%s")
        choices = [(name, column.label) for name, column in export_files.columns(kind).items()]
        self.fields["columns"].choices = choices  # type: ignore[attr-defined]
        self.kind = kind
