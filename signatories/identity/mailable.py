"""Which typed names may stand in a mail to somebody who has not confirmed yet. Pure functions.

Anybody can type any address and any name into the form. A mail to an unproven mailbox must not carry a message of a
stranger under the operator's name, so it carries the name alone, and only if it reads as a name. A wrong refusal costs
little: the mail then says "the name you typed", and the confirm page shows it.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise

from publicsuffixlist import PublicSuffixList

from signatories.identity.characters import script

LONGEST, MOST_WORDS, MOST_SIGNS_UNSPACED = 60, 5, 12
_PARTICLES = frozenset({
    "a", "al", "af", "av", "da", "das", "de", "del", "della", "dem", "den", "der", "des", "di", "do", "dos", "du", "e",
    "el", "i", "la", "las", "le", "les", "lo", "los", "of", "ten", "ter", "the", "und", "van", "von", "vom", "y", "zu",
    "zum", "zur", "ibn", "bin", "bint", "ben", "bat", "abu",
})  # fmt: skip
# Words of sentences that no name has, in the languages in which most of such mail is written.
_OF_SENTENCES = frozenset({
    "you", "your", "yours", "we", "our", "us", "is", "are", "was", "has", "have", "had", "can", "must", "this", "that",
    "these", "here", "there", "now", "today", "free", "click", "claim", "visit", "call", "win", "won", "prize", "money",
    "cash", "account", "password", "login", "verify", "urgent", "please", "buy", "pay", "gift", "offer", "go", "get",
    "to", "from", "at", "vous", "votre", "vos", "nous", "est", "sont", "avez", "ici", "cliquez", "gagnez", "gagné",
    "prix", "argent", "compte", "sie", "ihr", "ihre", "wir", "ist", "sind", "haben", "hier", "jetzt", "klicken",
    "gewonnen", "preis", "geld", "konto", "usted", "su", "sus", "han", "aquí", "ahora", "gana", "ganado", "premio",
    "dinero", "cuenta", "hai", "vinto", "conto", "qui",
})  # fmt: skip
_SIGNS = re.compile(r"[-‐‑'’ʼ`´.·•\u00a0\s]+")
_WORDS = re.compile(r"[\s]+")
_CASED = {"Latn", "Grek", "Cyrl", "Armn"}


def reads_as_name(text: str) -> bool:
    """Whether `text` can only be a name: letters, hyphens, apostrophes and dots, few words, no address of a site."""
    letters = _SIGNS.sub("", text)
    if not letters or len(text) > LONGEST or not all(unicodedata.category(c)[0] in "LM" for c in letters):
        return False
    words = [word for word in _WORDS.split(text) if word]
    said = [word.strip(".'’-").casefold() for word in words]
    if not _OF_SENTENCES.isdisjoint(said) or _names_a_site(text):
        return False
    main = [word for word, plain in zip(words, said, strict=True) if plain not in _PARTICLES]
    if len(main) > MOST_WORDS or (len(words) > 1 and text.rstrip().endswith("..")):
        return False
    if script(letters[0]) not in _CASED:
        return max(map(len, words)) <= MOST_SIGNS_UNSPACED
    if all(len(word) == 1 for word in main):  # a name that is spelt out
        return True
    return len(main) < 3 or all(word.lstrip("'’-")[:1].isupper() or "’" in word or "'" in word for word in main)


def _names_a_site(text: str) -> bool:
    """Whether a word reads as a host name. One letter before a country's ending is none: will.i.am."""
    for word in text.casefold().split():
        labels = word.split(".")
        for label, ending in pairwise(labels):
            is_known = len(ending) > 1 and _suffixes().publicsuffix(f"x.{ending}") is not None
            if label and is_known and (len(ending) > 2 or len(label) > 1):
                return True
    return False


@cache
def _suffixes() -> PublicSuffixList:
    # Read on first use: most processes never ask.
    return PublicSuffixList(accept_unknown=False, only_icann=True)
