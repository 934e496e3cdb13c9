"""Editions: immutable, numbered snapshots of the list at a stated moment, as PDF, CSV and XLSX."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from signatories.models.profession import Field


class EditionState(models.TextChoices):
    """State of an edition: requested, built by one worker at a time, then ready or failed."""

    ASKED = "asked", _("asked for")
    BUILDING = "building", _("being built")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Part(models.TextChoices):
    """Which of the names of an edition a list has. The value is the name of its files."""

    FULL = "signatories", _("all names")
    MUSIC = "music", Field.MUSIC.label
    STAGE = "stage", Field.STAGE.label
    WRITING = "writing", Field.WRITING.label
    VISUAL = "visual", Field.VISUAL.label
    OTHER = "other", Field.OTHER.label
    GROUPS = "groups", _("bands and organisations")
    NOTABLE = "notable", _("notable names")
    CHANGES = "changes", _("what changed")


class FileFormat(models.TextChoices):
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel"
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


class EditionQuerySet(models.QuerySet["Edition"]):
    def latest_ready(self) -> "Edition | None":
        """Return the newest ready edition, which the press gets; None before the first."""
        return self.published().first()

    def published(self) -> "EditionQuerySet":
        """Return every edition that was ever ready, newest first; the files of some may be retired."""
        return self.filter(state=EditionState.READY).order_by("-number")


class Edition(models.Model):
    """An edition; `number` is given when it is ready, so published editions count 1, 2, 3 without gaps."""

    number = models.PositiveIntegerField(_("number"), null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=EditionState, default=EditionState.ASKED)
    asked_at = models.DateTimeField(_("asked"), db_default=TransactionNow())
    as_of = models.DateTimeField(_("as of"), null=True)
    named = models.PositiveIntegerField(_("by name"), default=0)
    unnamed = models.PositiveIntegerField(_("without name"), default=0)
    groups = models.PositiveIntegerField(_("groups"), default=0, db_default=0)  # never added to people
    pages_done = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    # The files of the full list, for web processes of the release before: see signatories/editions/last_release.py.
    pdf = models.CharField(max_length=200, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    csv = models.CharField(max_length=200, blank=True)
    csv_sha256 = models.CharField(max_length=64, blank=True)
    xlsx = models.CharField(max_length=200, blank=True, default="", db_default="")
    xlsx_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    # The newest seal of the trail at `as_of` (see signatories/audit/chain.py); empty in older editions.
    trail_head = models.CharField(max_length=90, blank=True, default="", db_default="")
    # What changed since the edition before: names of people; empty where that one told nothing of its rows.
    added = models.PositiveIntegerField(null=True)
    left = models.PositiveIntegerField(null=True)
    corrected = models.PositiveIntegerField(null=True)
    # What SHA256SUMS says of its files, the signature (base64) and the public key (PEM): see editions/checksums.py.
    sums = models.TextField(blank=True, default="", db_default="")
    sums_signature = models.CharField(max_length=100, blank=True, default="", db_default="")
    signed_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    # SHA-256 of these two as they stand at their addresses, by which press/beside.py finds them; empty without them.
    sums_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    signature_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Set when the files are deleted, because a person in them has left the list. Date, count and digests stay.
    retired_at = models.DateTimeField(_("files retired"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(number__isnull=False, as_of__isnull=False),
                name="edition_ready_has_number",
            )
        ]
        indexes = [
            models.Index(fields=["sums_sha256"], name="edition_sums_digest"),
            models.Index(fields=["signature_sha256"], name="edition_signature_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '–'} ({self.get_state_display()})"

    @property
    def count(self) -> int:
        """Return the number of people by name and without."""
        return self.named + self.unnamed

    @property
    def full_files(self) -> list["EditionFile"]:
        """Return the files of the full list in the main language, also deleted ones, of which the digest stays."""
        found = self.full_list(settings.LANGUAGE_CODE)
        return found.shown_files if found else []

    def full_file(self, format_: "FileFormat") -> "EditionFile | None":
        """Return a file of the full list in the main language; None when it is deleted."""
        files = EditionFile.objects.filter(part__edition=self, part__part=Part.FULL, format=format_)
        return files.filter(part__language=settings.LANGUAGE_CODE).exclude(path="").first()

    def full_list(self, language: str) -> "EditionPart | None":
        """Return the full list for readers of a language: in that language, else in the main one."""
        parts = self.ready_parts(language)
        return parts[0] if parts and parts[0].part == Part.FULL else None

    def ready_parts(self, language: str) -> list["EditionPart"]:
        """Return the lists for readers of a language, in order: in that language, else in the main one."""
        ready = self.parts.filter(state=EditionState.READY, language__in=[language, settings.LANGUAGE_CODE])
        best: dict[tuple[int, int], EditionPart] = {}
        for part in ready.prefetch_related("files"):
            place = (Part.values.index(part.part), part.since)
            if place not in best or part.language == language:
                best[place] = part
        return [best[place] for place in sorted(best)]


class EditionHistory(models.Model):
    """In which editions the rows of the newest one came and were corrected, as sums: see signatories/editions/since.py.

    It is written with the edition, so that no page reads its JSON. Of older editions nobody asks, so theirs go.
    """

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tracked_since = models.PositiveIntegerField()
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"{self.edition_id}"


class EditionPartQuerySet(models.QuerySet["EditionPart"]):
    def up(self) -> "EditionPartQuerySet":
        """Filter ready lists whose files are there: those of an edition go when a person in it has left the list."""
        return self.filter(state=EditionState.READY, edition__state=EditionState.READY, edition__retired_at=None)

    def newest(self, language: str) -> list["EditionPart"]:
        """Return the newest of each list that is up, in order: in a language, else in the main one.

        A list stays here until its successor is ready, so these may be of several editions. Of changes these are all
        lists of the newest edition that has one.
        """
        up = self.up().filter(language__in=[language, settings.LANGUAGE_CODE])
        order = ("part", "language", "-edition__number", "-since")
        best: dict[str, EditionPart] = {}
        for part in up.order_by(*order).distinct("part", "language").select_related("edition"):
            if part.part not in best or part.language == language:
                best[part.part] = part
        changes = best.pop(Part.CHANGES, None)
        found = [best[part] for part in Part.values if part in best]
        if changes:
            same = up.filter(part=Part.CHANGES, edition=changes.edition_id, language=changes.language)
            found += same.order_by("since").select_related("edition")
        models.prefetch_related_objects(found, "files")
        return found


class EditionPart(models.Model):
    """A list of an edition in one language, made from the same snapshot. It knows `pages` and `names` once it is ready.

    `names` counts entries, of people and of groups: it is told as that, and never as a number of people.
    Of changes, `since` is the number of the earlier edition; `left` tells how many people of that one are gone.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="parts")
    part = models.CharField(_("list"), max_length=20, choices=Part)
    language = models.CharField(_("language"), max_length=10)
    since = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=10, choices=EditionState, default=EditionState.ASKED)
    asked_at = models.DateTimeField(db_default=TransactionNow())
    names = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    pages_done = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    objects = EditionPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "part", "language", "since"], name="edition_part_once"),
            models.CheckConstraint(
                condition=models.Q(part="changes", since__gt=0) | ~models.Q(part="changes") & models.Q(since=0),
                name="edition_part_since_of_changes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.stem} ({self.language})"

    @property
    def stem(self) -> str:
        """Return the name of its files at their public addresses, without the format."""
        return f"{self.part}-since-{self.since}" if self.since else self.part

    @property
    def shown_files(self) -> list["EditionFile"]:
        """Return its files in the order of the formats."""
        return sorted(self.files.all(), key=lambda file: FileFormat.values.index(file.format))


class EditionFileQuerySet(models.QuerySet["EditionFile"]):
    def newest(self, part: Part, format_: FileFormat, language: str) -> "EditionFile | None":
        """Return the file of the newest list of a kind that is up; None if there is none in this language."""
        up = EditionPart.objects.up().filter(part=part, language=language)
        found = self.filter(part__in=up, format=format_).exclude(path="").select_related("part__edition")
        return found.order_by("-part__edition__number", "-part__since").first()


class EditionFile(models.Model):
    """A file of a list. `path` is empty when the file is deleted; digest and size stay."""

    part = models.ForeignKey(EditionPart, on_delete=models.CASCADE, related_name="files")
    format = models.CharField(max_length=4, choices=FileFormat)
    path = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(default=0)  # bytes; 0 where it is not known
    # The time stamp as DER, and before when none is asked for: see signatories/editions/timestamps.py.
    stamp = models.BinaryField(null=True)
    stamp_after = models.DateTimeField(null=True)

    objects = EditionFileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "format"], name="edition_file_once")]
        indexes = [models.Index(fields=["sha256"], name="edition_file_digest")]

    def __str__(self) -> str:
        return f"{self.part}.{self.format}"

    def get_absolute_url(self) -> str:
        """Return its address, in the language of the list."""
        with translation.override(self.part.language):
            return reverse("press-edition-file", args=[self.part.edition.number, f"{self.part.stem}.{self.format}"])

    @property
    def name(self) -> str:
        """Return the name under which it is saved, as SHA256SUMS has it."""
        language = "" if self.part.language == settings.LANGUAGE_CODE else f"-{self.part.language}"
        return f"{self.part.stem}-edition-{self.part.edition.number}{language}.{self.format}"
