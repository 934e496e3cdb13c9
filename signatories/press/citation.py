"""The one line with which the press cites the number: how many, which text, which edition, as of when, where."""

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from declaration.joints import listed
from declaration.models import Text
from signatories.editions.document import groups_words
from signatories.models import Edition
from signatories.tally.services import Number


def line(text: Text, edition: Edition | None, number: Number) -> str:
    """Return the line in the active language: of an edition, which can be checked later; of now if there is none."""
    cited = edition or number
    assert cited.as_of  # noqa: S101 - an edition that is ready has its moment
    signed = ngettext(
        "%(count)s person has signed “%(title)s”, %(named)s of them by name",
        "%(count)s people have signed “%(title)s”, %(named)s of them by name",
        cited.count,
    )
    words = {"count": _number(cited.count), "named": _number(cited.named), "title": text.title}
    moment = formats.date_format(cited.as_of, "DATETIME_FORMAT")
    if edition:
        end = _("as of %(moment)s UTC (edition %(edition)s, %(address)s).")
        address = reverse("press-edition", args=[edition.number])
    else:
        end, address = _("as of %(moment)s UTC (%(address)s)."), reverse("home")
    told = {"moment": moment, "edition": edition.number if edition else "", "address": f"{settings.SITE_URL}{address}"}
    groups = groups_words(cited.groups)
    return listed([signed % words, groups, end % told])


def _number(number: int) -> str:
    return formats.number_format(number, use_l10n=True, force_grouping=True)
