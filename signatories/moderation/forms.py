"""The forms of the desk."""

from typing import Any, ClassVar

from django import forms

from declaration.models import PressPage
from signatories import names
from signatories.listing.forms import BIGGEST_NUMBER, NumberField
from signatories.mine.forms import MendForm
from signatories.models import Signature
from signatories.models.act import MOVES, Verb
from signatories.models.fairness import Limits, Listed, tidy_value
from signatories.signing.forms import TidyField

LONGEST_REASON = 500
NO_OBJECTION = "Looked at, no objection."


class DecideForm(forms.Form):
    """One decision: what to do, and why."""

    verb = forms.ChoiceField(choices=[(verb.value, verb.label) for verb in MOVES])
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        self.signature = signature
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Publishing may go without words, unless somebody signed for another: then it is said how it was verified."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("reason") and "reason" not in self.errors:
            if cleaned.get("verb") != Verb.PUBLISH:
                self.add_error("reason", "Please say why; it stays on record.")
            elif self.signature.representative:
                self.add_error("reason", "Please say how you verified it: whom you reached, and how you found them.")
            else:
                cleaned["reason"] = NO_OBJECTION
        return cleaned


class FindForm(forms.Form):
    """Whom to look for."""

    q = forms.CharField(
        label="Address or name",
        max_length=254,
        error_messages={"required": "Please enter an address or a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )


class AtRequestForm(MendForm):
    """The signer's own form, filled in for them, with the reason."""

    reason = forms.CharField(
        label="Why",
        help_text="For example: asked by mail on 3 May.",
        max_length=LONGEST_REASON,
        error_messages={"required": "Please say why; it stays on record."},
    )
    field_order = (*MendForm.field_order, "reason")


class ReasonForm(forms.Form):
    """Why something is done at a signer's request."""

    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, error_messages={"required": "Please say why; it stays on record."}
    )


class FeatureForm(forms.Form):
    """Whom to put in front, by the number that stands on the list."""

    number = NumberField(
        label="Number of the signature",
        min_value=1,
        max_value=BIGGEST_NUMBER,
        localize=False,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Please enter the number of a signature on the list."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 19}),
    )


class PressPageForm(forms.ModelForm[PressPage]):
    """What the press is told, in one language."""

    class Meta:
        model = PressPage
        fields = ("key_points", "behind", "funding", "contact_name", "contact_email", "contact_phone")
        labels: ClassVar = {
            "key_points": "Key points",
            "behind": "Who is behind it",
            "funding": "How it is paid for",
            "contact_name": "Press contact: name",
            "contact_email": "Press contact: e-mail",
            "contact_phone": "Press contact: telephone",
        }
        help_texts: ClassVar = {
            "key_points": "One a line.",
            "behind": "Markdown: *italics*, **bold**, lists. No links, no pictures.",
            "funding": "Markdown, as above.",
        }
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 6, "dir": "auto"}) for name in ("key_points", "behind", "funding")
        }


class SwitchesForm(forms.Form):
    """What organizers turn on and off while the site runs."""

    reminders = forms.BooleanField(
        label="One reminder after two days",
        help_text="To mailboxes that asked to sign and did not confirm.",
        required=False,
    )


class WatchForm(forms.Form):
    """A name to be watched."""

    name = TidyField(label="Name", tidy=names.tidy_name, longest=names.LONGEST_NAME)
    note = TidyField(
        label="Note", help_text="How to reach them, and who knows them.", required=False, tidy=names.tidy, longest=200
    )


class AnswerForm(ReasonForm):
    """The answer to the reports about one entry."""

    answer = forms.ChoiceField(choices=[("take-down", "take down"), ("close", "leave it")])
    newest = forms.IntegerField(min_value=0, max_value=BIGGEST_NUMBER)


class DoubleForm(ReasonForm):
    """Whether two signatures are one person's."""

    answer = forms.ChoiceField(choices=[("merge", "one person"), ("apart", "two people")])


class LimitsForm(forms.ModelForm[Limits]):
    """From where how much is taken; windows are ten minutes unless said."""

    class Meta:
        model = Limits
        fields = (
            "slow", "free_per_network", "free_per_wider_network", "free_per_minute", "most_per_network",
            "most_per_domain", "release_hours", "alarm_per_domain", "alarm_per_network", "alarm_arrivals",
            "alarm_times_usual", "alarm_withdrawals", "alarm_reports", "alarm_held_hours", "alarm_quiet_hours",
        )  # fmt: skip
        labels: ClassVar = {
            "slow": "A puzzle for everyone",
            "free_per_network": "Free from one network",
            "free_per_wider_network": "Free from the wider network around it",
            "free_per_minute": "Free in a minute, from everywhere",
            "most_per_network": "Published at once from one network",
            "most_per_domain": "Published at once from one unknown mail domain or mail server",
            "release_hours": "Hours until who is held for the rush alone is published",
            "alarm_per_domain": "Alarm: confirmed from one unknown mail domain or mail server",
            "alarm_per_network": "Alarm: forms from one network",
            "alarm_arrivals": "Alarm: forms from everywhere, at least",
            "alarm_times_usual": "… and so many times as many as usual",
            "alarm_withdrawals": "Alarm: withdrawals",
            "alarm_reports": "Alarm: reports that entries are wrong",
            "alarm_held_hours": "Alarm: hours that somebody waits for a decision",
            "alarm_quiet_hours": "Hours until what was put aside is told again",
        }
        help_texts: ClassVar = {
            "slow": "While machines attack. Signing takes some seconds longer; nobody is refused.",
            "free_per_network": "In ten minutes, from an IPv4 address or IPv6 /64; then the browser solves a puzzle.",
            "free_per_wider_network": "In ten minutes, from a /24 (IPv4) or /48 (IPv6).",
            "free_per_minute": "The most ever seen in this field were 2,000.",
            "most_per_network": "In ten minutes. Who confirms then waits for a person or the hours below.",
            "most_per_domain": "In an hour; others wait for a person. Providers and known domains are not counted.",
            "alarm_per_domain": "In an hour. Those who were quicker wait with the others then.",
            "alarm_per_network": "In an hour.",
            "alarm_arrivals": "In an hour.",
            "alarm_times_usual": "Compared with a mean hour of the day before.",
            "alarm_withdrawals": "In an hour.",
            "alarm_reports": "In an hour.",
            "alarm_quiet_hours": "At once if it has doubled.",
        }


class ListForm(forms.ModelForm[Listed]):
    """A network or a mail domain to be listed."""

    class Meta:
        model = Listed
        fields = ("kind", "value", "note")
        labels: ClassVar = {"kind": "As", "value": "Network, mail domain or mail server", "note": "Note"}
        help_texts: ClassVar = {"value": "192.0.2.0/24, 2001:db8::/48 or example.org"}
        widgets: ClassVar = {"value": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        """Bring the value to its one spelling."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") and cleaned.get("value"):
            try:
                cleaned["value"] = tidy_value(cleaned["kind"], cleaned["value"])
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def _post_clean(self) -> None:
        """Listing it again only changes the note, so that it need not be unique."""


class AlarmForm(forms.Form):
    """What is to be done about an alarm."""

    answer = forms.ChoiceField(
        choices=[("seen", "looked at"), ("known", "known to us"), ("hold", "hold them"), ("reject", "reject them")]
    )
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)

    def clean(self) -> dict[str, Any]:
        """Holding and rejecting need a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") in ("hold", "reject") and not cleaned.get("reason"):
            self.add_error("reason", "Please say why; it stays on record.")
        return cleaned
