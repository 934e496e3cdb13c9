"""What signatories say, cleared for use by the press. A quote is shown as long as its person stands on the list."""

from django.db import models
from django.db.models import Q

from declaration import languages
from signatories.models.signature import Signature, State


class QuoteQuerySet(models.QuerySet["Quote"]):
    def shown(self) -> "QuoteQuerySet":
        """Filter those whose person is on the list by name, in the order in which they were added."""
        public = self.filter(signature__state=State.PUBLISHED, signature__named=True)
        return public.select_related("signature").order_by("pk")


class Quote(models.Model):
    """Words of a signatory in one language, and how they were cleared; erased with the person."""

    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="quotes")
    words = models.CharField(max_length=600)
    language = models.CharField(max_length=10, choices=languages.choices)
    cleared = models.CharField(max_length=200)  # how: "mail of the agent, 24 November"
    added_at = models.DateTimeField()

    objects = QuoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words="") & ~Q(cleared=""), name="quote_is_cleared"),
        ]

    def __str__(self) -> str:
        return f"quote {self.pk}"
