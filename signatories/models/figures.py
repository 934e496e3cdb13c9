"""What a job has counted for the page "How we verify": one row, so that no request counts."""

from django.db import models


class Figures(models.Model):
    """`found` is what signatories/press/verification.py has measured at `as_of`."""

    as_of = models.DateTimeField()
    found = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="figures_one_row")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"
