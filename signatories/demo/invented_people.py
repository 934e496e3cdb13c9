"""Invented people for the demo, the tests and the benchmarks: many scripts, professions, countries. Nobody is real."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from declaration.models import Text
from signatories.demo.peoples import PEOPLES, SINGULAR, People
from signatories.identity import consent, mailbox
from signatories.identity.filing import guess_filing
from signatories.lifecycle.transitions import next_number
from signatories.models import Channel, Profession, Signature
from signatories.models.signature import State
from signatories.models.signup import new_nonce
from signatories.screening import holds
from signatories.tally import history
from signatories.tally import services as tally

_GROUPS = [
    "The Paper Lanterns", "Ensemble Nordlicht", "Quatuor des Brumes", "Teatro del Álamo", "Hollow Reed Press",
    "Choir of the Ninth Wave", "Lighthouse Radio Players", "Studio Vantablanc", "劇団ほたる", "Оркестр Світанок",
]  # fmt: skip
# In which language people of a country have signed; those of others in English.
_COUNTRIES = {
    "fr": "FR BE", "de": "DE AT CH", "es": "ES MX AR CO", "pt": "PT BR", "pl": "PL", "sv": "SE", "uk": "UA", "ja": "JP",
    "ar": "EG MA LB",
}  # fmt: skip
_LANGUAGE_OF = {country: language for language, countries in _COUNTRIES.items() for country in countries.split()}
_SPAN = timedelta(hours=30)
_TRIES = 20  # to find a name that nobody has
DOMAIN = "invented.example"  # of all their mailboxes


@dataclass(frozen=True)
class Invented:
    """One invented person."""

    name: str
    name_latin: str
    country: str
    profession: str
    affiliation: str
    named: bool


def people(count: int, seed: int = 1) -> Iterator[Invented]:
    """Yield `count` people, the same for the same seed; no name twice until the lists are nearly used up."""
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    weights = [group.weight for group in PEOPLES]
    professions = [code for code in Profession.values if code != Profession.OTHER]
    singular = rng.sample(SINGULAR, len(SINGULAR))
    taken: set[str] = set()
    for _ in range(count):
        group = rng.choices(PEOPLES, weights)[0]
        name, latin = (singular.pop(), "") if singular and rng.random() < 0.02 else _new_name(rng, group, taken)
        taken.add(name)
        yield Invented(
            name=name,
            name_latin=latin if rng.random() < 0.6 else "",
            country=rng.choice(group.countries) if rng.random() < 0.9 else "",
            profession=rng.choice(professions),
            affiliation=rng.choice(_GROUPS) if rng.random() < 0.35 else "",
            named=rng.random() > 0.12,
        )


def _new_name(rng: random.Random, group: People, taken: Set[str]) -> tuple[str, str]:
    """Combine a name that nobody has, and its Latin form; with a second given name if free ones are hard to find."""
    for tries in range(_TRIES):
        given = rng.sample(list(group.given), 2 if tries >= _TRIES // 2 and not group.family_first else 1)
        family = rng.choice(list(group.family))
        name = f"{family}{given[0]}" if group.family_first else " ".join([*given, *_initial(rng, given[0]), family])
        if name not in taken:
            break
    latin = [*(group.given[each] for each in given), group.family[family]]
    return name, " ".join(latin[::-1] if group.latin_family_first else latin).strip()


def _initial(rng: random.Random, given: str) -> list[str]:
    return [f"{rng.choice('ABCDEFGHJKLMNPRSTVW')}."] if given.isascii() and rng.random() < 0.3 else []


def signatures(count: int, *, until: datetime, seed: int = 1, channels: Sequence[Channel] = ()) -> None:
    """Store `count` published signatures of invented people, with a launch-day curve that ends at `until`.

    If there are `channels` of partners, every third has come by one of them.
    """
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    texts = {text.language: text for text in Text.objects.filter(published_at__isnull=False)}
    # Most sign in the first hours after the release.
    moments = sorted(until - _SPAN + _SPAN * min(rng.expovariate(5), 1) for _ in range(count))
    rows = []
    for n, (person, moment) in enumerate(zip(people(count, seed), moments, strict=True)):
        text = texts.get(_LANGUAGE_OF.get(person.country, ""), texts["en"])
        row = _row(person, text, moment, f"person{seed}-{n}@{DOMAIN}")
        if channels and n % 3 == 0:
            row.channel = channels[n // 3 % len(channels)]
        rows.append(row)
    with transaction.atomic():
        Signature.objects.bulk_create(rows, batch_size=1000)
        tally.add(Counter(facet for row in rows for facet in tally.facets(row)))
    tally.fold()
    history.count_back()


def waiting(names_like: Iterable[str], *, until: datetime) -> None:
    """Store confirmed signatures that wait for a person, one for each name, one hour apart."""
    text = Text.objects.filter(published_at__isnull=False).earliest("pk")
    for hours, (name, person) in enumerate(zip(names_like, people(99, seed=2), strict=False)):
        invented = Invented(**vars(person) | {"name": name, "name_latin": "", "named": True})
        row = _row(invented, text, until - timedelta(hours=hours), f"waiting{hours}@{DOMAIN}")
        row.state, row.number, row.published_at = State.HELD, None, None
        row.held_for = holds.name_reasons(holds.candidate(row))
        row.save()


def _row(person: Invented, text: Text, moment: datetime, address: str) -> Signature:
    return published(text, moment, address, **vars(person), filed_under=guess_filing(person.name))


def published(text: Text, moment: datetime, address: str, **said: Any) -> Signature:
    """Return a published signature of somebody invented, who `said` these columns; it is not stored yet."""
    signature = Signature(
        **said, language=text.language, text=text, consent=consent.VERSION, shown_elsewhere=True, source="demo",
        state=State.PUBLISHED, address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
        domain=mailbox.domain_of(address), nonce=new_nonce(), signed_at=moment, confirmed_at=moment, changed_at=moment,
    )  # fmt: skip
    signature.first_published(number=next_number(), now=moment)
    signature.set_keys()
    return signature
