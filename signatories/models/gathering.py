"""Gathered names: people who told a partner that they may be asked to sign, by the batch, until they have answered."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from declaration import languages
from signatories.identity.names import LONGEST_NAME
from signatories.models.partner import Partner
from signatories.models.person import SHORT
from signatories.models.signup import new_nonce

# The versions of docs/gathered-names/processing-contract.md, and of data-protection-assessment.md beside it.
CONTRACT, ASSESSMENT = "2026-11", "2026-11"
MOST_A_MINUTE = 60  # invitations of a batch, unless the partner asks for fewer
LONGEST_FILE_NAME = 100
FEWEST_PEOPLE = 50  # in a batch of which its partner is told what became of it

# Files beside an invitee, which nobody needs who reads it with its batch and partner.
FILES = ("batch__file", "batch__sample", "batch__specimen", "batch__partner__logo")


class GatheringGrant(models.Model):
    """That a partner may hand names to us. An administrator gives it, with the contract that both have signed."""

    partner = models.OneToOneField(Partner, on_delete=models.CASCADE, primary_key=True, related_name="gathering")
    contract = models.CharField(_("version of the contract"), max_length=20)
    signed_by = models.CharField(_("signed for the partner by"), max_length=SHORT)
    signed_on = models.DateField(_("signed on"))
    granted_at = models.DateTimeField(db_default=TransactionNow())
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"partner {self.partner_id} may hand over names"


class BatchState(models.TextChoices):
    """How far a batch has come."""

    READING = "reading", _("the file is being read")
    COLUMNS = "columns", _("say what its columns are")
    CHECKING = "checking", _("its rows are being checked")
    OPEN = "open", _("to be looked at, and to be proved")
    ASKED = "asked", _("the organizers look at it")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    UNDONE = "undone", _("taken back")
    FAILED = "failed", _("the file could not be read")


# States in which the rows of a batch are as the partner handed them over, and may still be taken back or left out.
UNSENT = (BatchState.COLUMNS, BatchState.OPEN, BatchState.ASKED)


class GatheredBatch(models.Model):
    """A file of a partner.

    Until the organizers are asked there is `file`, sealed: as handed over, and once it is read its rows (reading.py).
    `sample`, its first lines, is sealed too: a file without a head has a person in its place. `head` says which of
    these lines names the columns.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="batches")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    language = models.CharField(_("language, where the file says none"), max_length=10, choices=languages.choices)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.READING)
    created_at = models.DateTimeField(db_default=TransactionNow())
    # Why the file was not read: a code that reading.py has words for; older rows hold words.
    error = models.CharField(max_length=300, blank=True, db_default="")
    file = models.BinaryField(default=b"", db_default=b"")
    sample = models.BinaryField(default=b"", db_default=b"")
    head = models.PositiveSmallIntegerField(default=0, db_default=0)
    rows = models.PositiveIntegerField(null=True)  # below the head, when it was read
    # When it was approved. Those who wait may be deleted later, and others stay: a count of rows tells them apart.
    people = models.PositiveIntegerField(null=True)
    # As it was uploaded, to tell files apart. It may name a person, so it is deleted with the people.
    file_name = models.CharField(max_length=LONGEST_FILE_NAME, blank=True, db_default="")
    columns = models.JSONField(default=dict, db_default={})  # of a field of the invitee, the place of its column

    # The proof that these people agreed to be asked.
    asked_by = models.CharField(_("who asked them"), max_length=SHORT, blank=True, db_default="")
    asked_on = models.CharField(_("when"), max_length=SHORT, blank=True, db_default="")
    asked_in = models.TextField(_("in which words"), blank=True, db_default="")
    asked_where = models.CharField(_("by which channel"), max_length=SHORT, blank=True, db_default="")
    specimen = models.BinaryField(default=b"", db_default=b"")
    specimen_type = models.CharField(max_length=40, blank=True, db_default="")

    tested_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, db_default="")
    starts_at = models.DateTimeField(null=True)
    pace = models.PositiveSmallIntegerField(default=MOST_A_MINUTE, db_default=MOST_A_MINUTE)
    paused_at = models.DateTimeField(null=True)
    # Paused by ourselves: too many say that they never agreed (see signatories/gathering/answers.py).
    doubted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(looked_at__isnull=False, starts_at__isnull=False) & ~Q(asked_in=""),
                name="batch_approved_with_proof",
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of partner {self.partner_id}"

    @property
    def told_name(self) -> str:
        """The name of the file as its partner may read it.

        It goes with the last who can answer. Of few people that would tell who has answered, or had signed before.
        """
        is_told = self.state != BatchState.APPROVED or (self.people or 0) >= FEWEST_PEOPLE
        return self.file_name if is_told else ""


