"""Signatures, confirmed by their mailbox. Only this module defines what "public" means."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from signatories.identity import names
from signatories.models.person import Person
from signatories.models.profession import GroupKind, Profession

# In `held_for`: an organizer decides, and no rule publishes it.
HELD_BY_ORGANIZER = "organizer"
# In `held_for`: somebody else signed for the person, or for the group.
HELD_REPRESENTED, HELD_GROUP = "represented", "group"
# In `held_for`, before the watched name that the signature looks like.
LOOKS_LIKE = "looks-like:"
# A change commits a little after its timestamp: one this much older than a snapshot is certainly in it.
IN_FLIGHT = timedelta(minutes=1)


class State(models.TextChoices):
    """State of a signature; see the table in docs/architecture.md."""

    PUBLISHED = "published", _("published")
    HELD = "held", _("held")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class VerifiedAs(models.TextChoices):
    """What organizers found out about a signature that looks like a watched name; see docs/decisions/0040."""

    NAMESAKE = "namesake", _("a namesake of a well-known person")
    PERSON = "person", _("the well-known person")
    EARLIER = "earlier", _("published before names were verified")


_LOOKS_LIKE_ONE = Contains(Cast("held_for", models.TextField()), LOOKS_LIKE)


class Framed(Func):
    """A folded name between two spaces, so that each word has spaces around it: "% bo %" finds only the word Bo."""

    template = "(' ' || %(expressions)s || ' ')"
    arity = 1
    output_field = models.TextField()


class Words(Func):
    """The words of a folded name, as an array: `@>` finds the names that hold all of some words, each as a whole."""

    template = "string_to_array(%(expressions)s, ' ')"
    arity = 1
    output_field = ArrayField(models.TextField())


class SignatureQuerySet(models.QuerySet["Signature"]):
    def public(self) -> "SignatureQuerySet":
        """Filter those that strangers may see: published, and by name. List, search, PDF, CSV and API start here."""
        return self.filter(state=State.PUBLISHED, named=True)

    def shown_elsewhere(self) -> "SignatureQuerySet":
        """Filter those whom others may show, in data and widgets: public ones who have agreed to it."""
        return self.public().filter(shown_elsewhere=True)

    def counted(self) -> "SignatureQuerySet":
        """Filter those that the number counts: published, by name or without."""
        return self.filter(state=State.PUBLISHED)

    def unverified(self) -> "SignatureQuerySet":
        """Filter those that look like a watched name, and of which nobody has verified whose they are."""
        return self.filter(Q(_LOOKS_LIKE_ONE), verified_as="")

    def verified(self) -> "SignatureQuerySet":
        """Filter all others: they look like no watched name, or somebody has verified whose they are."""
        return self.filter(~Q(_LOOKS_LIKE_ONE) | ~Q(verified_as=""))

    def people(self) -> "SignatureQuerySet":
        """Filter people: groups are counted apart."""
        return self.exclude(profession__in=GroupKind.values)

    def groups(self) -> "SignatureQuerySet":
        """Filter groups."""
        return self.filter(profession__in=GroupKind.values)

    def live(self) -> "SignatureQuerySet":
        """Filter those that occupy their mailbox: all except withdrawn ones."""
        return self.exclude(state=State.WITHDRAWN)

    def of_mailbox(self, digests: Sequence[bytes]) -> "SignatureQuerySet":
        """Filter the live signatures of one mailbox, by place; without those for other persons."""
        return self.live().filter(address_digest__in=digests, representative="").order_by("mailbox_place")

    def featured_names(self) -> "SignatureQuerySet":
        """Filter the featured signatures, in the organizers' order."""
        return self.public().filter(featured__isnull=False).order_by("featured", "number")

    def left_since(self, moment: datetime) -> "SignatureQuerySet":
        """Filter those published around or before `moment`, changed around or after it, and not public now."""
        moved = self.filter(published_at__lte=moment + IN_FLIGHT, changed_at__gte=moment - IN_FLIGHT)
        return moved.exclude(state=State.PUBLISHED, named=True)

    def listed_as(self, skeleton: str, profession: str) -> "SignatureQuerySet":
        """Filter public ones with a similar name and this profession."""
        return self.public().filter(skeleton=skeleton, profession=profession)

    def matching(self, words: Sequence[tuple[str, ...]]) -> "SignatureQuerySet":
        """Filter by `spellings.sought`: the folded name must contain each word in one of its spellings."""
        found = self.alias(framed=Framed("search_key"))
        for parts in words:
            found = found.filter(reduce(or_, (Q(framed__contains=part) for part in parts)))
        return found

    def letter_range(self, letter: str) -> "SignatureQuerySet":
        """Filter those under a letter by their range of sort keys, so that the index of another filter can be used.

        The letter itself is compared in a CASE, which the planner cannot use: otherwise it would combine two indexes
        and then sort all their rows.
        """
        keys = Signature.objects.public().filter(letter=letter).values_list("sort_key", flat=True)
        first, last = keys.order_by("sort_key", "number").first(), keys.order_by("-sort_key", "-number").first()
        if first is None or last is None:
            return self.none()
        under = Case(When(letter=letter, then=Value(True)), default=Value(False))
        return self.filter(under, sort_key__gte=first, sort_key__lte=last)

    def in_filing_order(self) -> "SignatureQuerySet":
        """Order as on the list, total and stable: collation key, then number."""
        return self.order_by("sort_key", "number")

    def after(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Filter those after a position in filing order, by one row comparison, which uses an index."""
        return self.filter(TupleGreaterThan(_PLACE, (sort_key, number)))

    def before(self, sort_key: bytes, number: int) -> "SignatureQuerySet":
        """Filter those before a position in filing order."""
        return self.filter(TupleLessThan(_PLACE, (sort_key, number)))


_PLACE = Tuple("sort_key", "number")


class Signature(Person):
    """A person's signature under one text. Only services change it, each change in one transaction."""

    number = models.BigIntegerField(_("number"), null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    held_for = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("held because"))
    verified_as = models.CharField(max_length=10, choices=VerifiedAs, blank=True, default="", db_default="")
    filed_under = models.CharField(_("filed under"), max_length=names.LONGEST_NAME)
    mailbox_place = models.PositiveSmallIntegerField(default=1)
    # The key of an erased person's digest; without the address it cannot be computed again.
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
    # What the consent allowed at signing (see identity/consent.py), until it is changed on the own page.
    shown_elsewhere = models.BooleanField(_("name shown by others, too"), default=False, db_default=False)
    featured = models.PositiveSmallIntegerField(_("place among the notable names"), null=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(
                condition=~Q(profession__in=GroupKind.values) | Q(named=True) | Q(erased_at__isnull=False),
                name="signature_group_is_named",
            ),
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
                condition=~Q(state="published") | ~Q(verified_as="") | ~Q(_LOOKS_LIKE_ONE),
                name="signature_notable_is_verified",
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
            # It includes the columns that a search compares, so that ranges are scanned without the table.
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
            models.Index(
                fields=["-published_at"],
                condition=Q(state="published", named=True, shown_elsewhere=True),
                name="signature_newest_elsewhere",
            ),
            models.Index(fields=["channel"], condition=Q(channel__isnull=False), name="signature_channel"),
            models.Index(fields=["confirmed_at"], condition=Q(state="held"), name="signature_queue"),
            models.Index(fields=["skeleton", "profession"], condition=Q(state="published"), name="signature_doubles"),
            models.Index(fields=["address_digest"], name="signature_mailbox"),
            models.Index(fields=["domain", "confirmed_at"], name="signature_domain"),
            models.Index(fields=["affiliation"], condition=~Q(affiliation=""), name="signature_affiliation"),
            models.Index(fields=["withdrawn_at"], condition=Q(state="withdrawn"), name="signature_to_forget"),
            models.Index(fields=["featured"], condition=Q(featured__isnull=False), name="signature_notable"),
            models.Index(fields=["changed_at"], name="signature_changed"),
            # Parts of names and filters in one index, so that only rows that match all are read.
            GinIndex(
                OpClass(Framed("search_key"), name="gin_trgm_ops"),
                "profession",
                "country",
                "letter",
                name="signature_words",
            ),
            # Whole words, for looking up many full names at once (see signatories/press/presence.py).
            GinIndex(Words("search_key"), condition=Q(state="published", named=True), name="signature_whole_words"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """Return the permalink by public number; only for public signatures."""
        return reverse("listing-signature", args=[self.number])

    @property
    def detail(self) -> str:
        """Return profession and affiliation in one line, in the active language."""
        return " · ".join(part for part in (self.profession_text, self.affiliation) if part)

    @property
    def has_words_beside(self) -> bool:
        """Whether it says a profession or an affiliation, by which readers tell two people of one name apart."""
        return bool(self.affiliation or self.profession_other or self.profession != Profession.OTHER)

    @property
    def is_unverified(self) -> bool:
        """Whether it looks like a watched name, and nobody has verified whose it is; as `unverified` of the rows."""
        return not self.verified_as and any(code.startswith(LOOKS_LIKE) for code in self.held_for)

    @property
    def is_represented(self) -> bool:
        """Whether somebody signed for the person or the group; who it was is deleted with the addresses of all."""
        return bool(self.representative) or not {HELD_REPRESENTED, HELD_GROUP}.isdisjoint(self.held_for)

    def set_keys(self) -> None:
        """Compute the stored keys from the name. Call it after each change of a name or its filing."""
        keys = names.keys(name=self.name, name_latin=self.name_latin, filed_under=self.filed_under)
        self.sort_key, self.letter, self.search_key, self.skeleton = keys
        self.icu_version = names.ICU_VERSION

    def first_published(self, *, number: int, now: datetime) -> None:
        """Set number and moment of the first publication; a number is never reused."""
        self.number, self.published_at = number, now


class KnownDistinct(models.Model):
    """Two signatures with one name that are known to be two people; `first` has the smaller id."""

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
