"""Forms for the limits, and for the lists of networks and mail domains."""

from typing import Any, ClassVar

from django import forms

from signatories.models.limits import Limits, Listed, tidy_value


class LimitsForm(forms.ModelForm[Limits]):
    """Asks for the limits. A window is ten minutes unless the help text says otherwise."""

    class Meta:
        model = Limits
        fields = (
            "slow", "free_per_network", "free_per_wider_network", "free_per_minute", "most_per_network",
            "most_per_domain", "release_hours", "alarm_per_domain", "alarm_per_network", "alarm_arrivals",
            "alarm_times_usual", "alarm_withdrawals", "alarm_reports", "alarm_asked", "alarm_held_hours",
            "alarm_quiet_hours",
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
            "alarm_asked": "Alarm: mailboxes for which the link to the own page was asked",
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
            "alarm_asked": "In an hour. Somebody may try out a list of addresses; they learn nothing.",
            "alarm_quiet_hours": "At once if it has doubled.",
        }


class ListForm(forms.ModelForm[Listed]):
    """Asks for a network, a mail domain or a mail server to list."""

    class Meta:
        model = Listed
        fields = ("kind", "value", "note")
        labels: ClassVar = {"kind": "As", "value": "Network, mail domain or mail server", "note": "Note"}
        help_texts: ClassVar = {"value": "192.0.2.0/24, 2001:db8::/48 or example.org"}
        widgets: ClassVar = {"value": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        """Normalize the value, so that it is found whatever its spelling."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") and cleaned.get("value"):
            try:
                cleaned["value"] = tidy_value(cleaned["kind"], cleaned["value"])
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def _post_clean(self) -> None:
        """Skip the check for uniqueness: to list a value again only changes its note."""
