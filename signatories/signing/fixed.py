"""Forms whose fields stand fixed: what strangers fill in by the thousand is not copied for each of them."""

from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.forms import DeclarativeFieldsMetaclass


class _FixedFields(dict[str, forms.Field]):
    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class _FixedFieldsMetaclass(DeclarativeFieldsMetaclass):
    """Brings the fields into their `field_order` once, for all forms of the class."""

    def __new__(mcs, *args: Any, **kwargs: Any) -> type:
        made: Any = super().__new__(mcs, *args, **kwargs)
        first = {name: made.base_fields[name] for name in made.field_order or () if name in made.base_fields}
        made.base_fields = _FixedFields(first | made.base_fields)
        return made  # type: ignore[no-any-return]


class FixedForm(forms.Form, metaclass=_FixedFieldsMetaclass):
    """A form that must not change its fields. Django copies them, and puts every label into words, for each visitor:
    a quarter of the work of a valid form that nobody will see.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def order_fields(self, field_order: Any) -> None:
        """They are in order."""

    def _clean_fields(self) -> None:
        """As Django's, without a BoundField for each."""
        for name, field in self.fields.items():
            try:
                value = field.widget.value_from_datadict(self.data, self.files, name)
                self.cleaned_data[name] = field.clean(value)
                if clean := getattr(self, f"clean_{name}", None):
                    self.cleaned_data[name] = clean()
            except ValidationError as error:
                self.add_error(name, error)
