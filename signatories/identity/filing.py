"""The word under which the list files a name, guessed from its shape; the signer sees and corrects it. Pure.

docs/decisions/0022-filing-names.md says the rules in ten lines.
"""

import re
import unicodedata

from signatories.identity.characters import script

# Scripts in which the family name stands first, so that names are filed as a whole.
WHOLE_NAME_SCRIPTS = frozenset({"Hani", "Hira", "Kana", "Hang", "Bopo"})

# Asides: in brackets, in quotes or backticks, and handles.
_ASIDES = re.compile(
    r"""\([^()]*\)|\[[^][]*\]|\{[^{}]*\}|（[^（）]*）|［[^［］]*］|【[^【】]*】|〔[^〔〕]*〕|「[^「」]*」|『[^『』]*』"""
    r"""|"[^"]+"|`[^`]+[`']|“[^“”]+”|„[^„“”]+[“”]|«[^«»]+»|»[^«»]+«|‹[^‹›]+›"""
    r"""|(?<!\w)‘[^‘’]+’(?!\w)|(?<!\w)'[^']+'(?!\w)|(?<!\S)[@#]\S+"""
)
# What follows explains the name: a profession, a place, a band, a second writing, another name.
_EXPLAINED = re.compile(
    r"\s*[,;،、，].*|\s[-–—−/|·•]+\s.*|\s[(（\[{].*|\s(?:of|from|a\.?k\.?a\.?|A\.?K\.?A\.?|alias|née|né|geb\.|feat\.|ft\.)\s.*"
)
_JOINED = re.compile(r"(?<! von)\s(?:[&+＆]|and|und|et|og|och|и|та|και)\s", re.IGNORECASE)
_ENDING = " .,;:!?…·•*_-–—−/|\\™®©)]}\"'`´’”“»›،؟۔।。"
_BEGINNING = ' -–—([{"`‘“„«‹¡¿'

# Words after a surname, folded; all but the numerals and initials.
_GENERATIONS = frozenset({
    "jr", "jnr", "jun", "junior", "sr", "snr", "sen", "senior", "esq", "fils", "pere", "hijo", "2nd", "3rd", "4th",
})  # fmt: skip
_POST_NOMINALS = frozenset({
    "phd", "dphil", "dma", "dmus", "dd", "ma", "msc", "mba", "mfa", "mmus", "mphil", "ba", "bsc", "bfa", "bmus",
    "llb", "llm", "md", "dds", "jd", "qc", "kc", "mp", "mep", "mbe", "obe", "cbe", "kbe", "dbe", "ch", "om", "ao",
    "am", "oc", "cm", "frs", "frsa", "frsl", "fba", "aram", "fram", "arcm", "frcm", "lram", "frco", "ra", "rsa",
    "riba", "aia", "osb", "ofm", "sj", "op",
})  # fmt: skip
_NUMERAL = re.compile(r"I{1,3}|IV|VI{0,3}|IX|XI{0,3}")
_INITIALS = re.compile(r"(?:\w[\u0300-\u036f]?\.-?)+")
_PRONOUNS = re.compile(r"[a-z]+(?:/[a-z]+)+")

