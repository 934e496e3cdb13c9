"""Outbound mails except the first one to a signup. These rows are an outbox too."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.gathering import Invitee
from signatories.models.mailing import Mailed
from signatories.models.news import Mailing
from signatories.models.signature import Signature, State
from signatories.models.signup import Signup


class MailKind(models.TextChoices):
    """Kind of a mail; each has a folder of templates of this name."""

    LINK = "link", _("the link to the own page")
    REMINDER = "reminder", _("reminder to confirm")
    CHANGED = "changed", _("the signature was changed")
    WITHDRAWN = "withdrawn", _("the signature was withdrawn")
    MERGED = "merged", _("a double was merged")
    THANKS = "thanks", _("thanks, the signature stands")
    RESET = "reset", _("the link to set a new password")
    LOGIN_CODE = "login_code", _("the code to log in")
    PERSONAL = "personal", _("written by an organizer")
    FACTOR = "factor", _("the second factor was changed")
    INVITATION = "invitation", _("the invitation to keep the list")
    TEST = "test", _("the test of the mail")
    GATHERED = "gathered", _("the invitation to sign")
    NEWS = "news", _("news of the declaration")


class PreparedText(models.TextChoices):
    """What a mail that an organizer writes is about; the texts stand in templates/emails/personal/."""

    PROOF = "proof", _("ask for proof")
    WELCOME = "welcome", _("welcome a notable name")
    REFUSAL = "refusal", _("explain a refusal")

    @property
    def states(self) -> tuple[State, ...]:
        """The states of a signature in which this text is true."""
        return _TRUE_IN[self]


_TRUE_IN = {
    PreparedText.PROOF: (State.PUBLISHED, State.HELD, State.REJECTED),
    PreparedText.WELCOME: (State.PUBLISHED,),
    PreparedText.REFUSAL: (State.REJECTED,),
}
LONGEST_OWN_WORDS = 1000  # characters


# Kinds that count against the daily limits of a mailbox, and that its owner can stop.
ASKED_FOR = (MailKind.LINK, MailKind.REMINDER, MailKind.THANKS, MailKind.PERSONAL, MailKind.GATHERED)
# Kinds that wait for all others.
UNHURRIED = (MailKind.THANKS, MailKind.GATHERED, MailKind.NEWS)
# Kinds that no mailbox gets twice, at the price that one is lost when the mail server is cut off while it takes it.
AT_MOST_ONCE = (MailKind.GATHERED,)
# Kinds to organizers about their accounts: what bounds them is in signatories/accounts/mails.py.
ABOUT_ACCOUNTS = (MailKind.RESET, MailKind.LOGIN_CODE, MailKind.FACTOR, MailKind.INVITATION, MailKind.TEST)


class OutboundMail(Mailed):
    """One mail. `once` makes repeated requests one mail, and is the nonce of a code to log in, and of an invitation."""

    kind = models.CharField(max_length=10, choices=MailKind)
    address_sealed = models.BinaryField()
    address_digest = models.BinaryField(max_length=32)
    domain = models.CharField(max_length=255, blank=True, db_default="")  # the mail domain, as in a signup
    language = models.CharField(_("language"), max_length=10)
    once = models.BinaryField(max_length=32)
    # Of a mail that an organizer writes: which text, and the organizer's own words, which are plain text.
    prepared = models.CharField(max_length=10, choices=PreparedText, blank=True, db_default="")
    words = models.TextField(blank=True, max_length=LONGEST_OWN_WORDS, db_default="")
    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, null=True, related_name="letters")
    signup = models.ForeignKey(Signup, on_delete=models.CASCADE, null=True, related_name="letters")
    invitee = models.ForeignKey(Invitee, on_delete=models.CASCADE, null=True, db_index=False, related_name="letters")
    # Of news. Without a signature it is the test that an organizer has mailed to themselves.
    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, null=True, db_index=False, related_name="letters")

    class Meta:
        db_table = "signatories_letter"
        verbose_name = _("letter")
        constraints = [models.UniqueConstraint(fields=["once"], name="letter_once")]
        indexes = [
            models.Index(fields=["mail_due_at"], condition=models.Q(mail_state="waiting"), name="letter_outbox"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(mail_state__in=["undeliverable", "set_aside"]),
                name="letter_failed",
            ),
            models.Index(fields=["address_digest"], name="letter_mailbox"),
            models.Index(fields=["invitee"], condition=models.Q(invitee__isnull=False), name="letter_invitee"),
            models.Index(fields=["created_at"], condition=models.Q(kind=MailKind.LINK), name="letter_asked"),
        ]

    def __str__(self) -> str:
        return f"Letter {self.pk} ({self.kind})"
