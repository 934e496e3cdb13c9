"""The texts that are signed, one row per version and language; switches; the press page."""

import hashlib
import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from declaration import languages, markdown

type Current = tuple[float, dict[str, "Text"]]  # the moment of reading, and the texts by language

_current: list[Current] = []  # the newest reading, or nothing


def forget_current() -> None:
    """Read the texts anew at the next question, as a process that has just started does."""
    _current.clear()


class TextQuerySet(models.QuerySet["Text"]):
    def published(self) -> "TextQuerySet":
        """Return the texts that readers see, or saw until a newer one came. Before the first, nobody can sign."""
        return self.filter(published_at__lte=timezone.now())

    def newest(self) -> "TextQuerySet":
        """Return the newest published text in each language."""
        return self.published().order_by("language", "-version").distinct("language")

    def current(self, language: str) -> "Text | None":
        """Return the newest published text in `language`, or None."""
        return self.published().filter(language=language).order_by("-version").first()


class Text(models.Model):
    """The declaration in one language and version.

    `sha256` is the digest of title and body, so a signature identifies the exact words. A trigger in the database
    refuses to change the words once `locked_at` is set (see migration 0002).
    """

    version = models.PositiveIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), help_text=_("Markdown: paragraphs, emphasis, lists and quotations."))
    sha256 = models.CharField(max_length=64, editable=False)
    published_at = models.DateTimeField(pgettext_lazy("text", "published"), null=True, blank=True)
    locked_at = models.DateTimeField(_("locked, because signed"), null=True, editable=False)

    objects = TextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of the declaration")
        verbose_name_plural = _("texts of the declaration")
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="text_once_per_version_and_language"),
            models.CheckConstraint(condition=~models.Q(body=""), name="text_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (v{self.version}, {self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the text with the digest of its words."""
        self.sha256 = digest(self.title, self.body)
        super().save(*args, **kwargs)

    @classmethod
    def current(cls, language: str) -> "Text | None":
        """Return the newest published text in `language`, cached for PAGE_SECONDS, because every form needs it.

        All languages are read at one moment: else, just after the texts were published, the one of another language
        would be shown and signed where that of the page is not known yet.
        """
        at, texts = next(iter(_current), (float("-inf"), dict[str, Text]()))
        if time.monotonic() - at > settings.PAGE_SECONDS:
            texts = {text.language: text for text in cls.objects.newest()}
            _current[:] = [(time.monotonic(), texts)]
        return texts.get(language)

    @classmethod
    def to_sign(cls, language: str) -> "Text | None":
        """Return the text for readers of `language`: in another one if it has none; None while nothing is published."""
        languages = (language, *(code for code, _name in settings.LANGUAGES))
        return next(filter(None, map(cls.current, languages)), None)

    @cached_property
    def html(self) -> SafeString:
        """Return the body as HTML; see declaration/markdown.py."""
        return markdown.render(self.body)


class Switches(models.Model):
    """Switches that organizers change while the site runs; one row."""

    reminders = models.BooleanField(
        _("one reminder after two days"),
        default=True,
        help_text=_("To mailboxes that asked to sign and did not confirm."),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("switches")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="switches_one_row")]

    def __str__(self) -> str:
        return str(_("switches"))

    @classmethod
    def current(cls) -> "Switches":
        """Return the row; the defaults if it was never saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class PressPage(models.Model):
    """The organizers' words to the press in one language. The page leaves out empty fields."""

    LONGEST = 5000  # characters of a text

    language = models.CharField(_("language"), max_length=10, choices=languages.choices, unique=True)
    behind = models.TextField(blank=True, max_length=LONGEST)
    funding = models.TextField(blank=True, max_length=LONGEST)
    key_points = models.TextField(blank=True, max_length=LONGEST)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("page for the press")

    def __str__(self) -> str:
        return f"{_('page for the press')} ({self.language})"

    @classmethod
    def current(cls, language: str) -> "PressPage":
        """Return the page in `language`; an empty one if it was never saved."""
        return cls.objects.filter(language=language).first() or cls(language=language)

    @property
    def behind_html(self) -> SafeString:
        return markdown.render(self.behind)

    @property
    def funding_html(self) -> SafeString:
        return markdown.render(self.funding)

    @property
    def points(self) -> list[str]:
        """Return the key points, one per line of the field."""
        return [point for line in self.key_points.splitlines() if (point := line.strip().removeprefix("- ").strip())]

    @property
    def phone_link(self) -> str:
        """Return the number for a `tel:` link: digits and a leading plus."""
        return "".join(sign for sign in self.contact_phone if sign in "+0123456789")

    @property
    def has_contact(self) -> bool:
        """Whether there is any contact for the press."""
        return bool(self.contact_name or self.contact_email or self.contact_phone)


def digest(title: str, body: str) -> str:
    """Return SHA-256 in hex of a text's title and body."""
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


class TextChanged(Exception):
    """The words that were read are not those in the database any more; nobody has signed them."""


def lock(*, text: Text, now: datetime | None = None) -> None:
    """Lock the words of `text` because they are being signed. Harmless when repeated, and then costs no query.

    Raises TextChanged if an organizer has changed them since they were read.
    """
    if text.locked_at is None:
        now = now or timezone.now()
        same = Text.objects.filter(pk=text.pk, sha256=text.sha256)
        if not same.filter(locked_at=None).update(locked_at=now) and not same.exists():
            forget_current()
            raise TextChanged
        text.locked_at = now  # only now: threads share the text, and the update may fail
