"""The tally of signatures: each state change adds deltas, and a job folds them into the counts."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Tally(models.Model):
    """Number of published signatures of a facet: `all`; of those by name: `named`, `profession:actor`, `letter:A`."""

    facet = models.CharField(max_length=60, primary_key=True)
    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet}: {self.count}"


class TallyDelta(models.Model):
    """A change that is not folded yet; written in the transaction of the state change."""

    facet = models.CharField(max_length=60)
    n = models.IntegerField()
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        return f"{self.facet} {self.n:+d}"


class TallyHistory(models.Model):
    """The public number as it was last shown in an hour (UTC). What is written stays, whoever leaves later."""

    hour = models.DateTimeField(primary_key=True)
    count = models.BigIntegerField()
    named = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.count}"
