"""The consent sentence that a signer agrees to. Every signature stores its version, so new words get a new one."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "2026-11": _(
        "By signing I support this declaration publicly. I agree that my signature is counted and, if I choose so, "
        "that my name, profession, affiliation and country are shown on the public list and in its printed and "
        "downloadable editions. This shows an opinion of mine. I can withdraw at any time by writing to the "
        "address below."
    ),
    "2026-11-24": _(
        "By signing I support this declaration publicly. I agree that my signature is counted and, if I choose so, "
        "that my name, profession, affiliation and country are shown on the public list and in its printed and "
        "downloadable editions. This shows an opinion of mine. I can withdraw at any time, by myself on the page "
        "of my signature or by writing to the address below."
    ),
    "2026-11-28": _(
        "By signing I support this declaration publicly. I agree that my signature is counted and, if I choose so, "
        "that my name, profession, affiliation and country are shown on the public list, in its printed and "
        "downloadable editions, and in data and widgets that others may show. This shows an opinion of mine. I am 16 "
        "or older, or my guardian signs for me. I can withdraw at any time, by myself on the page of my signature or "
        "by writing to the address below."
    ),
}
VERSION = max(SENTENCES)
SENTENCE = SENTENCES[VERSION]
_ELSEWHERE_SINCE = "2026-11-28"
# The last one that was shown by forms which do not say their version.
_BEFORE_FORMS_SAID = "2026-11-24"


def allows_elsewhere(version: str) -> bool:
    """Return whether this sentence lets others show the name, in data and widgets."""
    return version in SENTENCES and version >= _ELSEWHERE_SINCE


def version_read(posted: str, *, with_text: bool) -> str:
    """Return the version that somebody has read whose form says `posted`.

    A form that names the text but no known sentence was opened before this release; one that names neither is not
    from a page of ours, and counts as of now.
    """
    if posted in SENTENCES:
        return posted
    return _BEFORE_FORMS_SAID if with_text else VERSION