_GROUP_WORDS = frozenset({
    "orchestra", "orchester", "orchestre", "orquesta", "orquestra", "orkest", "orkester", "orkiestra", "оркестр",
    "philharmonic", "philharmonie", "philharmonia", "sinfonietta", "symphony", "consort", "choir", "chor",
    "kammerchor", "frauenchor", "mannerchor", "kinderchor", "jugendchor", "choeur", "chœur", "coro", "koor", "kor",
    "chorus", "chorale", "хор", "singers", "players", "ensemble", "ансамбль", "trio", "quartet", "quartett",
    "quartetto", "quatuor", "cuarteto", "quarteto", "kvartett", "kwartet", "квартет", "quintet", "quintett",
    "quintette", "quintetto", "sextet", "sextett", "septet", "octet", "band", "bigband", "collective", "kollektiv",
    "collectif", "colectivo", "collettivo", "project", "projekt", "company", "compagnie", "compania", "compagnia",
    "companhia", "theatre", "theater", "teatro", "teatr", "театр", "opera", "ballet", "circus", "cirque", "zirkus",
    "festival", "studio", "studios", "records", "association", "society", "foundation", "gallery", "museum",
})  # fmt: skip
# The English article tells by itself that a group is named; others may be a person's name elsewhere.
_ARTICLES = {
    "en": {"the"}, "fr": {"le", "la", "les"}, "de": {"der", "die", "das"}, "es": {"el", "la", "los", "las"},
    "it": {"il", "lo", "la", "gli", "le"}, "nl": {"de", "het"}, "pt": {"o", "a", "os", "as"},
}  # fmt: skip
_ANY_ARTICLE = frozenset().union(*_ARTICLES.values())
_ELIDED_ARTICLE = re.compile(r"(?i)l['’](?=\w)")
# Of who says that they are a group: the English articles, too, which as the name of a person may be a word of its own.
_GROUP_ARTICLES = _ANY_ARTICLE | {"a", "an"}
# Ordinary words elsewhere (As I Lay Waiting; De La Brume): articles only in their own language.
_ONLY_IN = {"as": "pt", "o": "pt", "de": "nl"}
# Articles, but in these languages a preposition (A Capella Nova, An der Quelle), with which a name begins.
_PREPOSITIONS = {"a": frozenset({"es", "fr", "it"}), "an": frozenset({"de"})}
# Quotes and brackets in a group's name: what they hold counts. Apostrophes and the signs of handles only around a word.
_MARKS = dict.fromkeys(map(ord, '"“”„‟«»‹›「」『』()[]{}（）［］【】〔〕'))
_AROUND = "'`´‘’‚‛@#"

_ALWAYS_COUNTED = frozenset({"st", "saint", "sainte", "abu", "ibn", "ó", "ní", "nic", "mac", "ap"})
_PARTICLES = _ALWAYS_COUNTED | {
    "van", "von", "vom", "zu", "zum", "zur", "der", "den", "dem", "des", "de", "del", "della", "dello", "dei",
    "degli", "di", "da", "do", "dos", "das", "du", "la", "las", "le", "les", "lo", "los", "ter", "ten", "te", "'t",
    "’t", "het", "af", "av",
}  # fmt: skip
_ELIDED_PARTICLE = re.compile(r"(?i)(?:d|l|dell|dall)['’](?=\w)")
# al-Rammani, el-Sayed; before some letters it takes their sound: ar-Rashid, ash-Shams.
_ARABIC_ARTICLE = re.compile(r"(?i)(?:[ae]l|[ae]([b-df-hj-np-tv-z]{1,2})(?=[-‑]\1))[-‑](?=\w)")
_EVERY_PARTICLE = frozenset(_PARTICLES | {"d'", "l'", "dell'", "dall'"})
# Which particles count in the order: all (van Quill under V), those with an article (de La Brume under L), or none.
_COUNTED = (
    dict.fromkeys(("AU", "BE", "CA", "GB", "IE", "IT", "NZ", "SM", "US", "ZA"), _EVERY_PARTICLE)
    | dict.fromkeys(("FR", "MC"), frozenset({"la", "le", "les", "du", "des", "l'"}))
    | dict.fromkeys(("AT", "DE", "LI"), frozenset({"vom", "zum", "zur"}))
)
_LANGUAGES = {
    "AT": "de", "DE": "de", "LI": "de", "FR": "fr", "MC": "fr", "IT": "it", "SM": "it", "NL": "nl", "PT": "pt",
    "BR": "pt", "AR": "es", "CL": "es", "CO": "es", "ES": "es", "MX": "es", "PE": "es", "UY": "es", "IS": "is",
}  # fmt: skip
# English is the language of those, too, whose own we do not offer, so it says nothing about them.
_COUNTRIES = {"de": "DE", "es": "ES", "fr": "FR", "is": "IS", "it": "IT", "nl": "NL", "pt": "PT"}

