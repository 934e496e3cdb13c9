"""Dossiers of watched names: how the person is reached, who asked, what proves a signature, and who verified it.

All of it is private: it is shown at the desk, given to the person who asks for their data, and never public.
"""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatories.models.signature import Signature
from signatories.models.watched import WatchedName

LONGEST_LINE = 300
LONGEST_WORDS = 2000


class ContactKind(models.TextChoices):
    """What a contact belongs to."""

    AGENT = "agent", _("agent")
    LABEL = "label", _("label")
    SITE = "site", _("official site")
    DOMAIN = "domain", _("official mail domain")
    OTHER = "other", _("other")


class ProofKind(models.TextChoices):
    """By what somebody was told to be the person."""

    AGENT = "agent", _("agent")
    LABEL = "label", _("label")
    DOMAIN = "domain", _("official mail domain")
    CALL = "call", _("video call")
    MET = "met", _("in person")
    OTHER = "other", _("other")


class DossierContact(models.Model):
    """A way to reach the person, and where it was found: never what the signature itself gave."""

    watched = models.ForeignKey(WatchedName, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    contact = models.CharField(_("contact"), max_length=LONGEST_LINE)
    found_at = models.CharField(_("where it was found"), max_length=LONGEST_LINE)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watched", "kind", "contact"], name="dossier_contact_once"),
            models.CheckConstraint(condition=~Q(contact="") & ~Q(found_at=""), name="dossier_contact_was_found"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk} of watched name {self.watched_id}"


class DossierEnquiry(models.Model):
    """A question that somebody asked through a contact, and what was answered; empty as long as nobody has."""

    watched = models.ForeignKey(WatchedName, on_delete=models.CASCADE, related_name="enquiries")
    contact = models.ForeignKey(DossierContact, on_delete=models.SET_NULL, null=True, related_name="+")
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    asked = models.TextField(_("what was asked"), max_length=LONGEST_WORDS)
    answer = models.TextField(_("what was answered"), max_length=LONGEST_WORDS, blank=True, db_default="")
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="dossier_answer_has_its_moment",
            )
        ]

    def __str__(self) -> str:
        return f"enquiry {self.pk} about watched name {self.watched_id}"


class DossierProof(models.Model):
    """What proves that a signature, or a mailbox, is the person's."""

    watched = models.ForeignKey(WatchedName, on_delete=models.CASCADE, related_name="proofs")
    kind = models.CharField(_("kind"), max_length=10, choices=ProofKind)
    words = models.TextField(_("what was seen or heard"), max_length=LONGEST_WORDS)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="dossier_proof_has_words")]

    def __str__(self) -> str:
        return f"proof {self.pk} of watched name {self.watched_id}"


class AnnouncedMailbox(models.Model):
    """A mailbox from which the person will sign, told beforehand, for instance by their agent.

    Its address is deleted as soon as it was used.
    """

    watched = models.ForeignKey(WatchedName, on_delete=models.CASCADE, related_name="mailboxes")
    proof = models.ForeignKey(DossierProof, on_delete=models.CASCADE, related_name="+")
    announced_by = models.CharField(_("who announced it"), max_length=LONGEST_LINE)
    address_sealed = models.BinaryField()
    address_digest = models.BinaryField(max_length=32)
    domain = models.CharField(_("mail domain"), max_length=255)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=TransactionNow())
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["watched", "address_digest"], condition=Q(used_at=None), name="announced_mailbox_once"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(address_sealed=b"", address_digest=b""),
                name="announced_mailbox_used_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["address_digest"], condition=Q(used_at=None), name="announced_mailbox_to_use"),
        ]

    def __str__(self) -> str:
        return f"announced mailbox {self.pk} of watched name {self.watched_id}"


class VerificationQuerySet(models.QuerySet["Verification"]):
    def open(self) -> "VerificationQuerySet":
        """Filter those that have neither published a signature nor been given up."""
        return self.filter(done_at=None, cancelled_at=None)


class Verification(models.Model):
    """Organizers agree that a signature is the watched person's own.

    The agreement of the first waits for that of a second account. Where one organizer is alone, `due_at` says when the
    signature is published unless somebody stops it. Of an announced mailbox (`mailbox`) nobody has to agree any more.
    `seen` is the last change of the signature when the first agreed: an agreement is void once anything changed.
    """

    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="verifications")
    watched = models.ForeignKey(WatchedName, on_delete=models.SET_NULL, null=True, related_name="verifications")
    proof = models.ForeignKey(DossierProof, on_delete=models.SET_NULL, null=True, related_name="+")
    mailbox = models.ForeignKey(AnnouncedMailbox, on_delete=models.SET_NULL, null=True, related_name="+")
    seen = models.DateTimeField()
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField()
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["signature"], condition=Q(done_at=None, cancelled_at=None), name="verification_open_once"
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | (Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("first_by"))),
                name="verification_by_two_accounts",
            ),
            # Nothing else publishes: a second account, a delay that is over, or a mailbox that was announced.
            models.CheckConstraint(
                condition=Q(done_at=None)
                | Q(second_by__isnull=False)
                | Q(due_at__isnull=False, due_at__lte=F("done_at"))
                | Q(first_by=None),
                name="verification_done_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None), name="verification_ends_in_one_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(done_at=None, cancelled_at=None, due_at__isnull=False),
                name="verification_due",
            ),
        ]

    def __str__(self) -> str:
        return f"verification {self.pk} of signature {self.signature_id}"


class WatchedFile(models.Model):
    """The rows of an uploaded list of names, sealed, for as long as its preview can be taken."""

    rows = models.BinaryField()
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"list of names {self.pk}"
