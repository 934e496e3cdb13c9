"""The people of a launch day, all invented: genuine signers, machines, pretended stars, their true near-namesakes.

`prepare` is run inside the product, before the day begins.
"""

import random
import unicodedata
from dataclasses import dataclass

from signatories.demo import invented_people
from signatories.identity import names
from signatories.models import Listed, WatchedName
from signatories.models.limits import ListKind
from signatories.models.organizer import Role
from signatories.screening import watch_list

_FIRST = ["Aurelia", "Cassius", "Isolde", "Leander", "Ottilie", "Peregrin", "Rosamund", "Theodor", "Valeska", "Wilma"]
_LAST = ["Vantongeren", "Moonwright", "Kettlewick", "Fernhollow"]
# Other people of the same last names: none of them may wait.
_OTHER_FIRST = ["Bruno", "Dagmar", "Esther", "Fabian", "Gudrun", "Hector", "Jolanda", "Knut", "Magnus", "Nadja"]
STARS = [f"{first} {last}" for last in _LAST for first in _FIRST]
NAMESAKES = [f"{first} {last}" for last in _LAST for first in _OTHER_FIRST]
MACHINES = ("alpha-bots.example", "beta-bots.example", "gamma-bots.example")
REAL = "gmail.com"


def spelt(star: str, n: int) -> str:
    """The name of a star as a pretender writes it: twelve spellings, of which five have more words around."""
    first, last = star.split()
    ways = [
        star, star.upper(), f"{first}  {last}", unicodedata.normalize("NFD", star.replace("e", "é", 1)),
        star.replace("a", "а", 1), f"{first}\u200b {last}", f"{last}, {first}",
        f"The real {star}", f"{star} official", f"{star} (singer)", f"{star} & friends", f"Dr. {star}",
    ]  # fmt: skip
    return ways[n % len(ways)]


@dataclass(frozen=True)
class Guest:
    """Somebody who will sign: of which kind, under which name, with which mailbox."""

    kind: str
    name: str
    email: str
    profession: str = "singer"


@dataclass(frozen=True)
class Day:
    """How many come."""

    genuine: int
    machines: int
    stars: int
    namesakes: int
    doubles: int


SHORT, LONG = Day(60, 72, 12, 6, 4), Day(3_000, 800, 40, 40, 30)


def guests(day: Day, seed: int) -> list[Guest]:
    """Everybody, in a random order; of a machine those who were quicker come among the others."""
    rng = random.Random(seed)
    real = [
        Guest("genuine", each.name, f"g{n}@{REAL}", each.profession)
        for n, each in enumerate(_harmless(day.genuine, seed))
    ]
    found = list(real)
    found += [
        Guest("machine", f"Person{n} Fairweather{n % 7}", f"m{n}@{MACHINES[n % len(MACHINES)]}")
        for n in range(day.machines)
    ]
    found += [Guest("star", spelt(star, n), f"s{n}@{REAL}") for n, star in enumerate(STARS[: day.stars])]
    found += [Guest("namesake", name, f"n{n}@{REAL}") for n, name in enumerate(NAMESAKES[: day.namesakes])]
    found += [Guest("double", one.name, f"d{n}@{REAL}", one.profession) for n, one in enumerate(real[: day.doubles])]
    rng.shuffle(found)
    return found


def _harmless(count: int, seed: int) -> list[invented_people.Invented]:
    """Invented people of whom nobody reads like a star."""
    lasts = {last.casefold() for last in _LAST}
    some = invented_people.people(count + 50, seed=seed)
    return [each for each in some if not any(last in each.name.casefold() for last in lasts)][:count]


def stars_in(page: str) -> list[str]:
    """The stars whose names stand on a page, however they are written; page and names are compared folded."""
    folded = f" {names.fold(page)} "
    return [
        star for star in STARS for first, last in [names.fold(star).split()]
        if f" {first} {last} " in folded or f" {last} {first} " in folded
    ]  # fmt: skip


def prepare() -> None:
    """Watch the stars, know the provider, and let two organizers in."""
    from signatories.accounts import second_factor
    from tests.people import SECRET, organizer

    for star in STARS:
        WatchedName.objects.create(name=star)
    Listed.objects.get_or_create(kind=ListKind.PROVIDER, value=REAL)
    for name, role in (("olga", Role.ADMINISTRATOR), ("mona", Role.MODERATOR)):
        second_factor.add_app(organizer(name, role=role), SECRET)
    assert len(watch_list.current().names) == len(STARS)
