"""The navigation of the desk: its pages in groups, each link for those whose role may use it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from signatories.desk.common import is_open
from signatories.desk.presence.words import words_for
from signatories.models import Alarm, Report
from signatories.models.alarm import kinds_answered_by
from signatories.models.organizer import Power


@dataclass(frozen=True)
class Page:
    """A page that the navigation leads to, by the name of its URL. `count` is what waits there for its reader."""

    words: str
    name: str
    power: Power | None = None
    arguments: tuple[str, ...] = ()
    count: Callable[[HttpRequest], int] | None = None
    shown: Callable[[HttpRequest], bool] | None = None


@dataclass(frozen=True)
class Link:
    """A link as it is shown. `current` is "page" on that very page, "true" on one that belongs to it."""

    words: str
    path: str
    current: str
    count: int


@dataclass(frozen=True)
class Group:
    """Links that belong together."""

    slug: str
    title: str
    links: list[Link]


def _open_reports(_request: HttpRequest) -> int:
    return Report.objects.unanswered().count()


def _open_alarms(request: HttpRequest) -> int:
    return Alarm.objects.filter(closed_at=None, kind__in=kinds_answered_by(request.user)).count()


# The words of a page are those that tell where somebody is: signatories/desk/presence/words.py.
GROUPS: dict[str, tuple[Page, ...]] = {
    "Today": (
        Page("Overview", "desk"),
        Page("Waiting", "desk-queue", Power.DECIDE),
        Page("Clusters", "desk-clusters", Power.DECIDE),
        Page("Reports", "desk-reports", Power.ANSWER_REPORTS, count=_open_reports),
        Page("Alarms", "desk-alarms", Power.ANSWER_ALARMS, count=_open_alarms),
        Page("Doubles", "desk-doubles", Power.MERGE_DUPLICATES),
        Page("Find", "desk-find", Power.SEE_PEOPLE),
        Page("Mails", "desk-mails", Power.HELP_SIGNERS),
        Page("Numbers", "desk-numbers"),
    ),
    "People and rules": (
        Page("Watched names", "desk-watched-names", Power.EDIT_RULES),
        Page("Rules", "desk-rules", Power.EDIT_RULES),
        Page("Limits", "desk-limits", Power.EDIT_RULES),
        Page("Networks", "desk-lists", Power.EDIT_RULES),
    ),
    "Words and partners": (
        Page("Text", "desk-texts", Power.EDIT_TEXTS),
        Page("News", "desk-news", Power.SEND_NEWS),
        Page("Partners", "desk-partners", Power.MANAGE_PARTNERS),
    ),
    "Press": (
        Page("Editions", "desk-editions", Power.ASK_FOR_EDITIONS),
        Page("Press page", "desk-press-page", Power.EDIT_TEXTS, (settings.LANGUAGE_CODE,)),
        Page("Pictures", "desk-pictures", Power.EDIT_TEXTS),
        Page("Notable", "desk-notable", Power.FEATURE_NAMES),
        Page("Quotes", "desk-quotes", Power.FEATURE_NAMES),
    ),
    "First and last day": (
        Page("Start", "desk-start", Power.EDIT_TEXTS, shown=lambda request: not is_open(request)),
        Page("Launch", "desk-launch", Power.EDIT_TEXTS),
        Page("Embargo", "desk-embargo", Power.OPEN),
        Page("Closing", "desk-closing", Power.OPEN),
    ),
    "Site": (
        Page("Settings", "desk-settings", Power.EDIT_TEXTS),
        Page("Organizers", "desk-organizers", Power.MANAGE_ORGANIZERS),
        Page("Exports", "desk-exports", Power.EXPORT),
        Page("Trail", "desk-trail", Power.READ_TRAIL),
        Page("Handbook", "desk-handbook"),
    ),
    "You": (Page("Account", "account-sessions"), Page("Sign out", "account_logout")),
}


def groups(request: HttpRequest) -> list[Group]:
    """Return the groups with the links that the reader may use; a group without any is left out."""
    here = here_in_words(request)
    found = [
        Group(
            f"desk-{number}", title,
            [_link(page, request, here) for page in pages if _is_shown(page, request)],
        )
        for number, (title, pages) in enumerate(GROUPS.items(), start=1)
    ]  # fmt: skip
    return [group for group in found if group.links]


def here_in_words(request: HttpRequest) -> str:
    """Return the word of the navigation for the page that is shown."""
    return words_for(request.resolver_match.url_name or "") if request.resolver_match else ""


def _is_shown(page: Page, request: HttpRequest) -> bool:
    may = page.power is None or page.power.value in getattr(request, "can", {})
    return may and (page.shown is None or page.shown(request))


def _link(page: Page, request: HttpRequest, here: str) -> Link:
    path = reverse(page.name, args=page.arguments)
    current = "page" if path == request.path else "true" if page.words == here else ""
    return Link(page.words, path, current, page.count(request) if page.count else 0)
