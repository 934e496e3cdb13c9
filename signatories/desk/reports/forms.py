"""Form to answer reports."""

from django import forms

from signatories.desk.forms import ReasonForm
from signatories.listing.forms import BIGGEST_NUMBER


class AnswerForm(ReasonForm):
    """Asks what to do about one entry. `newest` is the id of the last report the organizer has seen."""

    answer = forms.ChoiceField(choices=[("take-down", "take down"), ("close", "leave it")])
    newest = forms.IntegerField(min_value=0, max_value=BIGGEST_NUMBER)