_PATRONYMIC = re.compile(
    r"(?i)\w+(?:[оеєё]вич|йович|[аеё]віч|ьич|мич|кич|тич|[оеєёїі]вна|[аеё]ўна|[иі]чна)"
    r"|\w+[oe]v(?:ich|ych|itch|itsch)|\w+[oei]vna|\w+inichna|il['’]?yich"
)
_CHILD_OF = frozenset({"оглы", "оглу", "кызы", "улы", "уулу", "ogly", "oglu", "kyzy", "qizi", "uulu"})
_ICELANDIC = re.compile(r"(?i)\w+(?:son|dóttir|dottir)")


def guess_filing(name: str, *, language: str = "", country: str = "", of_group: bool = False) -> str:
    """Guess the filing of a name. `country` (ISO 3166), or else `language` of signing, tells the use of particles.

    A name of which the rules leave nothing is filed as it is. Who signs as a group is filed under the first word.
    """
    if of_group:
        return _first_word(name, {language.partition("-")[0].lower(), _LANGUAGES.get(country.upper(), "")})
    place = country.upper() or _COUNTRIES.get(language.partition("-")[0].lower(), "")
    bare = without_explanation(name)
    words = _words(bare)
    if any(_is_whole(word) for word in words):
        words, whole = _one_writing(words)
        if whole:
            return " ".join(words)
    if len(words) < 2 or all(len(_trim(word)) == 1 for word in words):
        return bare.strip()
    return _of_group(bare, words, place) or _of_person(words, place)


def _first_word(name: str, languages: set[str]) -> str:
    """The first word of a group's name that is no article; without quotes and brackets, but not without what they hold.

    An article of any language counts: bands have names in others than that in which their speaker signs.
    """
    outside = _words(without_asides(name))
    if not outside or any(_is_whole(word) for word in outside):
        return name
    words = [word.translate(_MARKS).strip(_AROUND) for word in _words(name)]
    if len(words) > 1 and _is_article(words[0].casefold(), languages):
        return _trim(words[1])
    return _trim(_ELIDED_ARTICLE.sub("", words[0], count=1).strip(_AROUND))


def _is_article(word: str, languages: set[str]) -> bool:
    """Whether the first word of a group's name is an article, for a speaker of these languages."""
    if word in _ONLY_IN:
        return _ONLY_IN[word] in languages
    return word in _GROUP_ARTICLES and not languages & _PREPOSITIONS.get(word, frozenset())


def _first_word_before(name: str) -> str:
    """The guess for a group of an earlier version, which left out what stands in quotes and brackets."""
    words = _words(without_asides(name))
    if len(words) > 1 and words[0].casefold() in _ANY_ARTICLE:
        return _trim(words[1])
    return _trim(_ELIDED_ARTICLE.sub("", words[0], count=1)) if words else name


def was_guessed(
    filing: str, name: str, *, language: str = "", country: str = "", of_group: bool = False
) -> bool:  # fmt: skip
    """Whether nobody chose the filing of a name: it is empty, or a guess of this or of earlier versions."""
    words = _words(name)
    guess = guess_filing(name, language=language, country=country, of_group=of_group)
    before = _first_word_before(name) if of_group else guess
    return filing in ("", guess, before, name, words[-1] if words else "")


def without_explanation(name: str) -> str:
    """`name` without what explains it: a profession, a place, a second writing; if there is nothing else, as it is."""
    return _EXPLAINED.sub("", without_asides(name)) or name


def without_asides(name: str) -> str:
    """`name` without asides; if there is nothing else, as it is."""
    rest = _ASIDES.sub(" ", name)
    while rest != (inner := _ASIDES.sub(" ", rest)):  # brackets within brackets
        rest = inner
    return " ".join(rest.split()) if _words(rest) else name


def _words(text: str) -> list[str]:
    return [word for word in text.split() if any(c.isalnum() for c in word)]


def _trim(word: str) -> str:
    return word.rstrip(_ENDING).lstrip(_BEGINNING) or word


def _plain(word: str) -> str:
    """A word in small letters without accents and final punctuation, to be looked up."""
    decomposed = unicodedata.normalize("NFD", _trim(word).casefold())
    return "".join(c for c in decomposed if c.isalnum() and not unicodedata.combining(c))


