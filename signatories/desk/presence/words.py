"""Where somebody is at the desk, in words: from the name of a URL, and what that URL names."""

from django.urls import ResolverMatch

# By the beginning of the URL's name, the longest one first. The words are those of the navigation.
PAGES = {
    "desk-start": "Start",
    "desk-launch": "Launch",
    "desk-closing": "Closing",
    "desk-queue": "Waiting",
    "desk-decide": "Waiting",
    "desk-undo": "Waiting",
    "desk-claim": "Waiting",
    "desk-cluster": "Clusters",
    "desk-rule": "Rules",
    "desk-preview": "Rules",
    "desk-verify": "Waiting",
    "desk-report": "Reports",
    "desk-alarm": "Alarms",
    "desk-mass-move": "Alarms",
    "desk-double": "Doubles",
    "desk-mails": "Mails",
    "desk-numbers": "Numbers",
    "desk-text": "Text",
    "desk-languages": "Text",
    "desk-edition": "Editions",
    "desk-partner": "Partners",
    "desk-notable": "Notable",
    "desk-feature": "Notable",
    "desk-move": "Notable",
    "desk-unfeature": "Notable",
    "desk-news": "News",
    "desk-update": "News",
    "desk-mailing": "News",
    "desk-dossier": "Watched names",
    "desk-trail": "Trail",
    "desk-settings": "Settings",
    "desk-press": "Press page",
    "desk-picture": "Pictures",
    "desk-quote": "Quotes",
    "desk-watched": "Watched names",
    "desk-unwatch": "Watched names",
    "desk-limits": "Limits",
    "desk-lists": "Networks",
    "desk-unlist": "Networks",
    "desk-organizer": "Organizers",
    "desk-invit": "Organizers",
    "desk-embargo": "Embargo",
    "desk-export": "Exports",
    "desk-handbook": "Handbook",
    "desk-repeat": "Second factor",
    "desk-find": "Find",
    "desk-sign": "Find",  # signature, signup
    "desk-reveal": "Find",
    "desk-resend": "Find",
    "desk-write": "Find",
    "desk-correct": "Find",
    "desk-at-request": "Find",
    "desk-allow-mails": "Find",
}
_FIRST = sorted(PAGES, key=len, reverse=True)
# What the number in an address is, by the first part of the address. No row is read: a number is all that is told.
_SUBJECTS = {"signatures": "signature", "signups": "signup"}


def words_for(page: str) -> str:
    """Return the page in words; the overview where the name is unknown."""
    return next((PAGES[start] for start in _FIRST if page.startswith(start)), "Overview")


def subject_of(match: ResolverMatch) -> str:
    """Return what an address is about, as "signature 12"; empty where it names no person's row."""
    route = match.route.removeprefix("desk/").lstrip("^")
    kind = _SUBJECTS.get(route.partition("/")[0], match.kwargs.get("kind", ""))
    return f"{kind} {match.kwargs['pk']}" if kind and "pk" in match.kwargs else ""
