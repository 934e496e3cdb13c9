"""Up to a million invented signatures within minutes: keys by the product's own rules, rows by one statement.

Names, professions, countries and letters are distributed as on a real list: a few very common, many rare ones.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

from django.db import connection

from declaration.models import Text
from signatories.demo.peoples import PEOPLES
from signatories.identity import consent, names
from signatories.identity.filing import guess_filing
from signatories.models import Profession

DISTINCT = 150_000  # names whose keys are computed; each is drawn several times on a list of a million
FROM_SCRATCH = 200_000  # from this number of new rows on, indexes are built afterwards
OTHERS = 0.18  # unnamed, held, rejected or withdrawn signatures for each public name
# Countries with only a handful of signatures.
RARE_COUNTRIES = ("MT", "LU", "VA", "TV")
_STARTS = [
    "Al", "Bar", "Cor", "Dan", "El", "Fen", "Gar", "Hol", "Ing", "Jor", "Kel", "Lor", "Mar", "Nor", "Or", "Pel", "Quin",
    "Ros", "Sel", "Tor", "Ul", "Ver", "Wil", "Yar", "Zan",
]  # fmt: skip
_MIDDLES = ["a", "be", "ci", "do", "en", "fa", "gri", "ho", "in", "ka", "lo", "mi", "ne", "or", "pu", "ra", "se", "tu"]
_ENDS = ["berg", "by", "court", "dale", "ez", "ford", "gaard", "hart", "ini", "kova", "ley", "man", "nen", "ski", "ton"]

_COPY = "COPY crowd (name, filed_under, country, sort_key, letter, search_key, skeleton) FROM STDIN (FORMAT BINARY)"
_TYPES = ["text", "text", "text", "bytea", "text", "text", "text"]
_MAKE = """
CREATE UNLOGGED TABLE crowd (n serial PRIMARY KEY, name text, filed_under text, country text, sort_key bytea,
                         letter text, search_key text, skeleton text)
"""
# A few professions are common; one person in 100,000 lives in a rare country. Moments increase with the number.
_GATHER = """
INSERT INTO signatories_signature (
    name, name_latin, profession, profession_other, affiliation, country, named, news, language, text_id, consent,
    source, address_sealed, address_digest, domain, nonce, number, state, held_for, filed_under, mailbox_place,
    sort_key, letter, search_key, skeleton, icu_version, signed_at, confirmed_at, published_at, changed_at,
    withdrawn_at, withdrawn_from)
SELECT crowd.name, '', (%(professions)s::text[])[1 + floor(%(kinds)s * drawn.p ^ 4)::int], '',
       CASE WHEN drawn.a < 0.35 THEN 'The Paper Lanterns' ELSE '' END,
       CASE WHEN drawn.c < 0.00003 THEN (%(rare)s::text[])[1 + who.i %% cardinality(%(rare)s::text[])]
            ELSE crowd.country END,
       drawn.what <> 'unnamed', false, 'en', %(text)s, %(consent)s, 'demo',
       decode(repeat(md5(who.i::text), 8), 'hex'), sha256(('crowd' || who.i)::bytea), 'invented.example',
       decode(md5('nonce' || who.i), 'hex'),
       CASE WHEN drawn.what <> 'held' THEN who.i END,
       CASE WHEN drawn.what IN ('named', 'unnamed') THEN 'published' ELSE drawn.what END,
       CASE WHEN drawn.what = 'held' THEN ARRAY['volume'] ELSE ARRAY[]::text[] END,
       crowd.filed_under, 1, crowd.sort_key, crowd.letter, crowd.search_key, crowd.skeleton, %(icu)s,
       at, at, CASE WHEN drawn.what <> 'held' THEN at END, at,
       CASE WHEN drawn.what = 'withdrawn' THEN at END, ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS who(i)
CROSS JOIN LATERAL (
    SELECT 1 + floor(random() * %(distinct)s + 0 * who.i)::int AS n, random() + 0 * who.i AS p,
           random() + 0 * who.i AS a, random() + 0 * who.i AS c,
           CASE WHEN random() < %(named)s THEN 'named'
                ELSE (ARRAY['unnamed', 'unnamed', 'unnamed', 'unnamed', 'unnamed', 'rejected', 'withdrawn', 'held']
                     )[1 + who.i %% 8] END AS what) AS drawn
CROSS JOIN LATERAL (SELECT now() - interval '40 days' + who.i * interval '2 seconds' AS at) AS moment
JOIN crowd ON crowd.n = drawn.n
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'signatories_signature'
    AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = 'signatories_signature'::regclass)
    AND indexdef NOT LIKE 'CREATE UNIQUE%'
"""


def people(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield `count` names with countries: of every script, the first of each list far more often than the last."""
    rng = random.Random(seed)
    of_group = list(accumulate(group.weight for group in PEOPLES))
    made = [f"{start}{middle}{end}" for start in _STARTS for middle in _MIDDLES for end in _ENDS]
    rng.shuffle(made)

    def skewed(choices: list[str]) -> str:
        return choices[int(len(choices) * rng.random() ** 3)]

    for _ in range(count):
        group = rng.choices(PEOPLES, cum_weights=of_group)[0]
        countries, given = group.countries, list(group.given)
        first, last = skewed(given), skewed(list(group.family))
        if group.family_first:
            yield last + first + skewed(given)[: rng.randrange(3)], skewed(countries)
        elif given[0].isascii() and rng.random() < 0.1:
            yield f"{rng.choice(['Bo', 'Li', 'E', 'Al'])} {skewed(made)}", skewed(countries)
        elif names.scripts(first) == {"Latn"} and rng.random() < 0.85:
            yield f"{first} {chr(65 + rng.randrange(26))}. {skewed(made)}", skewed(countries)
        else:
            yield f"{first} {skewed(given)} {last}", skewed(countries)


def fill(size: int, distinct: int = DISTINCT) -> None:
    """Add signatures until about `size` are public, and some that are not. Does not VACUUM or fold.

    `distinct` is the number of names to draw from, the same at each call.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('crowd')")
        if cursor.fetchone()[0] is None:
            _store_names(distinct)
        cursor.execute("SELECT count(*) FROM signatories_signature WHERE state = 'published' AND named")
        public = size - cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(id), 0) + 1, coalesce(max(number), 0) + 1 FROM signatories_signature")
        first = max(cursor.fetchone())
        # Building indexes afterwards is several times as fast.
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall() if public >= FROM_SCRATCH else []
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        professions = [code for code in Profession.values if code != Profession.OTHER]
        cursor.execute(
            _GATHER,
            {
                "professions": professions, "kinds": len(professions), "rare": list(RARE_COUNTRIES),
                "text": Text.objects.earliest("pk").pk, "consent": consent.VERSION, "icu": names.ICU_VERSION,
                "first": first, "last": first + round(public * (1 + OTHERS)) - 1, "named": 1 / (1 + OTHERS),
                "distinct": distinct,
            },
        )  # fmt: skip
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SELECT setval('signatories_number', max(number)) FROM signatories_signature")


def _store_names(distinct: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        with cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for name, country in people(distinct):
                filing = guess_filing(name)
                copy.write_row((name, filing, country, *names.keys(name=name, filed_under=filing)))
