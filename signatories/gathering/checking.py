"""The check of one row: what is taken of it, what needs a look, what is refused and why.

Pure of the database: the verdict never depends on who has signed, or on which names are watched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from signatories.gathering import columns
from signatories.gathering.columns import Field
from signatories.identity import addresses, mailbox, names
from signatories.identity.mailable import reads_as_name
from signatories.models import Profession
from signatories.models.gathering import Verdict
from signatories.models.person import SHORT
from signatories.models.profession import profession_code

_OFFICES = frozenset({"admin", "contact", "hello", "info", "kontakt", "mail", "office", "press", "presse", "team"})


class Why(StrEnum):
    """The reason of a verdict, as it is stored."""

    CAPITALS = "capitals"
    COMMA = "comma"
    FIGURES = "figures"
    UNMAILED = "unmailed"
    OFFICE = "office"
    TYPING = "typing"
    COUNTRY = "country"
    LANGUAGE = "language"
    SAME_NAME = "same_name"
    TWICE = "twice"
    NO_NAME = "no_name"
    NO_ADDRESS = "no_address"
    NAME = "name"
    ADDRESS = "address"
    OTHER = "other"


WORDS: dict[Why, Promise] = {
    Why.CAPITALS: _("The name is in capitals: is it written so?"),
    Why.COMMA: _("The name has a comma: is it turned round?"),
    Why.FIGURES: _("The name has figures."),
    Why.UNMAILED: _("The mail does not say this name, because it does not read as one; the page it leads to does."),
    Why.OFFICE: _("This looks like the mailbox of an office, not of one person."),
    Why.TYPING: _("The address may hold a typing error."),
    Why.COUNTRY: _("We do not know this country; it is left empty."),
    Why.LANGUAGE: _("We do not write in this language; the mail goes in that of the file."),
    Why.SAME_NAME: _("The same name stands in the file with another address."),
    Why.TWICE: _("The same mailbox stands in an earlier row."),
    Why.NO_NAME: _("There is no name."),
    Why.NO_ADDRESS: _("There is no address."),
    Why.NAME: _("This cannot be a name on the list."),
    Why.ADDRESS: _("Mail cannot be sent to this address."),
    Why.OTHER: _("Profession, company or name in Latin letters cannot be printed; it is left empty."),
}


@dataclass
class Checked:
    """A row as taken: its verdict, the reasons, the columns of the invitee, its address and the digest of that."""

    verdict: Verdict
    why: list[Why] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    address: str = ""
    digest: bytes = b""


class Checker:
    """Checks the rows of one file, in their order: a mailbox is taken once, a name that comes again needs a look."""

    def __init__(self, places: dict[str, int], language: str) -> None:
        self.places, self.language = places, language
        self._mailboxes: set[bytes] = set()
        self._names: set[str] = set()

    def check(self, cells: Sequence[str]) -> Checked:
        """Return the verdict on a row."""
        said = {Field(name): cells[at] if at < len(cells) else "" for name, at in self.places.items()}
        name, refused = _name(said.get(Field.NAME, ""))
        address, refused = _address(said.get(Field.ADDRESS, "")) if refused is None else ("", refused)
        if refused is not None:
            return Checked(Verdict.REFUSED, [refused])
        digest = mailbox.digest(address)
        if digest in self._mailboxes:
            return Checked(Verdict.TWICE, [Why.TWICE])
        self._mailboxes.add(digest)
        found = self._taken(said, name, address)
        found.digest = digest
        return found

    def _taken(self, said: dict[Field, str], name: str, address: str) -> Checked:
        why = [reason for reason, holds in _LOOKS.items() if holds(name, address)]
        if name in self._names:
            why.append(Why.SAME_NAME)
        self._names.add(name)
        country = columns.country_code(said.get(Field.COUNTRY, "")) if said.get(Field.COUNTRY) else ""
        language = columns.language_code(said.get(Field.LANGUAGE, "")) if said.get(Field.LANGUAGE) else self.language
        why += [Why.COUNTRY] if country is None else []
        why += [Why.LANGUAGE] if language is None else []
        values = {"name": name, "country": country or "", "language": language or self.language}
        for key, more in _more(said).items():
            if more is None:
                why.append(Why.OTHER)
            values[key] = more or ""
        verdict = Verdict.LOOK if why else Verdict.TAKEN
        return Checked(verdict, list(dict.fromkeys(why)), values, address)


def _name(said: str) -> tuple[str, Why | None]:
    if not said:
        return "", Why.NO_NAME
    try:
        return names.tidy_name(said, names.LONGEST_NAME), None
    except names.NameRefused:
        return "", Why.NAME


def _address(said: str) -> tuple[str, Why | None]:
    if not said:
        return "", Why.NO_ADDRESS
    try:
        return addresses.check(said), None
    except ValidationError:
        return "", Why.ADDRESS


def _more(said: dict[Field, str]) -> dict[str, str | None]:
    """The columns that a row may leave empty; None for one that cannot be taken."""
    profession = said.get(Field.PROFESSION, "")
    code = profession_code(profession) if profession else ""
    own = "" if code is not None else _tidy(profession, SHORT)
    return {
        "profession": (Profession.OTHER.value if own else "") if code is None else code,
        "profession_other": own,
        "affiliation": _tidy(said.get(Field.AFFILIATION, ""), SHORT),
        "name_latin": _tidy(said.get(Field.NAME_LATIN, ""), names.LONGEST_NAME),
    }


def _tidy(said: str, longest: int) -> str | None:
    try:
        return names.tidy(said, longest)
    except names.NameRefused:
        return None


def _is_office(_name: str, address: str) -> bool:
    return address.partition("@")[0].casefold() in _OFFICES


_LOOKS: dict[Why, Callable[[str, str], bool]] = {
    Why.CAPITALS: lambda name, _address: len(name) > 4 and name.isupper(),
    Why.COMMA: lambda name, _address: "," in name,
    Why.FIGURES: lambda name, _address: any(map(str.isdigit, name)),
    Why.UNMAILED: lambda name, _address: not reads_as_name(name),
    Why.OFFICE: _is_office,
    Why.TYPING: lambda _name, address: bool(addresses.meant(address)),
}
