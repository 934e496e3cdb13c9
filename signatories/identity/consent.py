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
}
VERSION = max(SENTENCES)
SENTENCE = SENTENCES[VERSION]
