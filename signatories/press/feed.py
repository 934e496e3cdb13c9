"""The feed of editions: one entry for each, with its number of signatures and its moment."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from signatories.models import Edition

SHOWN = 30


class EditionFeed(Feed[Edition, None]):
    """The editions as an Atom feed, newest first."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Editions of the list")

    def link(self) -> str:
        return reverse("press-editions")

    def items(self) -> list[Edition]:
        return list(Edition.objects.published()[:SHOWN])

    def item_title(self, item: Edition) -> str:
        return _("Edition %(number)s") % {"number": item.number}

    def item_description(self, item: Edition) -> str:
        words = _("Signatures: %(all)s (%(named)s by name, %(unnamed)s without), as of %(moment)s UTC.")
        told = {"all": item.count, "named": item.named, "unnamed": item.unnamed}
        people = words % (told | {"moment": date_format(_moment(item), "DATETIME_FORMAT")})
        return f"{people} {_('Bands and organisations:')} {number_format(item.groups)}" if item.groups else people

    def item_link(self, item: Edition) -> str:
        return reverse("press-edition", args=[item.number])

    def item_pubdate(self, item: Edition) -> datetime:
        return _moment(item)

    def item_updateddate(self, item: Edition) -> datetime:
        return item.retired_at or _moment(item)


def _moment(edition: Edition) -> datetime:
    assert edition.as_of  # noqa: S101 - a published edition has its moment
    return edition.as_of
