"""The form of all settings of some groups. What was not touched in it is not changed, whoever changed it meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.http import QueryDict

from declaration import languages
from signatories.desk.forms import check_ahead
from signatories.desk.settings.changes import Change, standing
from signatories.models import Setting
from signatories.models.settings import ABOUT, DEFAULTS, LONGEST_BANNER, About, Group
from signatories.models.translated import written_over

_UNTIL, _BANNER = "_until", "banner"


class Row(NamedTuple):
    """A setting as the page shows it: its fields, who changed it last, and what it falls back to."""

    name: str
    about: About
    fields: list[forms.BoundField]
    until: forms.BoundField
    setting: Setting | None
    falls_back: str
    hidden: Sequence[str]  # the values of before


class SettingsForm(forms.Form):
    """For each setting its value and an end. Each field has its value of before beside it, hidden."""

    def __init__(self, data: QueryDict | None, *, groups: Sequence[Group], now: datetime) -> None:
        super().__init__(data)
        self.groups, self.now = groups, now
        self.stored = {row.name: row for row in Setting.objects.select_related("changed_by")}
        for name, about in ABOUT.items():
            if about.group in groups:
                self._add(name, about)

    def _add(self, name: str, about: About) -> None:
        row = self.stored.get(name)
        value = row.at(self.now) if row else getattr(DEFAULTS, name)
        if isinstance(value, dict):
            for code, language in settings.LANGUAGES:
                self._field(f"{name}_{code}", _banner_field(language), value.get(code, ""))
        elif isinstance(value, bool):
            self._field(name, forms.BooleanField(label=about.label, required=False), value)
        elif isinstance(value, str):
            choice = forms.ChoiceField(label=about.label, choices=languages.choices, required=self._was_shown(name))
            self._field(name, choice, value)
        else:
            field = forms.IntegerField(label=about.label, min_value=about.least, max_value=about.most)
            field.required = self._was_shown(name)
            self._field(name, field, value)
        runs = row is not None and row.ends_at is not None and row.ends_at > self.now
        self._field(f"{name}{_UNTIL}", _until_field(about.label), row.ends_at if row and runs else None)

    def _field(self, name: str, field: forms.Field, value: Any) -> None:
        field.show_hidden_initial = True
        self.fields[name], self.initial[name] = field, value

    def _was_shown(self, name: str) -> bool:
        return not self.is_bound or f"initial-{name}" in self.data

    def _touched(self, name: str) -> bool:
        return self._was_shown(name) and name in self.changed_data

    def _parts(self, name: str) -> list[str]:
        """The fields that hold the value of a setting."""
        return [f"{name}_{code}" for code, _language in settings.LANGUAGES] if name == _BANNER else [name]

    def _names(self) -> Iterator[str]:
        return (name for name, about in ABOUT.items() if about.group in self.groups)

    def clean(self) -> dict[str, Any]:
        """Refuse an end that is over, or after which nothing would be different."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self._names():
            until = cleaned.get(f"{name}{_UNTIL}")
            if until is None or not self._touched(f"{name}{_UNTIL}"):
                continue
            try:
                check_ahead(until, self.now)
            except forms.ValidationError as wrong:
                self.add_error(f"{name}{_UNTIL}", wrong)
                continue
            if self._value(name) == standing(self.stored.get(name), name, self.now) and not any(
                self._touched(part) for part in self._parts(name)
            ):
                self.add_error(f"{name}{_UNTIL}", "It is so anyway, also afterwards: choose another value, too.")
        return cleaned

    def _value(self, name: str) -> Any:
        if name == _BANNER:
            texts = {code: self.cleaned_data.get(f"{name}_{code}") or "" for code, _language in settings.LANGUAGES}
            row = self.stored.get(name)
            return written_over(row.at(self.now) if row else getattr(DEFAULTS, name), texts)
        return self.cleaned_data.get(name)

    def changes(self) -> dict[str, Change]:
        """What was touched."""
        return {
            name: Change(self._value(name), self.cleaned_data.get(f"{name}{_UNTIL}"))
            for name in self._names()
            if any(map(self._touched, [*self._parts(name), f"{name}{_UNTIL}"]))
        }

    def shown(self) -> list[tuple[Group, list[Row]]]:
        """The settings by group, for the page."""
        return [
            (group, [self._row(name) for name in self._names() if ABOUT[name].group == group]) for group in self.groups
        ]

    def _row(self, name: str) -> Row:
        row = self.stored.get(name)
        runs = row is not None and row.ends_at is not None and row.ends_at > self.now
        parts = [self[part] for part in self._parts(name)]
        falls_back = _words(row.afterwards) if row and runs else ""
        until = self[f"{name}{_UNTIL}"]
        hidden = [field.as_hidden(only_initial=True) for field in [*parts, until]]
        return Row(name, ABOUT[name], parts, until, row, falls_back, hidden)


def _banner_field(language: str) -> forms.Field:
    attrs = {"dir": "auto", "autocomplete": "off"}
    return forms.CharField(
        label=str(language), required=False, max_length=LONGEST_BANNER, widget=forms.TextInput(attrs=attrs)
    )


def _until_field(label: str) -> forms.Field:
    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "aria-label": f"{label}: until (UTC)"}, format="%Y-%m-%dT%H:%M"
    )
    return forms.DateTimeField(label=f"{label}: until (UTC)", required=False, widget=widget)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ("another text" if value else "no text") if isinstance(value, dict) else str(value)
