"""Form to decide on a pair of signatures."""

from django import forms

from signatories.desk.forms import ReasonForm


class PairForm(ReasonForm):
    """Whether two signatures are one person's."""

    answer = forms.ChoiceField(choices=[("merge", "one person"), ("apart", "two people")])
