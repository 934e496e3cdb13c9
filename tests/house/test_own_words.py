"""Forms of strangers explain what is wrong in our words, with the limit, never in those of the framework."""

from collections.abc import Iterator

import pytest
from django import forms
from django.core.validators import BaseValidator
from django.forms import Field
from django.urls import get_resolver
from django.utils.translation import override

ROOMS = ("press", "mine", "listing", "signing", "news", "sharing")
# Of the framework itself, in its source language.
FRAMEWORKS = {
    str(words)
    for field in (forms.CharField, forms.IntegerField, forms.ChoiceField, forms.FileField, forms.DateTimeField)
    for words in (Field.default_error_messages | field.default_error_messages).values()
}


def every_form(base: type[forms.Form] = forms.Form) -> Iterator[type[forms.Form]]:
    assert get_resolver().url_patterns  # which reads all modules of forms
    for form in base.__subclasses__():
        if form.__module__.startswith(tuple(f"signatories.{room}." for room in ROOMS)):
            yield form
        yield from every_form(form)


FIELDS = sorted(
    {(form.__name__, name): field for form in every_form() for name, field in form.base_fields.items()}.items(),
    key=lambda each: each[0],
)


@pytest.mark.parametrize("field", [field for _name, field in FIELDS], ids=[".".join(name) for name, _field in FIELDS])
def test_a_field_has_words_of_its_own(field: Field) -> None:
    with override("en"):
        codes = ["required"] if field.required else []
        codes += ["invalid"] if isinstance(field, forms.IntegerField | forms.DateTimeField) else []
        bounds = [each.code for each in field.validators if isinstance(each, BaseValidator)]
        told = {code: str(field.error_messages.get(code, "")) for code in (*codes, *bounds)}
        assert not [code for code, words in told.items() if words in FRAMEWORKS or not words]


def test_there_are_fields_to_look_at() -> None:
    assert len(FIELDS) > 20
