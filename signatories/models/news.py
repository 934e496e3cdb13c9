"""News of the declaration: updates, which everybody reads, and mailings of them to those who asked for news."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import Error, models
from django.db.models import Q
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from declaration import languages, markdown
from declaration.database.kept import Kept
from signatories.models.partner import Partner

LONGEST_TITLE, LONGEST_BODY = 200, 20_000  # characters
USUAL_PACE, MOST_A_MINUTE = 600, 6000  # mails a minute


def has_updates() -> bool:
    """Whether there is an update to read; every page asks, also the one that says that the database is away."""
    try:
        return _kept.get()
    except Error:
        return _kept.last(otherwise=False)


_kept = Kept(lambda: Update.objects.public().exists(), lambda: settings.PAGE_SECONDS)


def forget_updates() -> None:
    """Ask the database at the next question, as a process that has just started does."""
    _kept.forget()


class UpdateQuerySet(models.QuerySet["Update"]):
    def public(self) -> "UpdateQuerySet":
        """Filter those that everybody may read: published, and not taken down."""
        return self.filter(published_at__isnull=False, taken_down_at=None)

    def newest_first(self, after: "Update | None" = None) -> "UpdateQuerySet":
        """Order by publication, newest first, with their texts; `after` leaves out that one and the newer ones."""
        found = self.order_by("-published_at", "-pk").prefetch_related("texts")
        if after is None:
            return found
        return found.filter(TupleLessThan(Tuple("published_at", "pk"), (after.published_at, after.pk)))


class Update(models.Model):
    """A piece of news in one or more languages. Its address is its id; drafts and what was taken down have none."""

    created_at = models.DateTimeField(db_default=TransactionNow())
    words_at = models.DateTimeField(db_default=TransactionNow())  # when its words were last changed
    published_at = models.DateTimeField(_("published"), null=True)
    corrected_at = models.DateTimeField(_("corrected"), null=True)
    taken_down_at = models.DateTimeField(null=True)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_down_at=None) | Q(published_at__isnull=False), name="update_taken_down_was_published"
            ),
            models.CheckConstraint(
                condition=Q(corrected_at=None) | Q(published_at__isnull=False), name="update_corrected_was_published"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(published_at__isnull=False, taken_down_at=None),
                name="update_newest",
            )
        ]

    def __str__(self) -> str:
        return f"update {self.pk}"

    def get_absolute_url(self) -> str:
        """Return its page in the active language."""
        return reverse("news-update", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.taken_down_at is None

    @cached_property
    def in_order(self) -> list["UpdateText"]:
        """Its texts in the order of the languages of the site; the first one stands in for those that are missing."""
        order = {code: place for place, (code, _name) in enumerate(settings.LANGUAGES)}
        return sorted(self.texts.all(), key=lambda text: (order.get(text.language, len(order)), text.language))

    def text_in(self, language: str) -> "UpdateText | None":
        """Its text in a language, else the first one; None only for a draft without any."""
        return next((text for text in self.in_order if text.language == language), next(iter(self.in_order), None))


class UpdateText(models.Model):
    """An update in one language."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10, choices=languages.choices)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE)
    body = models.TextField(_("text"), max_length=LONGEST_BODY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["update", "language"], name="update_once_a_language"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="update_text_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    @cached_property
    def html(self) -> SafeString:
        """Return the body as HTML; see declaration/markdown.py."""
        return markdown.render(self.body)


class MailingState(models.TextChoices):
    """How far a mailing has come; `paused_at` stands beside it."""

    DRAFT = "draft", _("not started")
    GOING = "going", _("started")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Mailing(models.Model):
    """The mailing of an update to those who asked for news, or to some of them.

    Signatures are visited in the order of their ids: `cursor` is the last one whose turn it was, `last` the newest one
    at the start. The numbers are counted by the worker, so that no page counts.
    """

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="mailings")
    profession = models.CharField(_("profession"), max_length=20, blank=True, db_default="")
    country = models.CharField(_("country"), max_length=2, blank=True, db_default="")
    language = models.CharField(_("language"), max_length=10, blank=True, db_default="")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pace = models.PositiveSmallIntegerField(default=USUAL_PACE, db_default=USUAL_PACE)

    state = models.CharField(max_length=10, choices=MailingState, default=MailingState.DRAFT)
    created_at = models.DateTimeField(db_default=TransactionNow())
    tested_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    cursor = models.BigIntegerField(default=0, db_default=0)
    last = models.BigIntegerField(default=0, db_default=0)
    people = models.PositiveIntegerField(null=True)  # how many mailboxes it would reach; None: to be counted
    turns = models.PositiveIntegerField(default=0, db_default=0)  # for how many a mail was stored
    waiting = models.PositiveIntegerField(default=0, db_default=0)  # of these, not sent yet
    failed = models.PositiveIntegerField(default=0, db_default=0)  # of these, refused, or not wanted any more

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailingState.values), name="mailing_known_state"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(tested_at__isnull=False, starts_at__isnull=False),
                name="mailing_started_was_tested",
            ),
            models.CheckConstraint(condition=Q(pace__gte=1, pace__lte=MOST_A_MINUTE), name="mailing_pace"),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(state__in=["draft", "going"]), name="mailing_open")]

    def __str__(self) -> str:
        return f"mailing {self.pk} of update {self.update_id}"

    @property
    def sent(self) -> int:
        """For how many the mail has gone, as of the last turn."""
        return max(0, self.turns - self.waiting - self.failed)

    @property
    def is_paused(self) -> bool:
        return self.state == MailingState.GOING and self.paused_at is not None

    def may_start(self, now: datetime) -> bool:
        """Whether it may be started as far as its row tells: tested with the words as they are now."""
        is_tested = self.tested_at is not None and self.tested_at >= self.update.words_at
        return self.state == MailingState.DRAFT and is_tested and self.update.is_public

    @classmethod
    def paused_ids(cls) -> list[int]:
        """The mailings whose mails stay in the outbox."""
        going = cls.objects.filter(state=MailingState.GOING, paused_at__isnull=False)
        return list(going.values_list("pk", flat=True))
