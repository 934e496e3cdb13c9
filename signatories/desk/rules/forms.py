"""Forms of rules: the conditions, and what to do with those who match."""

import ipaddress
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_countries import countries

from declaration.models import Text
from signatories.desk.forms import LONGEST_REASON
from signatories.identity.names import LONGEST_NAME
from signatories.models import Partner, Profession
from signatories.models.act import MOVES, Verb
from signatories.models.person import SHORT
from signatories.models.profession import GroupKind
from signatories.models.signature import State
from signatories.screening import holds, limits
from signatories.screening.conditions import LIVE, Conditions

ANY = [("", "any")]
DIGEST_LETTERS = 32  # of the digest of a network, in hexadecimal
REASONS = (
    holds.DOMAIN, holds.CROWD, holds.UNSOLVED, holds.DISPOSABLE, holds.SECOND, holds.REPRESENTED, holds.GROUP,
    holds.RENAMED, holds.REVIEW, holds.ORGANIZER,
)  # fmt: skip


class _Moment(forms.DateTimeField):
    """A moment in UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """Show a moment that a link names in ISO 8601 as the browser's own field does; what was typed stays."""
        with suppress(ValueError):  # whatever else stands in an address line
            if isinstance(value, str) and "+" in value:
                value = parse_datetime(value) or value
        return super().prepare_value(value)

    def clean(self, value: Any) -> str:
        """Return it in ISO 8601; "" for none."""
        moment: datetime | None = super().clean(value)
        return moment.isoformat() if moment else ""


class ConditionsForm(forms.Form):
    """Asks whom a rule is about; at least one thing besides the state, so that nobody moves everybody by mistake."""

    states = forms.MultipleChoiceField(
        label="Those who are",
        choices=[(state.value, state.label) for state in (State.HELD, State.PUBLISHED, State.REJECTED)],
        initial=list(LIVE), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    domain = forms.CharField(
        label="Mail domain",
        max_length=255,
        required=False,
        help_text="example.org; * stands for any letters, ? for one.",
    )
    name = forms.CharField(
        label="Part of the name", max_length=LONGEST_NAME, required=False, help_text="However it is written."
    )
    affiliation = forms.CharField(label="Band, ensemble or company, exactly", max_length=SHORT, required=False)
    profession = forms.ChoiceField(
        label="Profession", choices=[*ANY, *Profession.choices, *GroupKind.choices], required=False
    )
    country = forms.ChoiceField(label="Country", choices=lambda: [*ANY, *countries], required=False)
    language = forms.ChoiceField(label="Signed in", choices=[*ANY, *settings.LANGUAGES], required=False)
    text = forms.ChoiceField(label="Text", required=False)
    partner = forms.ChoiceField(label="Came by", required=False)
    reason = forms.ChoiceField(
        label="Wait because of",
        choices=lambda: [*ANY, *((code, holds.explain(code)) for code in REASONS)],
        required=False,
    )
    network = forms.CharField(
        label="Network", max_length=50, required=False,
        help_text="An address like 192.0.2.7, or the digest that a cluster has given. Kept for 30 days.",
    )  # fmt: skip
    server = forms.CharField(
        label="Mail server of unknown domains", max_length=255, required=False, help_text="mail.example.org"
    )
    since = _Moment(label="Confirmed from", required=False, help_text="UTC")
    until = _Moment(label="Confirmed before", required=False, help_text="UTC")
    decided = forms.BooleanField(label="Also those about whom an organizer has decided", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = Text.objects.published().order_by("-pk").values_list("pk", "version", "language")
        self.fields["text"].choices = [*ANY, *((str(pk), f"{number}, {code}") for pk, number, code in versions)]  # type: ignore[attr-defined]
        partners = Partner.objects.order_by("name").values_list("pk", "name")
        self.fields["partner"].choices = [*ANY, *((str(pk), name) for pk, name in partners)]  # type: ignore[attr-defined]

    def clean_domain(self) -> str:
        """Without the letters that no domain has, and in lower case."""
        domain: str = self.cleaned_data["domain"].lower().rpartition("@")[2]
        if not domain.isascii():
            try:
                domain = domain.encode("idna").decode()
            except UnicodeError:
                raise forms.ValidationError("Please enter a mail domain like example.org or *.example.org.") from None
        if set(domain) - set("abcdefghijklmnopqrstuvwxyz0123456789-._*?"):
            raise forms.ValidationError("Please enter a mail domain like example.org or *.example.org.")
        return domain

    def clean_network(self) -> str:
        """The digest of the network of an address; a digest is taken as it is."""
        said: str = self.cleaned_data["network"].lower()
        if not said or (len(said) == DIGEST_LETTERS and not set(said) - set("0123456789abcdef")):
            return said
        try:
            address = ipaddress.ip_address(said.partition("/")[0])
        except ValueError:
            raise forms.ValidationError("Please enter an address like 192.0.2.7 or 2001:db8::1.") from None
        return limits.network(address).hex()

    def clean(self) -> dict[str, Any]:
        """Require something that narrows."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.conditions.narrows:
            raise forms.ValidationError("Please say more: this is about everybody.")
        return cleaned

    @property
    def conditions(self) -> Conditions:
        """What was asked for."""
        return Conditions(**{**self.cleaned_data, "states": tuple(self.cleaned_data["states"])})


LATER = {"": None, "day": timedelta(days=1), "week": timedelta(days=7), "always": timedelta.max}


class MoveForm(forms.Form):
    """Asks what to do with a previewed set, and with those who come later and match as well."""

    verb = forms.ChoiceField(
        label="Decide", choices=[(verb.value, verb.label) for verb in MOVES],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose what to do."),
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, error_messages={"required": "Please say why; it stays on record."}
    )
    later = forms.ChoiceField(
        label="Who comes later and matches, too", required=False,
        choices=[
            ("", "is not decided about"), ("day", "the same, for a day"), ("week", "the same, for a week"),
            ("always", "the same, until the rule is ended"),
        ],
    )  # fmt: skip
    title = forms.CharField(label="Name of the rule", max_length=80, required=False)
    shown = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Require a name for a rule that is kept."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("later") and not cleaned.get("title") and "title" not in self.errors:
            self.add_error("title", "Please give the rule a name, so that others know it again.")
        return cleaned

    @property
    def verb_chosen(self) -> Verb:
        return Verb(self.cleaned_data["verb"])

    @property
    def ends_at(self) -> datetime | None:
        """Until when those who come later are decided about; None without an end."""
        lasts = LATER[self.cleaned_data["later"]]
        return None if lasts is None or lasts == timedelta.max else timezone.now() + lasts
