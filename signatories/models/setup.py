"""What was tried before the declaration was opened: the test mail, and the rehearsal signature. One row."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Setup(models.Model):
    """The last test of the mail, and the last rehearsal. The other steps of the first hour are read where they stand.

    The row is also the queue: a worker finds that a test of the mail was asked for. `rehearsal_signup` and its nonce
    outlive the signup, which confirming deletes, so that its link can still be answered.
    """

    mail_asked_at = models.DateTimeField(null=True)
    mail_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    mail_checked_at = models.DateTimeField(null=True)
    mail_findings = models.JSONField(default=list, db_default=[])  # {"verdict", "about", "words"}, in order
    rehearsal_signup = models.BigIntegerField(null=True)
    rehearsal_nonce = models.BinaryField(max_length=16, null=True)
    rehearsal_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    rehearsed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="setup_one_row"),
            models.CheckConstraint(
                condition=Q(mail_asked_at=None, mail_asked_by=None, mail_checked_at=None)
                | Q(mail_asked_at__isnull=False, mail_asked_by__isnull=False),
                name="setup_mail_was_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(rehearsal_signup=None, rehearsal_nonce=None, rehearsal_by=None, rehearsed_at=None)
                | Q(rehearsal_signup__isnull=False, rehearsal_nonce__isnull=False, rehearsal_by__isnull=False),
                name="setup_rehearsal_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return "setup"

    @classmethod
    def current(cls) -> "Setup":
        """Return the row; an empty one if it was never saved."""
        return cls.objects.select_related("rehearsal_by").filter(pk=1).first() or cls(pk=1)

    @classmethod
    def locked(cls) -> "Setup":
        """Return the row, locked until the transaction ends."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update(of=("self",)).get(pk=1)

    @property
    def is_mail_waiting(self) -> bool:
        """Whether a test of the mail was asked for and no worker has answered yet."""
        return self.mail_asked_at is not None and self.mail_checked_at is None
