"""The consent sentence a signer agrees to. Change the words, change the version: every signature stores it."""

from django.utils.translation import gettext_lazy as _

VERSION = "2026-11"
SENTENCE = _(
    "By signing I support this declaration publicly. I agree that my signature is counted and, if I choose so, that my "
    "name, profession, affiliation and country are shown on the public list and in its printed and downloadable "
    "editions. This shows an opinion of mine. I can withdraw at any time by writing to the address below."
)
