"""A file may begin with a title: the line that names the columns is found, shown, and can be another one."""

import pytest
import xlsxwriter
from django.test import Client

from signatories.gathering import preparing
from signatories.models import GatheredBatch
from tests.gathering.bad_files import workbook
from tests.gathering.gathering import HEAD, checked, erased, gathering_partner, members, people, table, upload
from tests.partners.partners import officer
from tests.people import text

pytestmark = pytest.mark.django_db(transaction=True)
TITLES = ("Members of the Union", "Members of the Union, 2026", "\n\nMembers of the Union\nas of 1 November\n")
ROWS = [list(row) for row in members(4)]


@pytest.fixture
def browser() -> Client:
    text()
    return officer(gathering_partner())


def merged() -> bytes:
    """A workbook with a title over merged cells."""

    def draw(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.merge_range("A1:D1", "Members of the Union, 2026")

    return workbook([], list(HEAD), *ROWS, draw=draw)


def shown(browser: Client, batch: GatheredBatch) -> str:
    return browser.get(f"/partner/names/{batch.pk}/").content.decode()


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_title_above_the_head_is_no_head(browser: Client, title: str, delimiter: str) -> None:
    content = f"{title}\n".encode() + table(ROWS).replace(b",", delimiter.encode())
    batch = checked(browser, content)
    assert [row.name for row in people(batch).values()] == [row[0] for row in ROWS]
    assert batch.rows == 4


@pytest.mark.parametrize(
    "content",
    [
        '"Mitglieder 2026"\n"Name";"E-Mail"\n"A B";"a@b.de"\n',
        'Titel\nName;E-Mail\nA B;"a@b.de"\n',
        "Kontakt: office@union.example\nName,E-Mail\nA B,a@b.de\n",
        "Kontakt: office@union.example\nName;E-Mail\nA B;a@b.de\n",
        '"Kontakt: office@union.example, Berlin"\n"Name";"E-Mail";"Land"\n"A B";"a@b.de";"DE"\n',
        "Kontakt: office@union.example, Berlin\nName,E-Mail,Land\nA B,a@b.de,DE\n",
        "Mitglieder\noffice@union.example\nName\tE-Mail\nA B\ta@b.de\n",
    ],
)
def test_titles_with_quotes_and_addresses(browser: Client, content: str) -> None:
    batch = checked(browser, content.encode())
    assert [row.name for row in people(batch).values()] == ["A B"]
    assert batch.rows == 1


def test_below_a_title_with_an_address_an_unknown_head_is_found(browser: Client) -> None:
    batch = upload(browser, b"office@union.example\n" + table(ROWS, ("Nimi", "Posti", "Ammatti", "Kieli")))
    assert batch.head == 1
    assert '<th scope="row" dir="auto">Posti</th><td dir="auto">m0@union.example</td>' in shown(browser, batch)


@pytest.mark.parametrize("content", [b"Members\nName,E-mail\n", b"Members\n2026\n\nName;E-mail\n", b"Name,E-mail\n"])
def test_a_file_with_nobody_below_its_head_is_refused(browser: Client, content: bytes) -> None:
    batch = upload(browser, content)
    assert batch.state == "failed" and "put the people below it" in shown(browser, batch)


def test_a_title_over_merged_cells_is_no_head(browser: Client) -> None:
    batch = checked(browser, merged())
    assert {line: row.name for line, row in people(batch).items()} == {n + 3: row[0] for n, row in enumerate(ROWS)}


def test_a_head_in_a_language_that_we_do_not_know_is_found_above_the_first_address(browser: Client) -> None:
    batch = upload(browser, b"Nimet\n" + table(ROWS, ("Nimi", "Posti", "Ammatti", "Kieli")))
    page = shown(browser, batch)
    assert '<th scope="row" dir="auto">Posti</th><td dir="auto">m0@union.example</td>' in page
    plain = upload(browser, table([("Ann", "", "", ""), *ROWS], ("Nimi", "Posti", "Ammatti", "Kieli")))
    assert '<th scope="row" dir="auto">Posti</th><td dir="auto"></td>' in shown(browser, plain)


def test_another_line_can_be_the_head(browser: Client) -> None:
    batch = upload(browser, table([("Full name", "Courriel", "", ""), *ROWS], ("Name", "E-mail", "", "")))
    path = f"/partner/names/{batch.pk}/"
    assert batch.head == 0 and "Another line names the columns" in shown(browser, batch)
    for wrong in ("7", "x", ""):
        assert browser.post(f"{path}head/", {"head": wrong}).status_code == 422
    browser.post(f"{path}head/", {"head": "1"})
    assert '<th scope="row" dir="auto">Courriel</th><td dir="auto">m0@union.example</td>' in shown(browser, batch)
    batch.refresh_from_db()
    assert (batch.columns, batch.rows) == ({"name": 0, "address": 1}, 4)
    browser.post(f"{path}columns/", batch.columns)
    preparing.work()
    assert len(people(batch)) == 4
    browser.post(f"{path}head/", {"head": "0"})  # also once the rows were checked: they are checked anew
    browser.post(f"{path}columns/", batch.columns)
    preparing.work()
    assert len(people(batch)) == 5


def test_whoever_is_erased_leaves_title_and_head_in_their_places(browser: Client) -> None:
    batch = upload(browser, merged())
    erased("m1@union.example")
    assert "Number0001" not in shown(browser, batch)
    browser.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    preparing.work()
    left = [row.name for row in people(batch).values() if row.name]
    assert left == [ROWS[n][0] for n in (0, 2, 3)]


def test_every_column_of_a_wide_file_stands_on_the_page_below_the_others(browser: Client) -> None:
    wide = [(*row, *(f"more {n}" for n in range(30))) for row in ROWS]
    page = shown(browser, upload(browser, table(wide, (*HEAD, *(f"column {n}" for n in range(30))))))
    turned = page.partition('<table class="words turned">')[2].partition("</table>")[0]
    assert turned.count("<tr>") == 34 and "more 29" in turned and 'class="scroll"' not in page
