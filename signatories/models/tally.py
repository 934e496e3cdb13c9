"""Counting without counting: each state change adds deltas, a job folds them into the tally."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Tally(models.Model):
    """How many published signatures a facet has: `all`, `named`, `profession:actor`, `letter:A`, `day:2026-11-23`."""

    facet = models.CharField(max_length=60, primary_key=True)
    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet}: {self.count}"


class TallyDelta(models.Model):
    """A change not yet folded in; written in the transaction of the state change itself."""

    facet = models.CharField(max_length=60)
    n = models.IntegerField()
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        return f"{self.facet} {self.n:+d}"
