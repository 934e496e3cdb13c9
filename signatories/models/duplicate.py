"""Groups of signatures that may be one person's, kept by a job so that the desk can page through them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import Q

_LOCK = 0xD0B1


class DuplicateGroup(models.Model):
    """Counted signatures of one name and profession that are not all known to be different people.

    Only the desk reads it, and looks at the signatures themselves again: what is here may be some seconds old. `score`
    is the higher the likelier it is that two of them are one person's (see signatories/desk/duplicates/finding.py).
    """

    skeleton = models.TextField()
    profession = models.CharField(max_length=20)
    members = ArrayField(models.BigIntegerField())  # ids of signatures, the earliest first
    score = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["skeleton", "profession"], name="duplicate_group_once"),
            models.CheckConstraint(condition=Q(members__len__gte=2), name="duplicate_group_of_two"),
        ]
        indexes = [
            models.Index(fields=["-score", "-id"], name="duplicate_group_likeliest"),
            GinIndex(fields=["members"], name="duplicate_group_members"),
        ]

    def __str__(self) -> str:
        return f"duplicates {self.pk}"


class DuplicateSearch(models.Model):
    """How far the job has looked: at every signature that was changed until then. One row."""

    looked_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="duplicate_search_one_row")]

    def __str__(self) -> str:
        return f"looked until {self.looked_until}"


def lock_search() -> None:
    """Let one transaction at a time write or delete groups."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
