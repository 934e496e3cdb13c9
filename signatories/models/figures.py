"""What jobs have counted, so that no request counts: for the page "How we verify", and by the hour for the desk."""

from django.db import models


class Figures(models.Model):
    """`found` is what signatories/press/verification.py has measured at `as_of`."""

    as_of = models.DateTimeField()
    found = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="figures_one_row")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"


class What(models.TextChoices):
    """What is counted by the hour."""

    ASKED = "asked", "Asked to sign"
    MAILED = "mailed", "Mailed"
    CONFIRMED = "confirmed", "Confirmed"
    PUBLISHED = "published", "Published"


class HourlyFigure(models.Model):
    """How many asked, were mailed, confirmed or were first published in an hour (UTC), counted by tally/hourly.py.

    Without `key` all of them, kept for good. With `key` those of one mail domain, of the largest ones only; deleted
    when signups of that age are.
    """

    hour = models.DateTimeField()
    what = models.CharField(max_length=10, choices=What)
    key = models.CharField(max_length=255, blank=True, db_default="")
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "hour", "what"], name="hourlyfigure_once")]
        indexes = [models.Index(fields=["hour"], condition=~models.Q(key=""), name="hourlyfigure_of_domains")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.what} {self.key}: {self.count}"
