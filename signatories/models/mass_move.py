"""Mass moves: one decision about a set of signatures, worked in batches by signatories/lifecycle/mass_moves.py."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from signatories.models.act import MOVES
from signatories.models.alarm import Alarm
from signatories.models.signature import State


class MassMoveState(models.TextChoices):
    """State of a mass move; `undone` when another one has put its people back. Shown at the desk alone, in English."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDONE = "undone"


_DECISIONS = [(verb.value, verb.label) for verb in MOVES]
AT_WORK = (MassMoveState.WAITING, MassMoveState.RUNNING)
ENDED = (MassMoveState.DONE, MassMoveState.CANCELLED)


class MassMove(models.Model):
    """A decision about a set that was frozen when it was asked for, and how far it got.

    `organizer` is empty if a rule asked. The alarm of one that `answers_alarm` is closed when it ends. An undo names
    the mass move it puts back, and has no verb of its own: its people go back to where each came from. `cursor` is the
    position of the first batch that is not worked yet.
    """

    verb = models.CharField(max_length=10, choices=_DECISIONS, blank=True)
    reason = models.TextField()
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    alarm = models.ForeignKey(Alarm, on_delete=models.SET_NULL, null=True, related_name="mass_moves")
    answers_alarm = models.BooleanField(db_default=False)
    undo_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undos")
    state = models.CharField(max_length=10, choices=MassMoveState, db_default=MassMoveState.WAITING)
    total = models.PositiveIntegerField(db_default=0)
    moved = models.PositiveIntegerField(db_default=0)
    skipped = models.PositiveIntegerField(db_default=0)
    batch_count = models.PositiveIntegerField(db_default=0)
    cursor = models.PositiveIntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=TransactionNow())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verb__in=MOVES) | Q(verb="", undo_of__isnull=False), name="mass_move_has_a_verb"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="mass_move_has_a_reason"),
            models.UniqueConstraint(
                fields=["alarm"], condition=Q(state__in=AT_WORK), name="mass_move_one_at_work_for_an_alarm"
            ),
            models.UniqueConstraint(
                fields=["undo_of"], condition=Q(state__in=AT_WORK), name="mass_move_one_undo_at_work"
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state__in=AT_WORK), name="mass_move_at_work")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"

    @property
    def is_at_work(self) -> bool:
        """Whether it waits or runs."""
        return self.state in AT_WORK

    @property
    def can_be_undone(self) -> bool:
        """Whether it has ended, moved somebody, and was not undone."""
        return self.state in ENDED and self.moved > 0


class MassMoveBatch(models.Model):
    """A part of a frozen set, moved in one transaction: ids of signatures that were in one state.

    Acts with an id after `acts_until` are decisions made since the set was shown; once the batch is worked, since it
    was. An array for 2,000 people instead of a row for each: freezing 100,000 is 50 rows.
    """

    mass_move = models.ForeignKey(MassMove, on_delete=models.CASCADE, related_name="batches")
    position = models.PositiveIntegerField()
    verb = models.CharField(max_length=10, choices=_DECISIONS)
    before = models.CharField(max_length=10, choices=State)
    ids = ArrayField(models.BigIntegerField())
    moved = ArrayField(models.BigIntegerField(), default=list)
    acts_until = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mass_move", "position"], name="mass_move_batch_in_its_place"),
            models.CheckConstraint(condition=Q(verb__in=MOVES), name="mass_move_batch_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.mass_move_id}, batch {self.position}"
