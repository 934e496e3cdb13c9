"""Parts of forms that several pages of the desk share."""

from datetime import datetime, timedelta

from django import forms

from signatories.desk.looks import LookReason

LONGEST_REASON = 500
NO_OBJECTION = "Looked at, no objection."

FARTHEST = timedelta(days=366)


def check_ahead(moment: datetime, now: datetime) -> datetime:
    """Return a moment to come. Raises ValidationError for one that is over, or so far that it is a typing error."""
    if moment <= now:
        raise forms.ValidationError("This moment is over: choose one that is to come.")
    if moment > now + FARTHEST:
        raise forms.ValidationError("This is more than a year ahead: please look at the year again.")
    return moment


class ReasonForm(forms.Form):
    """Asks for the reason of an act; it is stored in the audit trail."""

    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, error_messages={"required": "Please say why; it stays on record."}
    )


class LookForm(forms.Form):
    """Asks why an organizer looks at a mail address."""

    reason = forms.TypedChoiceField(
        choices=LookReason,
        coerce=LookReason,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose why; it stays on record."),
    )
