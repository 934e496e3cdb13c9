"""Signatures, confirmed by their mailbox. Only here is defined what "public" means."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from signatories.identity import names
from signatories.models.person import Person

# Words of fewer letters have no trigram, so they are found only as whole words.
SHORTEST_PART = 3
# In `held_for`: an organizer decides, and no rule publishes it.
HELD_BY_ORGANIZER = "organizer"
# A change commits a little after the moment it carries. One that is this much older than a snapshot is in it.
IN_FLIGHT = timedelta(minutes=1)


class State(models.TextChoices):
    """See the table of states in docs/architecture.md."""

    PUBLISHED = "published", _("published")
    HELD = "held", _("held")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Framed(Func):
    """A folded name between two spaces, so that each of its words stands between spaces: "% bo %" finds Bo alone."""

    template = "(' ' || %(expressions)s || ' ')"
    arity = 1
    output_field = models.TextField()


def sought(words: Sequence[str]) -> list[str]:
    """The part of a framed name to search for each folded word; for a short word it is the whole word."""
    return [word if len(word) >= SHORTEST_PART else f" {word} " for word in words]


class SignatureQuerySet(models.QuerySet["Signature"]):
    def public(self) -> "SignatureQuerySet":
        """Signatures that strangers may see: published, and to be named. List, search, PDF, CSV and API start here."""
        return self.filter(state=State.PUBLISHED, named=True)

    def counted(self) -> "SignatureQuerySet":
        """Signatures that the public number counts: published, by name or without."""
        return self.filter(state=State.PUBLISHED)

    def live(self) -> "SignatureQuerySet":
        """All except withdrawn ones: these occupy their mailbox."""
        return self.exclude(state=State.WITHDRAWN)

    def of_mailbox(self, digests: Sequence[bytes]) -> "SignatureQuerySet":
        """The live signatures of one mailbox by place, without those for represented persons."""
        return self.live().filter(address_digest__in=digests, representative="").order_by("mailbox_place")

    def featured_names(self) -> "SignatureQuerySet":
        """Featured names, in the order of the organizers."""
        return self.public().filter(featured__isnull=False).order_by("featured", "number")

    def left_since(self, moment: datetime) -> "SignatureQuerySet":
        """Signatures published around or before `moment`, changed around or after it, and not public now."""
        moved = self.filter(published_at__lte=moment + IN_FLIGHT, changed_at__gte=moment - IN_FLIGHT)
        return moved.exclude(state=State.PUBLISHED, named=True)

    def like(self, signature: "Signature") -> "SignatureQuerySet":
        """Other counted signatures with a look-alike name and the same profession; none unless this one counts."""
        if signature.state != State.PUBLISHED:
            return self.none()
        return (
            self.counted().filter(skeleton=signature.skeleton, profession=signature.profession).exclude(pk=signature.pk)
        )

    def duplicates(self) -> "SignatureQuerySet":
        """Published signatures that look like an earlier one of the same profession, without known distinct pairs."""
        known = KnownDistinct.objects.filter(first=OuterRef("pk"), second=OuterRef(OuterRef("pk")))
        earlier = Signature.objects.counted().filter(
            skeleton=OuterRef("skeleton"), profession=OuterRef("profession"), pk__lt=OuterRef("pk")
        )
        return self.counted().filter(Exists(earlier.exclude(Exists(known))))

    def listed_as(self, skeleton: str, profession: str) -> "SignatureQuerySet":
        """Public signatures whose name looks like this one, with this profession."""
        return self.public().filter(skeleton=skeleton, profession=profession)

    def matching(self, words: Sequence[str]) -> "SignatureQuerySet":
        """Signatures whose folded name holds every folded word: as a part, or a short one as a whole word."""
        found = self.alias(framed=Framed("search_key"))
        for part in sought(words):
            found = found.filter(framed__contains=part)
        return found

    def stretch(self, letter: str) -> "SignatureQuerySet":
        """Signatures under a heading, as a range of the filing order, so that an index without letters can be scanned.

        The heading itself is compared in a CASE, which the planner cannot use: otherwise it would combine two indexes
        and sort everything in them.
        """
        keys = Signature.objects.public().filter(letter=letter).values_list("sort_key", flat=True)
        first, last = keys.order_by("sort_key", "number").first(), keys.order_by("-sort_key", "-number").first()
        if first is None or last is None:
            return self.none()
        under = Case(When(letter=letter, then=Value(True)), default=Value(False))
        return self.filter(under, sort_key__gte=first, sort_key__lte=last)

    def in_filing_order(self) -> "SignatureQuerySet":
        """The order of the list, total and stable: collation key, then number."""
        return self.order_by("sort_key", "number")

    def after(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Signatures after the given place in filing order: one row comparison, which an index supports."""
        return self.filter(TupleGreaterThan(_PLACE, (sort_key, number)))

    def before(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Signatures before the given place in filing order."""
        return self.filter(TupleLessThan(_PLACE, (sort_key, number)))


_PLACE = Tuple("sort_key", "number")


class Signature(Person):
    """A person's signature under one text. Changed only by the services, each change in one transaction."""

    number = models.BigIntegerField(_("number"), null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    held_for = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("held because"))
    filed_under = models.CharField(_("filed under"), max_length=names.LONGEST_NAME)
    mailbox_place = models.PositiveSmallIntegerField(default=1)
    # The key of an erased person's digest: without the address no other digest can be computed.
    digest_key = models.BinaryField(max_length=8, default=b"", db_default=b"")

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
            # It includes the columns of a search, so that a part of the list is scanned without reading the table.
            models.Index(
                fields=["sort_key", "number"],
                include=["search_key", "profession", "country", "letter"],
                condition=Q(state="published", named=True),
                name="signature_walk",
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
            models.Index(
                fields=["profession", "country", "sort_key", "number"],
                condition=Q(state="published", named=True),
                name="signature_by_both",
            ),
            models.Index(
                fields=["letter", "sort_key", "number"],
                condition=Q(state="published", named=True),
                name="signature_by_letter",
            ),
            models.Index(fields=["-published_at"], condition=Q(state="published", named=True), name="signature_newest"),
            models.Index(fields=["confirmed_at"], condition=Q(state="held"), name="signature_queue"),
            models.Index(fields=["skeleton", "profession"], condition=Q(state="published"), name="signature_doubles"),
            models.Index(fields=["address_digest"], name="signature_mailbox"),
            models.Index(fields=["domain", "confirmed_at"], name="signature_domain"),
            models.Index(fields=["withdrawn_at"], condition=Q(state="withdrawn"), name="signature_to_forget"),
            models.Index(fields=["featured"], condition=Q(featured__isnull=False), name="signature_notable"),
            models.Index(fields=["changed_at"], name="signature_changed"),
            # Parts of names together with the filters, so that one scan finds the rows that match all of them.
            GinIndex(
                OpClass(Framed("search_key"), name="gin_trgm_ops"),
                "profession",
                "country",
                "letter",
                name="signature_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """The permalink by public number; only for public signatures."""
        return reverse("listing-signature", args=[self.number])

    @property
    def detail(self) -> str:
        """Profession and affiliation in one line, in the active language."""
        return " · ".join(part for part in (self.profession_text, self.affiliation) if part)

    def set_keys(self) -> None:
        """Compute the stored keys. To be called after every change of a name or its filing."""
        keys = names.keys(name=self.name, name_latin=self.name_latin, filed_under=self.filed_under)
        self.sort_key, self.letter, self.search_key, self.skeleton = keys
        self.icu_version = names.ICU_VERSION

    def first_published(self, *, number: int, now: datetime) -> None:
        """Give the public number; it is drawn once and never reused."""
        self.number, self.published_at = number, now


class KnownDistinct(models.Model):
    """Two signatures under one name that are known to be two people; `first` is the one with the smaller id."""

    first = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "signatories_apart"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
