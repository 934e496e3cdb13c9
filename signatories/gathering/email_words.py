"""Whether words name e-mail, in any language of the site.

A check of what is there, not of what it means: "never by e-mail" passes, and a person at the desk reads the words.
"""

import re
import unicodedata

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

# How words for it begin, after folding; a hyphen of any kind is one. "Mailand" and "maillot" are something else.
_STEMS = (
    r"e-?mail", r"mail(?!l|and|änd)", r"mejl", r"mél\b", r"courriel", r"correo", r"correu", r"e-?post",
    r"[еe]-пошт", r"[еe]-?мейл", r"[іи]мейл", r"мейл",
)  # fmt: skip
# "Electronic" beside post, address, letter or way, in either order.
_ELECTRONIC = (
    r"(?:elektroni\w*|électroniques?|elec?tr[óôo]nic[ao]s?\b|elettronic\w*|електронн\w*|электронн\w*|[еэ]л(?:\.|\b))"
)
_POST = (
    r"(?:post\w*|poczt\w*|courriers?|correio|пошт\w*|почт\w*|adres\w*|адрес\w*|лист\w*"
    r"|voies?|v[íi]a|wege?s?\b|väg\w*|drog\w*)"
)
_SOMEWHERE = ("メール", "電子郵便", "بريد", "إيميل", "ايميل", "电子邮件", "電子郵件")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\u00ad]")
_MARKS_OF_ARABIC = re.compile("[\u0640\u064b-\u0652]")
_NAMED = re.compile(rf"(?<!\w)(?:{'|'.join(_STEMS)}|{_ELECTRONIC}[ -]?{_POST}|{_POST} {_ELECTRONIC})")


def name_email(words: str, *, operator: str) -> bool:
    """Whether words name e-mail elsewhere than in the name of the operator."""
    said = _folded(words).replace(_folded(operator), " ")
    return bool(_NAMED.search(said)) or any(word in said for word in (*map(_folded, _SOMEWHERE), *_our_words()))


def _our_words() -> list[str]:
    """Return our own word for it in each language of the site, so that a new language needs nothing here."""
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.append(_folded(gettext("E-mail")))
    return found


def _folded(words: str) -> str:
    plain = unicodedata.normalize("NFKC", words).casefold()
    return " ".join(_MARKS_OF_ARABIC.sub("", _HYPHENS.sub("-", plain)).split())
