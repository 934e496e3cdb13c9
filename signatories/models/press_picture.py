"""Pictures and logos that organizers offer to the press, in the order in which the page shows them.

They are in the row: the web process writes no files, deleting the row deletes the file, and a backup has it.
"""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from signatories.models import translated

MOST = 12
SMALL = "webp"  # the format of the picture on the page


class PictureKind(models.TextChoices):
    """What is in a picture."""

    PICTURE = "picture", _("picture")
    LOGO = "logo", _("logo")


class PictureFormat(models.TextChoices):
    """What the press downloads."""

    JPG = "jpg", "JPEG"
    PNG = "png", "PNG"


class PressPictureQuerySet(models.QuerySet["PressPicture"]):
    def in_order(self) -> "PressPictureQuerySet":
        """Return all as the page shows them, without their files."""
        return self.defer("content", "small").order_by("place")


class PressPicture(models.Model):
    """A picture. `caption` and `alternative` hold a text for each language that has one, by its code."""

    kind = models.CharField(max_length=10, choices=PictureKind)
    caption = models.JSONField(default=dict, db_default={})
    alternative = models.JSONField(default=dict, db_default={})
    credit = models.CharField(max_length=200)  # who made it
    place = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=4, choices=PictureFormat)
    sha256 = models.CharField(max_length=64, unique=True)  # of `content`; stands in its address
    content = models.BinaryField()
    size = models.PositiveIntegerField()  # bytes
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    small = models.BinaryField()
    small_width = models.PositiveIntegerField()
    small_height = models.PositiveIntegerField()
    added_at = models.DateTimeField(db_default=TransactionNow())

    objects = PressPictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], name="press_picture_place", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=MOST), name="press_picture_most"),
            models.CheckConstraint(condition=~Q(credit=""), name="press_picture_has_credit"),
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of the file for print."""
        return reverse("press-picture", args=[self.sha256, self.format])

    @property
    def small_url(self) -> str:
        """Return the address of the picture on the page."""
        return reverse("press-picture", args=[self.sha256, SMALL])

    @property
    def name(self) -> str:
        """Return the name under which it is saved."""
        return f"{self.kind}-{self.pk}.{self.format}"

    @property
    def told_caption(self) -> tuple[str, str]:
        """Return the caption for a page, and its language."""
        return translated.best(self.caption)

    @property
    def told_alternative(self) -> tuple[str, str]:
        """Return what is in the picture, for who does not see it, and the language of these words."""
        return translated.best(self.alternative)
