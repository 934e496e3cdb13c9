"""The text that is signed: one row per version and language, locked once signed."""

import hashlib
from datetime import datetime

import nh3
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["smartquotes", "replacements"])
_TAGS = {"p", "em", "strong", "blockquote", "ul", "ol", "li", "h2", "h3", "br"}


class TextQuerySet(models.QuerySet["Text"]):
    def current(self, language: str) -> "Text | None":
        """The newest published text in `language`, or None."""
        return self.filter(language=language, published_at__isnull=False).order_by("-version").first()


class Text(models.Model):
    """What is signed, in one language and one version.

    `sha256` is of title and body, so a signature can name to the letter what was signed. A trigger in the database
    refuses any change of the words once `locked_at` is set (see migration 0002).
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

    def save(self, *args: object, **kwargs: object) -> None:
        """Store the text with the digest of its words."""
        self.sha256 = digest(self.title, self.body)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @cached_property
    def html(self) -> SafeString:
        """The body as HTML: Markdown without raw HTML, then cleaned to the few tags a declaration needs."""
        return mark_safe(nh3.clean(_markdown.render(self.body), tags=_TAGS, attributes={}))  # noqa: S308 - cleaned


class Switches(models.Model):
    """What organizers turn on and off while the site runs; one row."""

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
        """The row; everything as by default before anybody touched it."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


def digest(title: str, body: str) -> str:
    """SHA-256 in hex of a text's title and body."""
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


def lock(*, text: Text, now: datetime | None = None) -> None:
    """Lock `text` because it is being signed. Harmless when repeated; costs no query once known to be locked."""
    if text.locked_at is None:
        text.locked_at = now or timezone.now()
        Text.objects.filter(pk=text.pk, locked_at=None).update(locked_at=text.locked_at)
