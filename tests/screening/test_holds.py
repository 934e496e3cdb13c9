"""Names that can be read as a watched one are held, however they are written, and no others."""

import pytest

from signatories.models import WatchedName
from signatories.screening import holds

pytestmark = pytest.mark.django_db

DISGUISES = {
    "Cassius Moonwright": [
        "Cassius Moonwright", "cassius moonwright", "CASSIUS MOONWRIGHT", "Саssius Mооnwright", "Cassius  Moonwright",
        "Cassius\u200bMoonwright", "Ca\u0301ssius Moonwright", "Sir Cassius Moonwright", "Ｃａｓｓｉｕｓ Moonwright",
        "Cassius M00nwright", "Cassius Moonwrigth", "Casius Moonwright", "Moonwright Cassius", "Moonwright, Cassius",
        "Кассиус Моонwright", "C.a.s.s.i.u.s Moonwright", "CassiusMoonwright",
    ],
    "Ann Vale": ["Ann Vaie", "Anne Vale", "An Vale", "Ann Vlae", "Vale Anm", "Ann Va1e", "А\u200dnn Vale", "Ann, Vale!"],
    "Zephyr": ["Zephyr", "Zephir", "Zepyhr", "Zéphyr", "Zephyrr", "ZEPHYR."],
    "Яна Барвинок": ["Яна Барвинок", "Yana Barvinok", "Яна Барвінок", "Барвинок Яна"],
    "星野原花音": ["星野原花音", "星野原 花音"],
}  # fmt: skip
OTHERS = {
    "Cassius Moonwright": ["Cassia Moonrow", "Cassius Moone", "Moonwright", "Cassius", "Marcus Moonwright"],
    "Ann Vale": ["Anna Valera", "Hanna Vale", "Ian Vale", "Ann Dale-Marsh", "Ann", "Vale"],
    "Zephyr": ["Zephyrine", "Zoe Zephyr", "Zefir"],
    "Oda": ["Ida", "Ada", "Odo"],  # too short: one letter makes another name
    "星野原花音": ["星野"],
}


def table(rows: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(watched, name) for watched, found in rows.items() for name in found]


@pytest.mark.parametrize(("watched", "name"), table(DISGUISES))
def test_a_disguise_of_a_watched_name_waits(watched: str, name: str) -> None:
    WatchedName.objects.create(name=watched)
    assert holds.name_reasons({name}) == [f"looks-like:{watched}"]


@pytest.mark.parametrize(("watched", "name"), table(OTHERS))
def test_another_name_does_not(watched: str, name: str) -> None:
    WatchedName.objects.create(name=watched)
    assert holds.name_reasons({name}) == []


def test_every_watched_name_is_given_as_a_reason() -> None:
    for name in ("Ann Vale", "Anne Vale", "Bram Bellweather"):
        WatchedName.objects.create(name=name)
    assert holds.name_reasons({"Ann Vale"}) == ["looks-like:Ann Vale", "looks-like:Anne Vale"]
