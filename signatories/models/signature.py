"""A signature: confirmed by its mailbox. What "public" means is said here and nowhere else."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from signatories import names
from signatories.models.person import Person

# A change commits a little after the moment it carries: one this much older than a snapshot is certainly in it.
IN_FLIGHT = timedelta(minutes=1)


class State(models.TextChoices):
    """See the table of states in docs/architecture.md."""

    PUBLISHED = "published", _("published")
    HELD = "held", _("held")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SignatureQuerySet(models.QuerySet["Signature"]):
    def public(self) -> "SignatureQuerySet":
        """What strangers may see: published and with a yes to being named. List, search, PDF, CSV, API start here."""
        return self.filter(state=State.PUBLISHED, named=True)

    def counted(self) -> "SignatureQuerySet":
        """What the number counts: published, by name or without."""
        return self.filter(state=State.PUBLISHED)

    def live(self) -> "SignatureQuerySet":
        """Everything that occupies its mailbox: all but the withdrawn."""
        return self.exclude(state=State.WITHDRAWN)

    def of_mailbox(self, address_digest: bytes) -> "SignatureQuerySet":
        """The live signatures of one mailbox, first place first; not those it gave for somebody else."""
        return self.of_mailboxes([address_digest])

    def of_mailboxes(self, digests: Iterable[bytes]) -> "SignatureQuerySet":
        """The same of several mailboxes."""
        return self.live().filter(address_digest__in=list(digests), representative="").order_by("mailbox_place")

    def featured_names(self) -> "SignatureQuerySet":
        """The notable names that the organizers put in front, in their order."""
        return self.public().filter(featured__isnull=False).order_by("featured", "number")

    def left_since(self, moment: datetime) -> "SignatureQuerySet":
        """Who was published around or before `moment`, changed around or after it, and is not public now."""
        moved = self.filter(published_at__lte=moment + IN_FLIGHT, changed_at__gte=moment - IN_FLIGHT)
        return moved.exclude(state=State.PUBLISHED, named=True)

    def like(self, signature: "Signature") -> "SignatureQuerySet":
        """Others that count under a name that looks like this one's, with its profession, if it counts itself."""
        if signature.state != State.PUBLISHED:
            return self.none()
        return (
            self.counted().filter(skeleton=signature.skeleton, profession=signature.profession).exclude(pk=signature.pk)
        )

    def doubles(self) -> "SignatureQuerySet":
        """Published ones that look like an earlier one with the same profession, and are not known to be apart."""
        known = Apart.objects.filter(first=OuterRef("pk"), second=OuterRef(OuterRef("pk")))
        earlier = Signature.objects.counted().filter(
            skeleton=OuterRef("skeleton"), profession=OuterRef("profession"), pk__lt=OuterRef("pk")
        )
        return self.counted().filter(Exists(earlier.exclude(Exists(known))))

    def listed_as(self, skeleton: str, profession: str) -> "SignatureQuerySet":
        """Who stands on the list under a name that looks like this one, with this profession."""
        return self.public().filter(skeleton=skeleton, profession=profession)

    def matching(self, words: Sequence[str]) -> "SignatureQuerySet":
        """Those whose folded name holds every one of the folded `words`."""
        found = self
        for word in words:
            found = found.filter(search_key__contains=word)
        return found

    def in_filing_order(self) -> "SignatureQuerySet":
        """The order of the list, total and stable: collation key, then number."""
        return self.order_by("sort_key", "number")

    def after(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Those behind the given place in filing order (keyset paging)."""
        return self.filter(Q(sort_key__gt=sort_key) | Q(sort_key=sort_key, number__gt=number))

    def before(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Those in front of the given place in filing order."""
        return self.filter(Q(sort_key__lt=sort_key) | Q(sort_key=sort_key, number__lt=number))


class Signature(Person):
    """A person's signature under one text. Changed only by the services, each change in one transaction."""

    number = models.BigIntegerField(_("number"), null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    held_for = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("held because"))
    filed_under = models.CharField(_("filed under"), max_length=names.LONGEST_NAME)
    mailbox_place = models.PositiveSmallIntegerField(default=1)

    sort_key = models.BinaryField()
    letter = models.CharField(max_length=8)
    search_key = models.TextField()
    skeleton = models.TextField()
    icu_version = models.CharField(max_length=10)

    signed_at = models.DateTimeField(_("signed"))
    confirmed_at = models.DateTimeField(_("confirmed"))
    published_at = models.DateTimeField(_("first published"), null=True)
    changed_at = models.DateTimeField(_("last changed"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_from = models.CharField(max_length=10, choices=State, blank=True, db_default="")
    erased_at = models.DateTimeField(_("erased"), null=True)
    featured = models.PositiveSmallIntegerField(_("place among the notable names"), null=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["address_digest", "mailbox_place"],
                condition=~Q(state="withdrawn") & Q(representative=""),
                name="signature_one_per_mailbox_place",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="signature_known_state"),
            models.CheckConstraint(condition=Q(mailbox_place__in=[1, 2]), name="signature_two_places_at_most"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(number__isnull=False, published_at__isnull=False),
                name="signature_published_has_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False),
                name="signature_withdrawn_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(state="withdrawn", name="", address_sealed=b""),
                name="signature_erased_is_bare",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn") | (~Q(name="") & ~Q(filed_under="")), name="signature_name_not_empty"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sort_key", "number"],
                condition=Q(state="published", named=True),
                name="signature_filing_order",
            ),
            models.Index(
                fields=["profession", "sort_key", "number"],
                condition=Q(state="published", named=True),
                name="signature_by_profession",
            ),
            models.Index(
                fields=["country", "sort_key", "number"],
                condition=Q(state="published", named=True),
                name="signature_by_country",
            ),
            models.Index(fields=["-published_at"], condition=Q(state="published", named=True), name="signature_newest"),
            models.Index(fields=["confirmed_at"], condition=Q(state="held"), name="signature_queue"),
            models.Index(fields=["skeleton", "profession"], condition=Q(state="published"), name="signature_doubles"),
            models.Index(fields=["address_digest"], name="signature_mailbox"),
            models.Index(fields=["domain", "confirmed_at"], name="signature_domain"),
            models.Index(fields=["withdrawn_at"], condition=Q(state="withdrawn"), name="signature_to_forget"),
            models.Index(fields=["featured"], condition=Q(featured__isnull=False), name="signature_notable"),
            GinIndex(OpClass("search_key", name="gin_trgm_ops"), name="signature_search"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """The permalink by public number; only for what is public."""
        return reverse("listing-signature", args=[self.number])

    @property
    def detail(self) -> str:
        """Profession and affiliation in one line, in the language in force."""
        return " · ".join(part for part in (self.profession_text, self.affiliation) if part)

    def set_keys(self) -> None:
        """Derive the stored keys from the name. To be called by whoever changes a name or its filing."""
        keys = names.keys(name=self.name, name_latin=self.name_latin, filed_under=self.filed_under)
        self.sort_key, self.letter, self.search_key, self.skeleton = keys
        self.icu_version = names.ICU_VERSION

    def first_published(self, *, number: int, now: datetime) -> None:
        """Give the public number; it is drawn once and never reused."""
        self.number, self.published_at = number, now


class Apart(models.Model):
    """Two signatures under one name that are known to be two people; `first` is the one with the smaller id."""

    first = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
