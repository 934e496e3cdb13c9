"""Rules about sets of signatures: what was previewed, and what an organizer has decided about those who come later."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from signatories.models.act import MOVES
from signatories.models.mass_move import MassMove
from signatories.models.organizer import Role
from signatories.models.signature import State

_DECISIONS = [(verb.value, verb.label) for verb in MOVES]


class PreviewedSet(models.Model):
    """Signatures that matched conditions when an organizer looked at them: a later mass move takes these and no others.

    `newest_act` bounds what was decided before: who is decided about afterwards is left as they are. `digest` is that
    of all ids; `unverified` of them look like a watched name, so that no rule
    publishes them; `over_time` counts those who confirmed in each hour or day, as [moment, count]. Deleted after a day.
    """

    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    conditions = models.JSONField()
    total = models.PositiveIntegerField()
    unverified = models.PositiveIntegerField(default=0)
    digest = models.BinaryField(max_length=32)
    newest_act = models.BigIntegerField()
    over_time = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=TransactionNow())
    mass_move = models.OneToOneField(MassMove, on_delete=models.SET_NULL, null=True, related_name="previewed")

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="previewed_set_by_age")]

    def __str__(self) -> str:
        return f"previewed set {self.pk}"


class PreviewedPart(models.Model):
    """The ids of a previewed set that were in one state, in their order."""

    previewed_set = models.ForeignKey(PreviewedSet, on_delete=models.CASCADE, related_name="parts")
    state = models.CharField(max_length=10, choices=State)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["previewed_set", "state"], name="previewed_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.state} of {self.previewed_set_id}"


class RuleQuerySet(models.QuerySet["Rule"]):
    def active(self, now: object) -> "RuleQuerySet":
        """Filter the rules that apply to who comes now."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), ended_at=None)


class Rule(models.Model):
    """A decision of an organizer about everybody who confirms later and matches the conditions.

    With "hold" and "reject" they wait from their confirmation on; with "reject" and "publish" a job then decides about
    those who wait, in the organizer's name. `decided` is how many it has decided about.
    """

    title = models.CharField("name", max_length=80)
    conditions = models.JSONField()
    verb = models.CharField(max_length=10, choices=_DECISIONS)
    reason = models.CharField(max_length=500)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=15, choices=Role)
    created_at = models.DateTimeField(db_default=TransactionNow())
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    decided = models.PositiveIntegerField(default=0, db_default=0)

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(title=""), name="rule_has_title_and_reason"),
            models.CheckConstraint(condition=Q(verb__in=MOVES), name="rule_decides"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(ended_at=None), name="rule_not_ended")]

    def __str__(self) -> str:
        return self.title
