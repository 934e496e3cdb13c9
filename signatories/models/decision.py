"""What organizers decided, for good: a trigger in the database refuses to change or delete a row (migration 0002)."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.signature import Signature, State


class Decision(models.Model):
    """One act on one signature, written in the transaction of the act: who, what, when, before, after, why."""

    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="decisions")
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(_("before"), max_length=10, choices=State)
    after = models.CharField(_("after"), max_length=10, choices=State)
    reason = models.TextField(_("reason"))
    decided_at = models.DateTimeField(_("decided"), db_default=TransactionNow())

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="decision_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
