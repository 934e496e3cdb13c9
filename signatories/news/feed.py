"""The updates as an Atom feed, newest first."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from signatories.models import Update, UpdateText

SHOWN = 30


class UpdateFeed(Feed[Update, None]):
    """Each entry in the language of the path, or in the first one that the update has."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("News of the declaration")

    def link(self) -> str:
        return settings.SITE_URL + reverse("news-updates")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("news-feed")

    def items(self) -> list[Update]:
        return list(Update.objects.public().newest_first()[:SHOWN])

    def item_title(self, item: Update) -> str:
        return _text(item).title

    def item_description(self, item: Update) -> str:
        return _text(item).html

    def item_link(self, item: Update) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_pubdate(self, item: Update) -> datetime:
        assert item.published_at  # noqa: S101 - it is public
        return item.published_at

    def item_updateddate(self, item: Update) -> datetime:
        return item.corrected_at or self.item_pubdate(item)


def _text(item: Update) -> UpdateText:
    text = item.text_in(translation.get_language() or settings.LANGUAGE_CODE)
    assert text  # noqa: S101 - an update without words is not published
    return text
