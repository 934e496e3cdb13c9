"""`manage.py seed`: what a demo begins with is calm, however many have signed."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from signatories.demo import invented_people
from signatories.demo.peoples import PEOPLES
from signatories.identity import names
from signatories.models import Signature
from signatories.models.signature import State
from signatories.screening import alerts
from tests.people import set_to


@pytest.mark.django_db
def test_invented_signatories_set_off_no_alarm() -> None:
    set_to(alarm_per_domain=1)
    call_command("seed", signatures=200)
    assert Signature.objects.people().filter(state=State.PUBLISHED).count() == 200

    assert alerts.raise_alarms(timezone.now()) == []

    assert Signature.objects.people().filter(state=State.PUBLISHED).count() == 200


def test_names_do_not_repeat() -> None:
    """Neither beside each other nor in the list, where equal names would stand together."""
    made = [person.name for person in invented_people.people(2000)]
    assert all(len(set(made[at : at + 100])) == 100 for at in range(len(made) - 99))
    assert len(made) - len(set(made)) <= 2
    assert [names.tidy_name(name, names.LONGEST_NAME) for name in made] == made


def test_a_romanisation_is_that_of_its_language() -> None:
    """Every name in other letters has one, written by hand: Japanese is not read as Chinese, and Hebrew has vowels."""
    latin = {person.name: person.name_latin for person in invented_people.people(8000) if person.name_latin}
    for people in PEOPLES:
        for name, romanised in (people.given | people.family).items():
            assert bool(romanised) == bool(names.scripts(name) - {"Latn"}), name
            assert not romanised or names.scripts(romanised) == {"Latn"}
            assert romanised != names.fold(name).title() or not names.scripts(name) & {"Hani", "Hebr", "Arab"}
    for name, start, end in (
        ("しずく", "Shizuku ", ""),
        ("星野原", "", " Hoshinohara"),
        ("הרדופית", "", " Hardufit"),
        ("남궁", "Namgung ", ""),
    ):
        found = [words for each, words in latin.items() if name in each]
        assert found
        assert all(words.startswith(start) and words.endswith(end) for words in found)
