"""How translated pieces are put together: each language has its own comma and colon (“、”, “،”, “ :”)."""

from collections.abc import Iterable

from django.utils.translation import gettext, pgettext


def listed(parts: Iterable[str]) -> str:
    """Return the parts that are not empty in one line, in the active language."""
    return pgettext("between the parts of a list", ", ").join(filter(None, parts))


def told_of(label: str, words: str) -> str:
    """Return words after what they are about, as "Name: Please type it.", in the active language."""
    return gettext("%(label)s: %(words)s") % {"label": label, "words": words}
