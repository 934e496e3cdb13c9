"""The tally: each state change adds deltas, and a task folds them into counts, so no request counts rows."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Tally(models.Model):
    """The count of published signatures by facet: `all`, `named`, `profession:actor`, `letter:A`, `day:2026-11-23`."""

    facet = models.CharField(max_length=60, primary_key=True)
    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet}: {self.count}"


class TallyDelta(models.Model):
    """A change that is not folded yet, written in the transaction of the state change."""

    facet = models.CharField(max_length=60)
    n = models.IntegerField()
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        return f"{self.facet} {self.n:+d}"
