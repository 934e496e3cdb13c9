"""`manage.py seed`: what a demo begins with is calm, however many have signed."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from signatories.demo import invented_people
from signatories.demo.peoples import PEOPLES
from signatories.identity import names
from signatories.models import Partner, Signature
from signatories.models.signature import State
from signatories.screening import alerts
from tests.gathering import gathering
from tests.people import enter, set_to


@pytest.mark.django_db
def test_invented_signatories_set_off_no_alarm() -> None:
    set_to(alarm_per_domain=1)
    call_command("seed", signatures=200)
    assert Signature.objects.people().filter(state=State.PUBLISHED).count() == 200

    assert alerts.raise_alarms(timezone.now()) == []

    assert Signature.objects.people().filter(state=State.PUBLISHED).count() == 200


@pytest.mark.django_db(transaction=True)
def test_there_are_partners_and_bands_and_a_file_to_hand_over() -> None:
    """As the handbook says: the union's account hands docs/gathered-names/members.csv over."""
    call_command("seed", signatures=30)
    assert set(Partner.objects.values_list("slug", flat=True)) == {"stage-hands", "paper-lantern", "open-letters"}
    assert Signature.objects.public().exclude(pk__in=Signature.objects.people()).count() == 2
    (account,) = get_user_model().objects.filter(partner_account__partner__slug="stage-hands")
    file = Path(__file__).parents[2] / "docs/gathered-names/members.csv"
    batch = gathering.checked(enter(Client(), account), file.read_bytes())
    assert batch.partner.slug == "stage-hands"
    assert gathering.people(batch)[2].name == "Wilma Fernhill"
    assert {row.verdict for row in gathering.people(batch).values()} == {"taken", "look", "twice", "refused"}


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
