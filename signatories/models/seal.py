"""What holds the trail together: seals, the queue of acts without one, erasable details, and the last check."""

from django.db import models

from signatories.models.act import Act


class Seal(models.Model):
    """One link of the hash chain over the acts (see signatories/audit/chain.py). Append-only, as the acts.

    The act is no foreign key of the database: a seal must stay when its act was deleted, for that is what it tells.
    """

    position = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without gaps
    act = models.OneToOneField(Act, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seal")
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.position}: {bytes(self.hash).hex()}"


class UnsealedAct(models.Model):
    """An act that waits for its seal. A trigger of the database writes the row with the act itself."""

    act = models.OneToOneField(Act, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True)

    def __str__(self) -> str:
        return f"act {self.act_id}"


class ActDetail(models.Model):
    """What an act changed of a person, readable. Deleted when the person is erased.

    The act itself holds a digest of this, with a salt, because a digest of a name can be guessed: without this row
    nobody can tell what the digest was of, and the chain is still whole.
    """

    act = models.OneToOneField(Act, on_delete=models.CASCADE, primary_key=True, related_name="detail")
    salt = models.BinaryField(max_length=16)
    before = models.JSONField()
    after = models.JSONField()

    def __str__(self) -> str:
        return f"act {self.act_id}: {', '.join(self.after)}"


class TrailCheck(models.Model):
    """What the last check of the trail found; one row, for the metrics."""

    checked_at = models.DateTimeField()
    sealed = models.BigIntegerField()
    faults = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="trail_check_one_row")]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.faults}"
