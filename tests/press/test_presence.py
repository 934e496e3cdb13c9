"""Is somebody on the list: the name, the same written differently, another name; strangers learn no more than that."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db.models.signals import post_init
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from signatories.editions import csv_file, rows, xlsx_file
from signatories.identity import names
from signatories.identity.spellings import MOST_WHOLE, whole_names
from signatories.models import Signature
from signatories.models.signature import State
from signatories.press import presence
from signatories.screening import limits
from tests.editions.building import sheets
from tests.people import set_to, signed

pytestmark = pytest.mark.django_db
PAGE = "/press/presence/"


def kinds(asked: str) -> list[tuple[str, str]]:
    """The hits of one name: which name, and how it relates."""
    (answer,) = presence.look_up([asked])
    return [(hit.signature.name, hit.likeness.value) for hit in answer.hits]


@pytest.fixture
def people() -> None:
    for n, (name, latin) in enumerate(
        [
            ("Aurelia Vantongeren", ""), ("Björn Ånestad", ""), ("Яна Ђурић", ""), ("星野原花音", "Kanon Hoshinohara"),
            ("Marta Vantongeren", ""), ("Anna Maria Vale", ""), ("Anna Vale", ""), ("Dr. Otto Quill", ""),
            ("Heilwig Abendschön", ""), ("Pat O'Brienne", ""), ("Michal Quarrow", ""), ("Sören Malmö", ""),
            ("Soma Paulo", ""), ("Lone", ""), ("3. Ligatur", ""), ("Lord Fenwick", ""),
        ]
    ):  # fmt: skip
        signed(name=name, name_latin=latin, address=f"p{n}@example.org")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Aurelia Vantongeren", [("Aurelia Vantongeren", "same")]),
        ("  Aurelia   Vantongeren ", [("Aurelia Vantongeren", "same")]),
        (unicodedata.normalize("NFD", "Björn Ånestad"), [("Björn Ånestad", "same")]),
        ("AURELIA VANTONGEREN", [("Aurelia Vantongeren", "otherwise")]),
        ("Bjorn Anestad", [("Björn Ånestad", "otherwise")]),
        ("Otto Quill", [("Dr. Otto Quill", "otherwise")]),
        ("Kanon Hoshinohara", [("星野原花音", "same")]),
        ("星野原花音", [("星野原花音", "same")]),
        ("Яна Ђурић", [("Яна Ђурић", "same")]),
        (names.fold("Яна Ђурић"), [("Яна Ђурић", "otherwise")]),
        ("Aurelia Vаntongeren", [("Aurelia Vantongeren", "another")]),  # Cyrillic а
        ("Anna Vale", [("Anna Vale", "same"), ("Anna Maria Vale", "another")]),
        ("HEILWIG ABENDSCHOEN", [("Heilwig Abendschön", "otherwise")]),
        ("Heilwig Abendschon", [("Heilwig Abendschön", "otherwise")]),
        ("Dr. Heilwig Abendschoen", [("Heilwig Abendschön", "otherwise")]),
        ("Soeren Malmoe", [("Sören Malmö", "otherwise")]),
        ("Bjoern Aanestad", [("Björn Ånestad", "otherwise")]),
        ("Michael Quarrow", [("Michal Quarrow", "another")]),  # there is no marked letter
        ("Abendschön, Heilwig", [("Heilwig Abendschön", "same")]),
        ("ABENDSCHOEN, Heilwig", [("Heilwig Abendschön", "otherwise")]),
        ("ABENDSCHÖN Heilwig", [("Heilwig Abendschön", "otherwise")]),
        ("Abendschön Heilwig", [("Heilwig Abendschön", "another")]),
        ("Soma, Paulo", [("Soma Paulo", "another")]),
        ("星野原, 花音", [("星野原花音", "otherwise")]),
        ("Heilwig\u00a0\u2003Abendschön", [("Heilwig Abendschön", "same")]),
        ("Ｈeilwig Abendscho\u0308n", [("Heilwig Abendschön", "otherwise")]),
        ("ʜᴇɪʟᴡɪɢ Abendschön", [("Heilwig Abendschön", "otherwise")]),
        ("Pat O’Brienne", [("Pat O'Brienne", "otherwise")]),
        ("Obrienne, Pat", [("Pat O'Brienne", "otherwise")]),
        ("Heilwig‑Abendschön", [("Heilwig Abendschön", "otherwise")]),
        ("Heilwig Abendschön, cellist", [("Heilwig Abendschön", "same")]),
        ("Heilwig Abendschön (Berlin)", [("Heilwig Abendschön", "same")]),
        ("Heilwig Abendschön\tcellist\theilwig@example.org", [("Heilwig Abendschön", "same")]),
        ("Heilwig\tAbendschön\tcellist", [("Heilwig Abendschön", "same")]),
        ("Abendschön\tHeilwig", [("Heilwig Abendschön", "same")]),
        ("Abendschön; Heilwig; cellist", [("Heilwig Abendschön", "same")]),
        ("Lone\tsinger", [("Lone", "same")]),
        ("Lone, singer", [("Lone", "same")]),
        ("Lone, Singer", [("Lone", "another")]),  # a family name, too
        ("Lone (Berlin)", [("Lone", "same")]),
        ("3. Ligatur", [("3. Ligatur", "same")]),
        ("12. Ligatur", []),
        ("Lord;Fenwick", [("Lord Fenwick", "same")]),
        ("M\tFenwick\tcellist", [("Lord Fenwick", "another")]),
        ("Lone of Berlin", [("Lone", "another")]),
        ("12\tAnna Maria Vale", [("Anna Maria Vale", "same")]),
        ("1;Anna Maria Vale;singer", [("Anna Maria Vale", "same")]),
        ('"1";"Vale, Anna Maria";"singer"', [("Anna Maria Vale", "same")]),
        ('7,"Vale, Anna Maria",singer', [("Anna Maria Vale", "same")]),
        ("1 Anna Maria Vale", [("Anna Maria Vale", "same")]),
        ("1.Anna Maria Vale", [("Anna Maria Vale", "same")]),
        ("1、星野原花音", [("星野原花音", "same")]),
        ("12 Vale, Anna Maria", [("Anna Maria Vale", "same")]),
        ("50 Lone", [("Lone", "another")]),  # a number may be a part of a name: 50 Cent
        ("Mr\tHeilwig\tAbendschön", [("Heilwig Abendschön", "same")]),
        ("星野原花音、歌手", [("星野原花音", "same")]),
        ("星野原花音\tKanon Hoshinohara\tsinger", [("星野原花音", "same")]),
        ("Яна Ђурић\tYana Djuric\tsinger", [("Яна Ђурић", "same")]),
        ("Heilwig Abendschön, Sängerin", [("Heilwig Abendschön", "another")]),  # it could be a name
        ("Heilwig Abendschön\theilwig@example.org", [("Heilwig Abendschön", "same")]),
        ("Abendschön\theilwig", [("Heilwig Abendschön", "otherwise")]),
        ("Dr. Soma, Paulo", [("Soma Paulo", "another")]),
        ("Dr. ABENDSCHÖN Heilwig", [("Heilwig Abendschön", "otherwise")]),
        ("Anna Vale, Paul", [("Anna Maria Vale", "another"), ("Anna Vale", "another")]),
        ("Anna Vale - Paul", [("Anna Maria Vale", "another"), ("Anna Vale", "another")]),
        ("Anna Maria\tVale", [("Anna Maria Vale", "same")]),
        ("Maria Vale\tAnna", [("Anna Maria Vale", "same")]),
        ("Anna Vale\tMaria", [("Anna Maria Vale", "another"), ("Anna Vale", "another")]),
        ("12. Heilwig Abendschön", [("Heilwig Abendschön", "same")]),
        ("• Abendschoen, Heilwig", [("Heilwig Abendschön", "otherwise")]),
        ("Vantongeren", []),  # a part of a name is no name
        ("Aurelia Quill", []),
        ("% %", []),
        ("_ _", []),
    ],
)
def test_hits_are_told_apart(asked: str, found: list[tuple[str, str]]) -> None:
    assert kinds(asked) == found


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "pasted", ["Heilwig\tABENDSCHOEN\tcellist", "  \tHeilwig  Abendschön\t\t", "Abendschön, Heilwig"]
)
def test_what_is_pasted_from_a_table_is_found(client: Client, pasted: str) -> None:
    page = client.post(PAGE, {"names": pasted}).content.decode()
    number = Signature.objects.get(name="Heilwig Abendschön").number
    assert f'href="/signatories/{number}/"' in page
    assert "another name that is like it" not in page
    assert "No such name is shown." not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("name", "latin", "profession"), [("Anna Vale", "", "singer"), ("Lone", "", "poet"), ("星野原花音", "Kanon Hoshinohara", "actor")]
)  # fmt: skip
def test_a_row_of_our_own_list_is_found(
    client: Client, tmp_path: Path, kind: str, name: str, latin: str, profession: str
) -> None:
    mine = signed(name=name, name_latin=latin, profession=profession)
    listed, file = rows.compared([mine], 1, None), tmp_path / f"list.{kind}"
    if kind == "csv":
        csv_file.write(listed, file, mark="edition 1")
        pasted = file.read_text(encoding="utf-8-sig").splitlines()[1]
    else:
        xlsx_file.write(listed, file, as_of=timezone.now(), mark="edition 1")
        pasted = "\t".join(sheets(file.read_bytes())[0][1])
    page = client.post(PAGE, {"names": pasted}).content.decode()
    assert f'href="/signatories/{mine.number}/"' in page
    assert '<span class="note">this name</span>' in page


@pytest.mark.usefixtures("people")
def test_who_is_not_shown_is_answered_like_who_is_not_there(client: Client) -> None:
    """T3: strangers get the same answer whatever is in the database."""
    for state, named in ((State.HELD, True), (State.REJECTED, True), (State.WITHDRAWN, True), (State.PUBLISHED, False)):
        left = timezone.now() if state == State.WITHDRAWN else None
        Signature.objects.filter(name="Aurelia Vantongeren").update(state=state, named=named, withdrawn_at=left)
        pages = [
            re.sub(
                r"\d+ \w+ \d{4}, |\d{4}-\d\d-\d\dT|\d\d:\d\d:\d\d|Z\"|Aurelia Vantongeren|Nobody Atall",
                "",
                client.post(PAGE, {"names": name}).content.decode(),
            )
            for name in ("Aurelia Vantongeren", "Nobody Atall")
        ]
        assert pages[0] == pages[1]
        assert "No such name is shown." in pages[0]
        assert "does not mean that somebody has not signed" in pages[0]


@pytest.mark.usefixtures("people")
def test_the_answer_has_an_address_to_cite_and_its_moment(client: Client) -> None:
    answer = client.post(PAGE, {"names": "Aurelia Vantongeren\n\nNobody Atall\nAurelia Vantongeren"})
    page = answer.content.decode()
    number = Signature.objects.get(name="Aurelia Vantongeren").number
    assert page.count("<tr>") == 1 + 2
    assert f'href="/signatories/{number}/"' in page
    assert re.search(r"as of \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC", page)
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert "Aurelia Vantongeren\n\nNobody Atall" in page.replace("\r", "")  # what was typed is still there


def test_two_hundred_cost_as_few_questions_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for n in range(3):
        signed(name=f"Person Number{n}", address=f"p{n}@example.org")
    for many in (1, 200):
        with django_assert_num_queries(3 + 4):  # the transaction, and which indexes the planner may use
            presence.look_up([f"Person Number{n}" for n in range(many)])


def test_two_hundred_names_of_twelve_spellings_cost_as_few_questions(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n, way in enumerate(whole_names("Jääaeoe Soerae")):
        many_of(" ".join(way).title(), 4, first=f"p{n}@example.org")
    line = "Jääaeoe Soerae"
    assert len(whole_names(line)) == MOST_WHOLE
    with read_rows() as read, django_assert_num_queries(3 + 4):
        answers = presence.look_up([line] * presence.MOST)
    assert {(len(answer.hits), answer.more) for answer in answers} == {(presence.SHOWN, True)}
    # Each row once, however many lines it answers.
    assert len(read) <= (MOST_WHOLE + 1) * (presence.SHOWN + 1)


def test_many_of_one_name_are_shown_in_part() -> None:
    for n in range(presence.SHOWN + 3):
        signed(name="Anna Vale", address=f"p{n}@example.org")
    (answer,) = presence.look_up(["Anna Vale"])
    assert len(answer.hits) == presence.SHOWN
    assert answer.more


@contextmanager
def read_rows() -> Iterator[list[object]]:
    """The signatures that are read."""
    read: list[object] = []

    def count(**told: object) -> None:
        read.append(told["instance"])

    post_init.connect(count, sender=Signature)
    try:
        yield read
    finally:
        post_init.disconnect(count, sender=Signature)


def many_of(name: str, count: int, *, first: str = "first@example.org") -> None:
    """So many people of one name."""
    one = signed(name=name, address=first)
    rows = list(Signature.objects.filter(pk=one.pk))
    for n in range(1, count):
        (row,) = Signature.objects.filter(pk=one.pk)
        row.pk, row.number = None, 1000 * one.pk + n
        row.address_digest = one.pk.to_bytes(16, "big") + n.to_bytes(16, "big")
        rows.append(row)
    Signature.objects.bulk_create(rows[1:])


def test_of_a_very_common_name_a_few_rows_are_read_and_of_these_what_is_shown(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    many_of("Anna Vale", 300)
    with read_rows() as read, django_assert_num_queries(3 + 4) as asked:  # none later, for a column
        (answer,) = presence.look_up(["Anna Vale"])
        assert [hit.signature.detail for hit in answer.hits]
    assert (len(answer.hits), answer.more) == (presence.SHOWN, True)
    assert presence.SHOWN < len(read) <= 2 * (presence.SHOWN + 1)
    assert "address_sealed" not in " ".join(query["sql"] for query in asked.captured_queries)


def test_the_very_name_comes_before_many_that_look_like_it() -> None:
    many_of("Anna Vаle", 60)  # Cyrillic а
    signed(name="Anna Vale", address="anna@example.org")
    found = kinds("Anna Vale")
    assert found[0] == ("Anna Vale", "same")
    assert found[1:] == [("Anna Vаle", "another")] * (presence.SHOWN - 1)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", "Please type a name."),
        (" \n\t\n", "Please type a name."),
        ("\n".join(f"Person {n}" for n in range(201)), "At most 200 names at once: these are 201."),
        ("x" * 60_001, "This is too long."),
    ],
)
def test_what_cannot_be_asked_is_kept_and_explained(client: Client, typed: str, wrong: str) -> None:
    answer = client.post(PAGE, {"names": typed})
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert typed.strip()[:50] in answer.content.decode()


def test_a_megabyte_is_refused(client: Client) -> None:
    assert client.post(PAGE, {"names": "Anna Vale\n" * 100_000}).status_code == 413


@pytest.mark.usefixtures("people")
def test_a_line_that_is_no_name_says_why_and_the_others_are_answered(client: Client) -> None:
    page = client.post(
        PAGE, {"names": "<script>alert(1)</script>\n😀\nhttps://example.org/x\nAnna Vale"}
    ).content.decode()
    assert "<script>alert" not in page
    assert "Please leave out the signs" in page
    assert "Please leave out the emoji" in page
    assert "Please leave out web addresses." in page
    assert "this name" in page


@pytest.mark.parametrize("pasted", ["{};singer", "12,{},singer", "{}\tBerlin"])
def test_a_column_that_is_too_long_for_a_name_is_not_taken_apart(client: Client, pasted: str) -> None:
    """Brackets within brackets are, one by one: it took minutes."""
    page = client.post(PAGE, {"names": pasted.format("(" * 29_000 + "a" + ")" * 29_000)}).content.decode()
    assert "Please use at most 200 characters." in page


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.one_of(st.sampled_from("\t;,\"'. -()12AaÖ星"), st.characters()), max_size=60), max_size=20))
def test_any_lines_are_answered_in_their_order(lines: list[str]) -> None:
    answers = presence.look_up(lines)
    assert len(answers) == len(lines)
    assert all(answer.hits == [] for answer in answers)


def test_from_another_site_it_is_not_asked() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        PAGE, {"names": "Anna Vale"}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403


def test_somebody_who_asks_without_end_solves_a_puzzle(client: Client) -> None:
    set_to(free_per_network=2)
    limits.forget_rules()
    asked = [client.post(PAGE, {"names": "Anna Vale"}).content.decode() for _ in range(6)]
    assert "puzzle" in asked[-1]