def _is_whole(word: str) -> bool:
    return any(script(c) in WHOLE_NAME_SCRIPTS for c in word)


def _one_writing(words: list[str]) -> tuple[list[str], bool]:
    """Choose from a name in two writings, and whether it is filed as a whole.

    A full name in an alphabet that stands first is the name; one word before Han is a given name.
    """
    others = [word for word in words if not _is_whole(word)]
    if len(others) > 1 and not _is_whole(words[0]):
        return others, False
    return [word for word in words if _is_whole(word)], True


def _of_group(bare: str, words: list[str], place: str) -> str:
    """The first word of a group's name, without the article; empty if the name is none of a group."""
    elided = bool(_ELIDED_ARTICLE.match(words[0]))
    first = words[0].casefold()
    plain = {_plain(_ELIDED_ARTICLE.sub("", word)) for word in words}
    is_group = bool(_JOINED.search(bare) or plain & _GROUP_WORDS)
    articles = (
        _ANY_ARTICLE if plain & _GROUP_WORDS else _ARTICLES["en"] | _ARTICLES.get(_LANGUAGES.get(place, ""), set())
    )
    if first in articles:
        return _trim(words[1])
    if not is_group:
        return ""
    return _trim(words[0][2:] if elided else words[0])


def _of_person(words: list[str], place: str) -> str:
    """The surname, with the particles that count."""
    while len(words) > 1 and _is_after_surname(words[-1], words[:-1]):
        words = words[:-1]
    last = _trim(words[-1])
    if len(words) > 2 and (_plain(last) in _CHILD_OF or (len(words) == 3 and _PATRONYMIC.fullmatch(last))):
        return _trim(words[0])
    if len(words) == 2 and place == "IS" and _ICELANDIC.fullmatch(last):
        return _trim(words[0])
    start = len(words) - 1
    while start and _is_particle(words, start - 1):
        start -= 1
    while start < len(words) - 1 and not _counts(words[start], place):
        start += 1
    return " ".join([*words[start:-1], last]) if start < len(words) - 1 else _without_prefix(last, place)


def _is_after_surname(word: str, before: list[str]) -> bool:
    """Whether the last word of a name is a number, an initial, a suffix or pronouns."""
    trimmed, plain = _trim(word), _plain(word)
    if not any(c.isalpha() for c in word) or _INITIALS.fullmatch(word) or _PRONOUNS.fullmatch(word):
        return True
    if plain in _GENERATIONS:
        return True
    in_capitals = all(other == other.upper() for other in before)
    if _NUMERAL.fullmatch(trimmed):
        return len(before) > 1 or not in_capitals
    degree = plain in _POST_NOMINALS and sum(c.isupper() for c in trimmed) > 1
    return degree and len(before) > 1 and not in_capitals


def _is_particle(words: list[str], at: int) -> bool:
    """Whether a word belongs to those after it. The first word of a name does if it is small, or others follow."""
    word = words[at]
    if word.casefold().rstrip(".") not in _PARTICLES:
        return False
    return at > 0 or word[:1].islower() or (len(words) > 2 and _is_particle(words, 1))


def _counts(particle: str, place: str) -> bool:
    """Whether a particle counts in the order. Where no country tells, a capital does."""
    plain = particle.casefold().rstrip(".").replace("’", "'")
    if plain in _ALWAYS_COUNTED:
        return True
    return plain in _COUNTED.get(place, frozenset()) if place else particle[:1].isupper()


def _without_prefix(word: str, place: str) -> str:
    """A surname without a particle that is written together with it and does not count."""
    word = _ARABIC_ARTICLE.sub("", word, count=1) if _ARABIC_ARTICLE.match(word) else word
    elided = _ELIDED_PARTICLE.match(word)
    if not elided:
        return word
    plain = elided[0].casefold().replace("’", "'")
    counted = _COUNTED.get(place)
    if counted is None:
        return word if word[:1].isupper() else word[elided.end() :]
    return word if plain in counted or (word[:1].isupper() and place not in ("FR", "MC")) else word[elided.end() :]
