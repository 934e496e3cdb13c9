"""Edits of the text of the declaration. Each is recorded as an Act, with the digest of the words before and after."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from declaration.models import Text, digest
from signatories.audit.services import record_edit
from signatories.models import Signup


class Words(NamedTuple):
    """What an editor wrote in one language; `read`: the digest of the words they began from, "" for none."""

    title: str
    body: str
    read: str

    @property
    def sha256(self) -> str:
        return digest(self.title, self.body)


class ChangedMeanwhile(Exception):
    """Texts in these languages are not what the editor read: changed, signed or deleted since."""

    def __init__(self, languages: list[str]) -> None:
        super().__init__(", ".join(languages))
        self.languages = languages


class MainLanguageMissing(Exception):
    """Without a published text in LANGUAGE_CODE no edition can be printed."""


def save(*, version: int, words: Mapping[str, Words], organizer: AbstractBaseUser) -> bool:
    """Store the words of a version in several languages, all or none. Returns False if nothing changed.

    Raises ChangedMeanwhile if somebody else was quicker with one of them.
    """
    with transaction.atomic():
        lost, stored = [], False
        for language, written in words.items():
            if written.sha256 == written.read:
                continue
            if _store(version, language, written, organizer):
                stored = True
            elif not Text.objects.filter(version=version, language=language, sha256=written.sha256).exists():
                lost.append(language)  # else the same form was sent twice
        if lost:
            raise ChangedMeanwhile(lost)
        return stored


def _store(version: int, language: str, words: Words, organizer: AbstractBaseUser) -> bool:
    """Write one text if it still is what was read. The digest is the condition of the one statement that writes."""
    now = {"title": words.title, "body": words.body, "sha256": words.sha256}
    found = Text.objects.filter(version=version, language=language)
    if not words.read:
        row, added = found.get_or_create(version=version, language=language, defaults=now)
        if added:
            _record(row, f"added; SHA-256 after: {row.sha256}", organizer)
        return added
    same = found.filter(sha256=words.read, locked_at=None)
    before = same.first()
    if before is None or not same.update(**now):
        return False
    changed = ", ".join(field for field in ("title", "body") if getattr(before, field) != now[field])
    _record(before, f"changed: {changed}; SHA-256 before: {words.read}, after: {words.sha256}", organizer)
    return True


def publish(
    *, version: int, shown: Mapping[str, str], at: datetime, organizer: AbstractBaseUser, now: datetime
) -> bool:  # fmt: skip
    """Publish all languages of a version together, from `at` on; those that are published already stay so.

    `shown` are the digests that the organizer saw, by language. Returns False if nothing changed. Raises
    ChangedMeanwhile if they are others, and MainLanguageMissing.
    """
    with transaction.atomic():
        rows = _locked()
        texts = {row.language: row for row in rows if row.version == version}
        stored = {language: row.sha256 for language, row in texts.items()}
        if stored != shown:
            raise ChangedMeanwhile([code for code in {**stored, **shown} if stored.get(code) != shown.get(code)])
        if settings.LANGUAGE_CODE not in texts and not _is_left(rows, version, now):
            raise MainLanguageMissing
        waiting = [row for row in texts.values() if row.published_at is None or row.published_at > now]
        changed = [_set_moment(row, at, organizer) for row in waiting]
        return any(changed)


def take_back(*, version: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Take all languages of a version back: to readers it is as if it had not been published yet.

    Returns False if none was published or planned. Raises MainLanguageMissing if readers would be left without a text.
    """
    with transaction.atomic():
        rows = _locked()
        taken = [row for row in rows if row.version == version and row.published_at]
        if any(row.published_at and row.published_at <= now for row in taken) and not _is_left(rows, version, now):
            raise MainLanguageMissing
        changed = [_set_moment(row, None, organizer) for row in taken]
        return any(changed)


def delete(*, version: int, language: str, read: str, organizer: AbstractBaseUser) -> bool:
    """Delete a text that is neither published, planned nor signed, if it still is what was read. False otherwise."""
    with transaction.atomic():
        draft = Text.objects.filter(version=version, language=language, published_at=None, locked_at=None, sha256=read)
        row = draft.select_for_update().first()
        if row is None:
            return False
        _record(row, f"deleted; SHA-256 before: {row.sha256}", organizer)
        Signup.objects.filter(text=row, rehearsal=True).delete()
        row.delete()
        return True


def _locked() -> list[Text]:
    """Lock all texts, which are few: whether one may be published or taken back depends on the others."""
    return list(Text.objects.select_for_update().order_by("pk"))


def _is_left(rows: list[Text], version: int, now: datetime) -> bool:
    """Whether another version has a published text in the main language."""
    main = [row for row in rows if row.language == settings.LANGUAGE_CODE and row.version != version]
    return any(row.published_at and row.published_at <= now for row in main)


def _set_moment(row: Text, at: datetime | None, organizer: AbstractBaseUser) -> bool:
    if row.published_at == at:
        return False
    Text.objects.filter(pk=row.pk).update(published_at=at)
    when = f"published from {at:%Y-%m-%d %H:%M} UTC" if at else "not published"
    _record(row, f"changed: {when}; SHA-256 before: {row.sha256}, after: {row.sha256}", organizer)
    return True


def _record(row: Text, what: str, organizer: AbstractBaseUser) -> None:
    record_edit(organizer, f"text {row.version} ({row.language}) {what}", about=f"text {row.version}")
