"""The answer to a report."""

from django import forms

from signatories.desk.forms import ReasonForm
from signatories.listing.forms import BIGGEST_NUMBER


class AnswerForm(ReasonForm):
    """The answer to the reports about one entry."""

    answer = forms.ChoiceField(choices=[("take-down", "take down"), ("close", "leave it")])
    newest = forms.IntegerField(min_value=0, max_value=BIGGEST_NUMBER)
