"""T41: a watched name inside more text is held in every field that is shown; near-namesakes are not. All are invented."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from signatories.identity import names
from signatories.models import Signature, WatchedName
from signatories.models.signature import State
from signatories.screening import holds
from tests.people import sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db

HELD = {
    "Aurelia Vantongeren": [
        # more words around it
        "Aurelia Vantongeren official", "The real Aurelia Vantongeren", "Aurelia Vantongeren (singer)",
        "Aurelia Vantongeren, singer", "Aurelia Vantongeren & friends", "Aurelia Vantongeren and Friends",
        "OFFICIAL Aurelia Vantongeren", "It's me, Aurelia Vantongeren", "I am Aurelia Vantongeren", "Aurelia Vantongeren 2",
        "Aurelia Vantongeren – official account", "Team Aurelia Vantongeren", "the one and only Aurelia Vantongeren",
        "Aurelia Vantongeren | Singer", "Singer Aurelia Vantongeren", "Aurelia Vantongeren, queen of the north",
        "Aurelia Vantongeren with Nils Quill", "Nils Quill & Aurelia Vantongeren", "Nils Quill (Aurelia Vantongeren)",
        "Nils Quill aka Aurelia Vantongeren", "Estate of Aurelia Vantongeren", "Aurelia Vantongeren Jr.",
        "Dr. Aurelia Vantongeren PhD", "Quartet Aurelia Vantongeren Hamburg", "“Aurelia Vantongeren”",
        "Aurelia Vantongeren-Quill", "Maria Aurelia Vantongeren", "Aurelia Vantongeren officielle",
        # middle names
        "Aurelia Maria Vantongeren", "Aurelia M. Vantongeren", "Aurelia Maria Luisa Vantongeren",
        "Aurelia “Lia” Vantongeren", "Aurelia (Lia) Vantongeren", "Aurelia-Maria Vantongeren", "Aurelia de Vantongeren",
        # initials
        "A. Vantongeren", "A Vantongeren", "A. M. Vantongeren", "A.M. Vantongeren", "The real A. Vantongeren",
        "Vantongeren, A.", "Vantongeren A", "A. Vantongeren, singer", "A. Vantongeren official", "Mme A. Vantongeren",
        "A. van Tongeren", "Nils Quill & A. Vantongeren", "a.vantongeren",
        # last name first
        "Vantongeren Aurelia official", "Vantongeren, Aurelia (singer)", "Vantongeren, Aurelia Maria",
        "The Vantongeren Aurelia",
        # written together, taken apart, in another script, with a wrong letter
        "AureliaVantongeren official", "aureliavantongerenofficial", "Aurelia van Tongeren official",
        "A.u.r.e.l.i.a Vantongeren official", "Aurelia_Vantongeren_official", "#AureliaVantongeren2026",
        "Aurеliа Vаntongeren official", "Aure1ia Vant0ngeren official", "Аурелиа Вантонгерен official",
        "Aurelia Vantongern official", "Aurelai Vantongeren (singer)", "Aurelia Vantongerem Quartet",
        "Ａｕｒｅｌｉａ Vantongeren official", "Aurélia Vantongeren, chanteuse", "Vantongern Aurelia official", "Aurellia Vantongeren",
        "Aurelie Vantongeren", "Aurrelia Vantongerren", "Vantongerem Aurelia",
    ],
    "Paul Quillfeatherstone": ["Pual Quillfeatherstone", "Paul Quilfeatherstone", "Pauls Quillfeatherstone"],
    "Ann Vale": ["Ann Vale official", "Anne Vale official", "Ann Maria Vale", "A. Vale", "Ann Vale-Marsh", "Vale, Ann (poet)"],
    "Zephyr": [
        "Zephyr official", "The real Zephyr", "Zephyr (singer)", "Zephyr, singer", "Zephyr & friends", "DJ Zephyr",
        "Zoe Quill (Zephyr)", "Zephyrr official", "Ζephyr official",
    ],
    "星野原花音": ["星野原花音 official", "星野原花音（歌手）", "星野原花音公式", "元星野原花音"],
    "Яна Барвинок": ["Яна Барвинок (певица)", "Я. Барвинок", "Yana Barvinok official", "Яна Мария Барвинок"],
    "نورس الرمّاني": ["نورس الرمّاني، شاعر", "نورس الرمّاني official"],
    "Maria Elena Quillfeather": ["Maria Quillfeather", "M. E. Quillfeather", "Maria E. Quillfeather official"],
    "Quillfeather, Maria": ["M. Quillfeather", "Maria Quillfeather official"],
    "Dr. Tobias Ostgaard Jr.": ["T. Ostgaard", "Tobias Ostgaard, composer"],
    "Martje van der Fallow": ["M. van der Fallow", "Martje Fallow", "Martje v. d. Fallow official"],
}  # fmt: skip
NOT_HELD = {
    "Aurelia Vantongeren": [
        "Marta Vantongeren", "Nils Vantongeren", "Vantongeren", "The Vantongerens", "Vantongeren Quartet", "Aurelia",
        "Aurelia Quill", "Aurelia Vance", "Aurelia Ensemble", "Aurelia Vandermeer", "Anton Vantongeren", "A. Vandermeer",
        "A. V.", "Aurelia V.", "Nils A. Vantongeren", "Vantongeren, Marta", "M. Vantongeren", "Vantongeren M.",
        "Aurelia Quill & Marta Vantongeren", "Marta Vantongeren, Aurelia Quill", "Aurelia and the Vantongeren Choir",
        "Friends of Marta Vantongeren", "Anton Aurel Vantongeren", "Aurelio Tongeren", "Vera Aurelia Tongeren",
        "Aurelia sang once beside Marta Vantongeren", "Choir of Aurelia, Nils, Vantongeren Hall", "Agnes M. Vantongeren",
        "Amelia Vantongeren", "Vantongeren Amelia", "Aurelio Vantongeren", "Vantongeren, Aurelio", "Emilia Vantongeren",
        "Aurelio Vantongeren (singer)", "Aureli Vantongeren", "Cornelia Vantongeren", "Aurora Vantongeren",
    ],
    "Paul Quillfeatherstone": ["Paula Quillfeatherstone", "Saul Marie Quillfeatherstone", "Pia Quillfeatherstone"],
    "Martina Quillfeather": ["Martin Quillfeather", "Martino Quillfeather official", "Marta Quillfeather"],
    "Ann Vale": ["Joann Vale", "Hanna Vale", "Ann Dale-Marsh", "Anna Maria Vale", "Joann Valera", "Ann Valera", "Nils Vale"],
    "Zephyr": ["Zoe Zephyr", "Zephyrine", "Zephyr Quill", "Zephyr Marsh Ensemble", "Z. Quill"],
    "星野原花音": ["星野", "花音", "星野花", "星音"],
    "Li Bo": ["Li Xiaoming Bo", "Libor Fen", "Bo Lindgren"],
    "Maria Elena Quillfeather": ["Maria Josefa Quillfeather", "Elena Quillfeather", "M. Quill"],
    "Tobias Ostgaard Jr.": ["Tobias Fen Jr.", "T. Fen Jr."],
    "Martje van der Fallow": ["Anna van der Fallow", "Martje van der Quill", "Martje Anna Fallow"],
}  # fmt: skip


def table(rows: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(watched, name) for watched, found in rows.items() for name in found]


def test_the_table_is_long_enough() -> None:
    assert len(table(HELD)) + len(table(NOT_HELD)) >= 150


@pytest.mark.parametrize(("watched", "text"), table(HELD))
def test_a_watched_name_inside_more_text_waits(watched: str, text: str) -> None:
    WatchedName.objects.create(name=watched)
    assert holds.name_reasons({text}) == [f"looks-like:{watched}"]


@pytest.mark.parametrize(("watched", "text"), table(NOT_HELD))
def test_a_near_namesake_does_not_wait(watched: str, text: str) -> None:
    WatchedName.objects.create(name=watched)
    assert holds.name_reasons({text}) == []


@pytest.mark.parametrize("text", ["Aurelia Vantongeren", "The real Aurelia Vantongeren", "A. Vantongeren"])
@pytest.mark.parametrize(
    "field", ["name", "name_latin", "filed_under", "affiliation", "profession_other"],
)  # fmt: skip
def test_every_field_that_is_shown_is_compared(client: Client, mailbox: Catcher, field: str, text: str) -> None:
    WatchedName.objects.create(name="Aurelia Vantongeren")
    path = sign_up(client, mailbox, name="Zed Quillon").path("confirm")
    typed = {"name": "Zed Quillon", "profession": "other", "profession_other": "puppeteer", "appearance": "named"}
    client.post(path, typed | {field: text})
    signature = Signature.objects.get()
    assert (signature.state, signature.held_for) == (State.HELD, ["looks-like:Aurelia Vantongeren"])


@pytest.mark.parametrize("field", ["affiliation", "profession_other", "name_latin"])
@pytest.mark.parametrize(
    ("name", "beside"), [("Aurelia", "Vantongeren"), ("Vantongeren", "Aurelia"), ("A.", "Vantongeren")]
)
def test_a_name_of_one_word_is_read_with_what_is_shown_beside_it(name: str, beside: str, field: str) -> None:
    WatchedName.objects.create(name="Aurelia Vantongeren")
    said: dict[str, Any] = {"profession": "other", "profession_other": "poet"}
    assert signed(name=name, **said | {field: beside}).state == State.HELD


@pytest.mark.parametrize("name", ["Marta Vantongeren", "Aurelia Quill", "Nils A. Vantongeren"])
def test_a_near_namesake_is_published(name: str) -> None:
    WatchedName.objects.create(name="Aurelia Vantongeren")
    assert signed(name=name, affiliation="Vantongeren Quartet").state == State.PUBLISHED


@pytest.mark.parametrize("watched", ["...", "", "-", "—", "007", "ʼ"])
def test_a_strange_watched_name_holds_nobody_else(watched: str) -> None:
    WatchedName.objects.create(name=watched)
    assert holds.name_reasons({"Aurelia Vantongeren", "Zed (2007), singer", "A. Quill"}) == []


_WORDS = st.sampled_from(["Aurelia", "Vantongeren", "Ann", "Vale", "A.", "official", "&", "(", "singer)", "van", "Tongeren",
                          "Vаle", "Zephyr", "Zephir", "Moonwrigth", "Maria", "，", "The", "Vantongern", "Annvale", "星野原花音"])  # fmt: skip
_LETTERS = st.text(alphabet="Anelv Vat()&.,1аl星野", max_size=40)
_TEXTS = st.one_of(st.lists(_WORDS, max_size=6).map(" ".join), _LETTERS)


@given(watched=st.sets(_TEXTS, max_size=12), texts=st.sets(_TEXTS, max_size=3))
def test_the_index_finds_what_a_comparison_with_each_name_finds(watched: set[str], texts: set[str]) -> None:
    rows = [WatchedName(name=name) for name in sorted(watched)]
    WatchedName.objects.all().delete()
    for row in rows:
        row.save()
    expected = {f"looks-like:{row.name}" for row in rows if holds.looks_like(texts, row)}
    assert set(holds.name_reasons(texts)) == expected


def nearly(name: str, watched: str) -> bool:
    near = fuzz.ratio(name, watched) >= 90 or (len(watched) >= 5 and OSA.distance(name, watched) <= 1)
    words, others = name.split(), watched.split()
    return near and (
        len(words) != len(others)
        or all(
            one == other or (OSA.distance(one, other) <= 1 and one.rstrip("ao") != other.rstrip("ao"))
            for one, other in zip(words, others, strict=True)
        )
    )


def by_the_whole(text: str, watched: WatchedName) -> bool:
    """The rules of the first releases, which compared whole texts; and no word has more than one wrong letter."""
    one, two = names.fold_untitled(text), watched.search_key
    if names.skeleton(text) == watched.skeleton or nearly(one, two):
        return True
    return nearly(" ".join(sorted(one.split())), " ".join(sorted(two.split())))


_LONG = st.text(alphabet="abcd ", min_size=1, max_size=34)


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A name and what a few wrong letters make of it."""
    name = draw(_LONG)
    letters = list(name)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(letters)))
        letters[at : at + draw(st.integers(0, 1))] = draw(st.sampled_from(["", "x", "a", " "]))
    return name, "".join(letters)


@given(pairs=st.lists(misspelt(), min_size=1, max_size=4))
def test_whatever_was_held_as_a_whole_is_held(pairs: list[tuple[str, str]]) -> None:
    WatchedName.objects.all().delete()
    rows = [WatchedName(name=name) for name in sorted({name for name, _ in pairs})]
    for row in rows:
        row.save()
    for _, text in pairs:
        found = holds.name_reasons({text})
        for row in rows:
            if by_the_whole(text, row):
                assert f"looks-like:{row.name}" in found
