"""Reads of the versions of the text: which there are, what stands before each, and which number comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from declaration.models import Text


@dataclass(frozen=True)
class Version:
    """The texts of one version, by language, at one moment."""

    number: int
    texts: dict[str, Text]
    now: datetime

    @property
    def is_signed(self) -> bool:
        return any(text.locked_at for text in self.texts.values())

    @property
    def is_published(self) -> bool:
        """Whether readers see it in at least one language, or did until a newer one came."""
        return any(text.published_at and text.published_at <= self.now for text in self.texts.values())

    def is_published_in(self, language: str) -> bool:
        text = self.texts.get(language)
        return bool(text and text.published_at and text.published_at <= self.now)

    @property
    def planned_for(self) -> datetime | None:
        """Return when its next language will be published."""
        moments = [text.published_at for text in self.texts.values() if text.published_at]
        return min((at for at in moments if at > self.now), default=None)

    @property
    def is_closed(self) -> bool:
        """Whether other words need a new version: only drafts are written on."""
        return self.is_signed or self.is_published

    @property
    def unpublished(self) -> list[Text]:
        """Return the texts that "publish" would publish: drafts, and those planned for later."""
        return [text for text in self.texts.values() if not text.published_at or text.published_at > self.now]

    @property
    def missing(self) -> list[str]:
        """Return the codes of languages of the site in which it is not written."""
        return [code for code, _name in settings.LANGUAGES if code not in self.texts]


def newest_first() -> list[Version]:
    """Return all versions. They are few: a declaration has one, seldom three."""
    now, found = timezone.now(), dict[int, dict[str, Text]]()
    for text in Text.objects.order_by("-version"):
        found.setdefault(text.version, {})[text.language] = text
    return [Version(number, _in_order(texts), now) for number, texts in found.items()]


def _in_order(texts: dict[str, Text]) -> dict[str, Text]:
    order = [code for code, _name in settings.LANGUAGES]
    return dict(sorted(texts.items(), key=lambda item: (order.index(item[0]) if item[0] in order else 99, item[0])))


def next_number(versions: list[Version]) -> int | None:
    """Return the number of the version that may be started; None while the newest is still being written."""
    if not versions:
        return 1
    return versions[0].number + 1 if versions[0].is_closed else None


def earlier(versions: Iterable[Version], number: int, language: str) -> Text | None:
    """Return the text in a language that stands before version `number`."""
    before = (version.texts.get(language) for version in versions if version.number < number)
    return next(filter(None, before), None)


def can_be_taken_back(versions: Iterable[Version]) -> set[int]:
    """Return the numbers of versions that are published or planned and leave readers a text in the main language."""
    every = list(versions)
    main = {found.number for found in every if found.is_published_in(settings.LANGUAGE_CODE)}
    return {found.number for found in every if found.planned_for or (found.is_published and main - {found.number})}


def shown_now(versions: Iterable[Version]) -> set[int]:
    """Return the ids of the texts that readers see and sign now: of each language the newest published one."""
    shown: dict[str, int] = {}
    for version in versions:
        for language, text in version.texts.items():
            if text.published_at and text.published_at <= version.now:
                shown.setdefault(language, text.pk)
    return set(shown.values())
