"""What others may show on their pages: each embed as a page for a frame, and as a picture for mails and papers.

Another embed is one entry of EMBEDS and one template, `templates/sharing/<kind>.html`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from declaration.models import Text
from signatories.models import Signature
from signatories.models import settings as site
from signatories.models.closing import signing_end
from signatories.plots.figure import Plot
from signatories.sharing.pictures import THEMES, Picture, wrap
from signatories.tally import plots
from signatories.tally import services as tally

NAMES_SHOWN = 12
_SIDE, _WIDTH = 20, 480  # of a picture, in px
_INNER = _WIDTH - 2 * _SIDE
_LEFTWARD = "\N{RIGHT-TO-LEFT MARK}"

type Context = dict[str, Any]


class Embed(NamedTuple):
    """What an embed is called, how large its frame is, what it shows, and how that is drawn in a theme."""

    label: Promise | str
    width: int
    height: int
    context: Callable[[], Context]
    draw: Callable[[Context, str], str]


def common() -> Context:
    """Return what each embed shows: the title, the number and its moment."""
    text = Text.to_sign(get_language() or settings.LANGUAGE_CODE)
    title = text.title if text else settings.DECLARATION_NAME or gettext("The declaration")
    return {"text": text, "title": title, "number": tally.number(timezone.now())}


def with_names() -> Context:
    """Return that, and the newest of those who let others show their name; none while the list is closed."""
    if not site.current().list_public:
        return common() | {"people": [], "none": gettext("The list of names is not shown at the moment.")}
    newest = Signature.objects.shown_elsewhere().order_by("-published_at")[:NAMES_SHOWN]
    return common() | {"people": list(newest), "none": gettext("No name is shown here yet.")}


def draw_counter(shown: Context, theme: str) -> str:
    """Draw title and number."""
    picture = Picture(THEMES[theme], _WIDTH, leftward=get_language_bidi())
    y, spoken = _head(picture, shown, title_size=22, figures_size=46)
    y = _foot(picture, shown, y + 30)
    return picture.svg(y, shown["title"], spoken)


def draw_names(shown: Context, theme: str) -> str:
    """Draw title and number, and below them the names."""
    picture = Picture(THEMES[theme], _WIDTH, leftward=get_language_bidi())
    y, spoken = _head(picture, shown, title_size=22, figures_size=32)
    y += 14
    for person in shown["people"]:
        y += 29
        end = picture.title(person.name, _SIDE, y, 19, picture.theme.ink, most=_INNER)
        left = _WIDTH - _SIDE - end - 8
        if left > 40:
            picture.words(person.detail, end + 8, y, 16, picture.theme.faint, italic=True, most=left)
    if not shown["people"]:
        y += 29
        picture.words(shown["none"], _SIDE, y, 17, picture.theme.faint, italic=True)
    y = _foot(picture, shown, y + 36)
    return picture.svg(y, shown["title"], ". ".join([spoken, *(person.name for person in shown["people"])]))


def in_words(count: int) -> str:
    """Say how many have signed."""
    if not count:
        ended = signing_end() is not None
        return gettext("No name is listed yet.") if ended else gettext("Nobody has signed yet: be the first.")
    return ngettext("%(figures)s has signed", "%(figures)s have signed", count) % {"figures": number_format(count)}


def _head(picture: Picture, shown: Context, *, title_size: int, figures_size: int) -> tuple[int, str]:
    """Draw a rule, the title and the number. Returns where it ends, and the number in words."""
    picture.rule(0)
    y = 16
    for line in wrap(shown["title"], title_size, _INNER, lines=2):
        y += title_size + 6
        picture.title(line, _SIDE, y, title_size, picture.theme.ink, most=_INNER)
    y += figures_size + 8
    count = shown["number"].count
    spoken = in_words(count)
    if not count:
        picture.words(spoken, _SIDE, y, 22, picture.theme.red, most=_INNER)
        return y, spoken
    figures = number_format(count)
    before, _figures, after = spoken.partition(figures)
    x = picture.words(before, _SIDE, y, 24, picture.theme.ink)
    x = picture.words(figures, x, y, figures_size, picture.theme.red)
    picture.words(after, x, y, 24, picture.theme.ink, most=_WIDTH - _SIDE - x)
    return y, spoken


def _foot(picture: Picture, shown: Context, y: int) -> int:
    """Draw the moment and our address, and a rule. Returns the height of the picture."""
    moment = date_format(shown["number"].as_of, "DATETIME_FORMAT")
    mark = _LEFTWARD if picture.leftward else ""  # without it “UTC · our address” would be one run of Latin letters
    words = f"{gettext('as of %(moment)s UTC') % {'moment': moment}}{mark} · {urlsplit(settings.SITE_URL).netloc}"
    picture.words(words, _SIDE, y, 15, picture.theme.faint, italic=True, most=_INNER)
    picture.rule(y + 19)
    return y + 20


def with_curve() -> Context:
    """Return that, and how many have signed over time; None before anybody has, and while statistics are closed."""
    shown = site.current().statistics_public
    return common() | {"plot": plots.plot("curve", timezone.now()) if shown else None}


def draw_curve(shown: Context, theme: str) -> str:
    """Draw the plot with its title; the number alone while there is no plot."""
    plot: Plot | None = shown["plot"]
    return plot.picture(theme) if plot else draw_counter(shown, theme)


EMBEDS = {
    "counter": Embed(_("The number"), 480, 250, common, draw_counter),
    "curve": Embed(_("The number over time"), 480, 460, with_curve, draw_curve),
    "names": Embed(_("The newest names"), 480, 600, with_names, draw_names),
}
