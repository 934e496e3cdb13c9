"""Reports that an entry of the list is wrong. Anyone may send one, without login; a person answers."""

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Count, Max, Min, When
from django.utils.translation import gettext_lazy as _

from signatories.models.signature import Signature

LONGEST_WORDS = 1000  # characters


class ReportKind(models.TextChoices):
    """Kind of error in an entry."""

    NOT_ME = "not_me", _("I am that person, and I did not sign")
    NOT_THEM = "not_them", _("That person cannot have signed")
    MISSPELT = "misspelt", _("The name or another word is misspelt")
    TWICE = "twice", _("The same person stands on the list twice")
    OTHER = "other", _("Something else")


class ReportQuerySet(models.QuerySet["Report"]):
    def unanswered(self) -> "ReportQuerySet":
        """Return reports that wait for a person, oldest first."""
        return self.filter(closed_at=None).order_by("created_at", "pk")

    def entries(self) -> "models.QuerySet[Report, Any]":
        """Return the entries with unanswered reports, the most urgent first, each as a dictionary.

        First those of whom somebody says that they did not sign (`urgent`), then those with the most (`times`), then
        the `oldest`.
        """
        urgent = Max(Case(When(wrong=ReportKind.NOT_ME, then=1), default=0))
        grouped = self.filter(closed_at=None).order_by().values("signature")
        found = grouped.annotate(urgent=urgent, times=Count("pk"), oldest=Min("created_at"), newest=Max("pk"))
        return found.order_by("-urgent", "-times", "oldest", "signature")


class Report(models.Model):
    """One report. The sender's address is optional and encrypted; answered reports are purged after LINK_DAYS."""

    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="corrections")
    wrong = models.CharField(_("what is wrong"), max_length=10, choices=ReportKind)
    words = models.TextField(_("in your own words"), blank=True, max_length=LONGEST_WORDS)
    address_sealed = models.BinaryField(default=b"")
    language = models.CharField(_("language"), max_length=10)
    # A digest of the input and of a time window, so that a double click is one report.
    once = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField(_("reported"), db_default=TransactionNow())
    closed_at = models.DateTimeField(_("answered"), null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        db_table = "signatories_correction"
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["once"], name="correction_once")]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(closed_at=None), name="correction_queue"),
            models.Index(
                fields=["signature", "created_at"],
                include=["wrong"],
                condition=models.Q(closed_at=None),
                name="correction_by_entry",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_wrong_display())
