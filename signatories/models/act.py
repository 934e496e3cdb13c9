"""The audit trail of acts: a trigger in the database refuses to change or delete a row."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.organizer import Role
from signatories.models.signature import Signature, State


class Actor(models.TextChoices):
    """Kind of author. Acts older than this column have none; see `Act.who`."""

    SIGNER = "signer", _("signer")
    ORGANIZER = "organizer", _("organizer")
    RULE = "rule", _("rule")
    COMMAND = "command", _("command line")


class Verb(models.TextChoices):
    """Kind of act; the first three are decisions of an organizer or a rule."""

    PUBLISH = "publish", _("publish")
    REJECT = "reject", _("reject")
    HOLD = "hold", _("hold")
    CONFIRM = "confirm", _("confirm")
    WITHDRAW = "withdraw", _("withdraw at their request")
    RESTORE = "restore", _("undo a withdrawal at their request")
    MERGE = "merge", _("merge a double")
    APART = "apart", _("two people, not a double")
    CORRECT = "correct", _("correct at their request")
    SHOW = "show", _("show the name at their request")
    HIDE = "hide", _("hide the name at their request")
    CONSENT = "consent", _("change where the name is shown")
    RESEND = "resend", _("send the link again")
    WRITE = "write", _("write to a signer")
    ALLOW = "allow", _("allow mails again at their request")
    FEATURE = "feature", _("feature or order notable names")
    CLOSE = "close", _("answer a report")
    REVEAL = "reveal", _("look at an address")
    FIND = "find", _("look for a person")
    EXPORT = "export", _("export personal data")
    ERASE = "erase", _("erase a person's data")
    EDIT = "edit", _("edit a page, a rule or a switch")
    APPOINT = "appoint", _("change what an organizer may do")


MOVES = (Verb.PUBLISH, Verb.REJECT, Verb.HOLD)
UNDONE = "Undone: "  # how the reason of an act begins that takes another one back


class ActQuerySet(models.QuerySet["Act"]):
    def of_the_desk(self) -> "ActQuerySet":
        """Return acts of organizers, rules and the command line, without those of signers."""
        return self.exclude(actor=Actor.SIGNER)


class Act(models.Model):
    """One act, or one access to personal data, written in its transaction: who, what, when, before, after, why.

    `organizer` and `role`, the role at that moment, are empty unless an organizer acted. Never holds an address or a
    name: what was changed of a person stands in ActDetail, which is erased with the person.
    """

    verb = models.CharField(_("act"), max_length=10, choices=Verb)
    actor = models.CharField(_("done by"), max_length=10, choices=Actor, blank=True, db_default="")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="acts")
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(_("role"), max_length=15, choices=Role, blank=True, db_default="")
    before = models.CharField(_("before"), max_length=10, choices=State, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=State, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    about = models.CharField(_("about"), max_length=60, blank=True, db_default="")  # "signup 12", "mass move 3"
    digest = models.BinaryField(max_length=32, db_default=b"")  # of what was changed; see signatories/audit/chain.py
    acted_at = models.DateTimeField(_("when"), db_default=TransactionNow())

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verb__in=MOVES) | ~models.Q(reason=""), name="act_of_moving_has_a_reason"
            )
        ]
        indexes = [
            # The desk reads its acts newest first; signers act a thousand times as often.
            models.Index(fields=["-id"], condition=~models.Q(actor="signer"), name="act_of_the_desk"),
            models.Index(fields=["verb", "-id"], condition=~models.Q(actor="signer"), name="act_of_the_desk_by_verb"),
            models.Index(fields=["organizer", "verb", "-id"], condition=~models.Q(actor="signer"), name="act_of_one"),
            models.Index(fields=["acted_at"], condition=models.Q(verb="reveal"), name="act_of_looking"),
        ]

    def __str__(self) -> str:
        return str(self.get_verb_display())

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Return what was changed of a person, as (before, after), while it is kept."""
        detail = getattr(self, "detail", None)
        return [(str(detail.before[name]), str(detail.after[name])) for name in detail.after] if detail else []

    @property
    def who(self) -> str:
        """Return the organizer's name, or the kind of author."""
        return str(self.organizer or self.get_actor_display() or Actor.COMMAND.label)
