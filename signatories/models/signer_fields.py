"""The list of what a signer says, on which mails, own data, CSV, erasure and screening are based.

A new field takes its column in `Person` with a migration, its field in `PersonForm`, and two lines here: in FIELDS and,
with its type, in SignerInput.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class SignerInput:
    """What a signer says of themselves, tidied by the form."""

    name: str
    profession: str
    named: bool
    name_latin: str = ""
    profession_other: str = ""
    affiliation: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class ConfirmedInput(SignerInput):
    """What the confirm page lets a signer mend, besides what the form asked."""

    filed_under: str = ""


@dataclass(frozen=True, kw_only=True)
class SignerField:
    """A field, and where else than in the forms it appears."""

    column: str
    label: Promise | str = ""  # in the own data; without one it is not shown there by itself
    words: str = ""  # the property that says a code in words: for the own data, beside the code in the CSV
    own_data_key: str = ""  # in the JSON of the own data, if it is not the column
    public: bool = False  # a column of the CSV
    like_a_name: bool = False  # could be read as the signer's name, so watched names are compared with it
    told: bool = False  # a change of it on the own page is told to the mailbox
    guessed: bool = False  # guessed from the name at confirmation: a signup has no such column
    erased: str | bool | None = ""  # what stands in an erased row; None: the value stays, because it explains the count

    @property
    def key(self) -> str:
        """The key in the JSON of the own data."""
        return self.own_data_key or self.column

    def value(self, row: object) -> str | bool:
        """The value as people read it, in the active language."""
        return plain(row, self.words or self.column)


FIELDS: tuple[SignerField, ...] = (
    SignerField(column="name", label=_("Name"), public=True, like_a_name=True, told=True),
    SignerField(column="name_latin", label=_("In Latin letters"), public=True, like_a_name=True, told=True),
    SignerField(column="filed_under", label=_("Filed under"), public=True, like_a_name=True, guessed=True),
    SignerField(column="profession", label=_("Profession"), words="profession_text", public=True, erased=None),
    SignerField(column="profession_other", like_a_name=True),  # a part of profession_text
    SignerField(column="affiliation", label=_("Band, ensemble, company"), public=True, like_a_name=True),
    SignerField(column="country", label=_("Country"), words="country_name", public=True),
    SignerField(column="named", label=_("Shown by name"), own_data_key="shown_by_name", told=True, erased=False),
    SignerField(column="news", label=_("Wants news"), erased=False),
)


def plain(row: object, attribute: str) -> str | bool:
    """A value of a row as the database holds it: a country is its code."""
    value = getattr(row, attribute)
    return value if isinstance(value, bool) else str(value)


def input_values(row: object, kind: type[SignerInput]) -> dict[str, Any]:
    """The values of a signup or signature that `kind` takes."""
    return {field.name: plain(row, field.name) for field in dataclasses.fields(kind)}
