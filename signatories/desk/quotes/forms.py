"""The form of a quote."""

from django import forms
from django.conf import settings

from signatories.desk.featured.forms import FeatureForm


class QuoteForm(FeatureForm):
    """Whose words, in which language, and how they were cleared."""

    words = forms.CharField(
        label="Their words, without quotation marks",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Please type the words.", "max_length": "At most 600 characters, please."},
    )
    language = forms.ChoiceField(label="Language of the words", choices=settings.LANGUAGES)
    cleared = forms.CharField(
        label="How they were cleared for use by the press",
        help_text="For example: mail of the agent, 24 November. It stays at the desk.",
        max_length=200,
        error_messages={"required": "Only words that their author has cleared may be quoted: please say how."},
    )
