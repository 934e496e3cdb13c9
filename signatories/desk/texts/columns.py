"""One language of a version on its page: what is stored, what is being written, and how it differs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from declaration.models import Text
from signatories.desk.texts import differences, versions
from signatories.desk.texts.differences import Piece
from signatories.desk.texts.forms import TextForm
from signatories.desk.texts.versions import Version


@dataclass
class Column:
    """`is_lost` after somebody else was quicker: then `form` has the words that were not stored."""

    code: str
    name: str
    stored: Text | None
    earlier: Text | None
    form: TextForm
    is_lost: bool = False

    @property
    def is_locked(self) -> bool:
        return bool(self.stored and self.stored.locked_at)

    @property
    def can_be_deleted(self) -> bool:
        return bool(self.stored and not self.stored.locked_at and not self.stored.published_at)

    @property
    def shown(self) -> Text:
        """Return the words of the preview: those in the fields, or the stored ones once they are locked."""
        return self.stored if self.stored and self.is_locked else self.form.as_typed()

    @property
    def from_earlier(self) -> list[Piece]:
        """Return the differences to the version before."""
        return _compare(self.earlier, self.shown) if self.earlier else []

    @property
    def from_theirs(self) -> list[Piece]:
        """Return the differences between what somebody else stored and the words that were not."""
        return _compare(self.stored, self.form.as_typed()) if self.stored else []


def _compare(before: Text, after: Text) -> list[Piece]:
    return differences.compare(*(f"{text.title}\n\n{text.body.strip()}" for text in (before, after)))


def of_version(every: list[Version], number: int, data: Mapping[str, str] | None = None) -> list[Column]:
    """Return the columns of a version, in the order of the languages; a new version starts as a copy of the newest."""
    found = next((version for version in every if version.number == number), None)
    return [_column(every, number, code, name, found, data) for code, name in settings.LANGUAGES]


def _column(
    every: list[Version], number: int, code: str, name: str, found: Version | None, data: Mapping[str, str] | None
) -> Column:  # fmt: skip
    stored = found.texts.get(code) if found else None
    earlier = versions.earlier(every, number, code)
    form = TextForm(data, language=code, stored=stored, start=None if found else earlier)
    return Column(code, name, stored, earlier, form)