class Verdict(models.TextChoices):
    """What the check of a row says. It never depends on who has signed."""

    TAKEN = "taken", _("taken")
    LOOK = "look", _("needs a look")
    TWICE = "twice", _("twice in the file")
    REFUSED = "refused", _("refused")


GOOD = (Verdict.TAKEN, Verdict.LOOK)


class Answer(models.TextChoices):
    """What became of an invitation. With an answer nothing of the person is left but, for some, the digest."""

    NONE = "", _("none yet")
    SIGNED = "signed", _("signed")
    DECLINED = "declined", _("no, thank you")
    NEVER = "never", _("never agreed to be asked")
    SILENT = "silent", _("no answer")
    PASSED = "passed", _("passed over: known here before")
    UNDONE = "undone", _("taken back with the batch")


class InviteeQuerySet(models.QuerySet["Invitee"]):
    def to_ask(self) -> "InviteeQuerySet":
        """Filter those of a batch who get an invitation and have none yet."""
        return self.filter(verdict__in=GOOD, left_out=False, asked_at=None, answer=Answer.NONE, is_test=False)

    def known(self, digests: list[bytes]) -> "InviteeQuerySet":
        """Filter the mailboxes that were asked once, or said no: they are never asked again."""
        return self.filter(address_digest__in=digests, asked_at__isnull=False, is_test=False)

    def without_turn(self) -> "InviteeQuerySet":
        """Filter those who had no turn, and tests: by none of them anybody needs to be remembered."""
        return self.filter(Q(asked_at=None) | Q(is_test=True))


class Invitee(models.Model):
    """A row of a file: somebody who is asked to sign. Of a refused row nothing is kept but its line and the reason."""

    batch = models.ForeignKey(GatheredBatch, on_delete=models.CASCADE, related_name="invitees")
    line = models.PositiveIntegerField()  # as a spreadsheet numbers it
    verdict = models.CharField(max_length=10, choices=Verdict)
    why = models.CharField(max_length=200, blank=True, db_default="")
    left_out = models.BooleanField(default=False, db_default=False)
    is_test = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=TransactionNow())

    name = models.CharField(max_length=LONGEST_NAME, blank=True, db_default="")
    name_latin = models.CharField(max_length=LONGEST_NAME, blank=True, db_default="")
    profession = models.CharField(max_length=20, blank=True, db_default="")
    profession_other = models.CharField(max_length=SHORT, blank=True, db_default="")
    affiliation = models.CharField(max_length=SHORT, blank=True, db_default="")
    country = CountryField(blank=True, default="", db_default="")
    language = models.CharField(max_length=10, choices=languages.choices)
    address_sealed = models.BinaryField(default=b"", db_default=b"")
    address_digest = models.BinaryField(max_length=32, default=b"", db_default=b"")
    digest_key = models.BinaryField(max_length=8, default=b"", db_default=b"")
    nonce = models.BinaryField(max_length=16, default=new_nonce)

    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default=Answer.NONE, db_default="")
    answered_at = models.DateTimeField(null=True)

    objects = InviteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_digest"],
                condition=Q(asked_at__isnull=False) & ~Q(address_digest=b"") & Q(is_test=False),
                name="invitee_asked_once",
            ),
            # Whoever has answered is forgotten at once.
            models.CheckConstraint(
                condition=Q(answer="") | Q(name="", affiliation="", address_sealed=b""), name="invitee_forgotten"
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "line"], name="invitee_of_batch"),
            models.Index(fields=["address_digest"], condition=~Q(address_digest=b""), name="invitee_mailbox"),
            models.Index(fields=["batch", "id"], condition=Q(asked_at=None, answer=""), name="invitee_to_ask"),
        ]

    def __str__(self) -> str:
        return f"invitee {self.pk} of batch {self.batch_id}"
