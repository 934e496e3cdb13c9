"""How an edition is set: whole lines as measured, headings clear of the names, balanced columns, a colophon."""

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from declaration import fonts, shaping
from signatories.editions import document, layout
from signatories.editions.document import Cover, build_pdf
from signatories.editions.layout import Heading, ListEntry, Placed, Ruler
from tests.editions import covers
from tests.editions.building import text_of

COVER = replace(covers.COVER, text_html="<p>A song is made by people.</p>", named=60, unnamed=2)
NAMES = """
Bjørkheïd Quillström|Đặng Tháp Sơm|Ιάσων Θυμαράκης|Δάφνη Ξυλούρη|Яна Дикобарвина|Ґалаґан Липовий|Ծիածան Լուսաբացյան
ვაშლოვანი ზღაპრიძე|דקל בן־לוטם|דָּגָן שִׂמְלוֹנִי|1 שלום 2|محمد عبد السنديان|مُرَجَّى قَمَرِيّ|نازنین می‌خواهم|جمانة خلود
ܣܘܪܝܝܐ ܒܪܕܝܢ|މާލެ ފިނިފެން|ߒߞߏ|ߒߞߏ ߛߋߙߌ|लता मंजरीकर|रवि चंदनकर|অনিন্দিতা শঙ্খপুষ্প|ਗੁਲਾਬ ਚੰਦਨਵਾਲਾ|ચંપા ગુલમોર|ଚମ୍ପା ଫୁଲ
மகிழை மணிமலர்|செந்தாமரை|శ్రీనివాస చందన|ಶ್ರೀಗಂಧ ಚಂದ್ರ|ചന്ദ്ര പൂമരം|ශ්‍රීමාලි චන්දන|ธาราไชย เมฆอินทร์|ດອກຈໍາປາ ສີທອງ|ស្រីពេជ្រ ចន្ទ
စန္ဒကူး ပန်း|བོད་ལྗོངས|ᠮᠣᠩᠭᠣᠯ ᠰᠠᠷᠠ|ጸደይ አበባየሁ|ᏣᎳᎩ ᎤᏬᏚ|ᐃᓄᒃᑎᑐᑦ ᓯᓚ|ⵜⵉⴼⵉⵏⴰⵖ ⴰⵎⵔ|ꓡꓲ-ꓢꓴ|𝒜𝓃𝓃𝒶 𝔔𝔲𝔦𝔩𝔩|星野原|云上月|日本太郎
さくらのもり|ミドリカワ|김다솜별|은하수누리|ꆈꌠꉙ|ꦗꦮ ꦱꦫ|ᬩᬮᬶ ᬲᬭ|ᮞᮥᮔ᮪ᮓ|ᱥᱟᱱᱛᱟᱲ|ꯃꯩꯇꯩ|𞤀𞤣𞤤𞤢𞤥|𑄌𑄋𑄴𑄟𑄳𑄦|ꕙꔤ|ᜊᜌ
""".replace("\n", "|").strip("|").split("|")  # fmt: skip
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")


def an_entry(number: int, name: str, letter: str = "A", *, latin: str = "", lang: str = "en") -> ListEntry:
    return ListEntry(number, name, latin, "", letter, lang)


def ruler() -> Ruler:
    return Ruler(shaping.widths(), shaping.widths(italic=True))


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("scripts") / "edition.pdf"
    entries = [an_entry(n, name, name[0], latin="Ana Quill" * (n % 3 == 0)) for n, name in enumerate(NAMES)]
    build_pdf(COVER, entries, target, processes=0)
    return target


@pytest.mark.parametrize(
    ("name", "direction"),
    [("1 שלום 2", "rtl"), ("Dan שלום", "ltr"), ("ߒߞߏ", "rtl"), ("3 محمد", "rtl"), ("日本", "ltr")],
)
def test_the_first_letter_of_a_name_tells_its_direction(name: str, direction: str) -> None:
    """WeasyPrint does not find it out itself: it put both figures of the first name at its left."""
    [part] = layout.segments(layout.pack([an_entry(1, name)], ruler()))

    assert re.search(rf'<bdi dir="{direction}"[^>]*>{name}</bdi>', document.segment_sheet(COVER, part).html)


@needs_poppler
@pytest.mark.parametrize("words", [1, 2, 3, 4, 5])
def test_a_name_takes_the_lines_it_is_given_and_its_number_is_beside_it(words: int, tmp_path: Path) -> None:
    """A number at the end of a name tells on which line it was set: no blank lines, and none too few."""
    names = [" ".join([*NAMES[n:], *NAMES][:words]) for n in range(len(NAMES))]
    entries = [an_entry(900_000 + n, name) for n, name in enumerate(names) if name[0] < "\u0e00" or name[0] > "\u0eff"]
    [*parts] = layout.segments(layout.pack(entries, ruler()))
    fonts.use()
    for part in parts:
        (tmp_path / "part.pdf").write_bytes(document.render_segment(COVER, part))
        boxes = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / "part.pdf", "-"], capture_output=True, check=True
        ).stdout.decode()
        bottoms = {int(number): float(y) for y, number in re.findall(r'yMax="([\d.]+)">(9\d{5})<', boxes)}
        set_, given = [], []
        for column in (column for sheet in part.pages for column in sheet.columns):
            line = 0
            for item in column:
                line += item.lines
                if isinstance(item, Placed):
                    given.append(line)
                    set_.append(round((bottoms[item.entry.number] - 73.81) / layout.LINE))
        wrong = sum(abs(one - other) > 0 for one, other in zip(given, set_, strict=True))
        assert wrong <= len(given) // 20


@pytest.mark.parametrize("letter", ["ج", "ح", "خ", "ع", "غ", "م", "ي", "Q", "Д", "ஜ", "ည", "བ", "中", "김", "ק", "ꦗ"])
def test_a_heading_is_clear_of_the_name_below(letter: str) -> None:
    """Its ink, moved up as the page says, ends above the tallest letters of the next line."""
    [part] = layout.segments(layout.pack([an_entry(1, f"{letter}a", letter)], ruler()))
    html = document.segment_sheet(COVER, part).html
    [style] = re.findall(r"<h2([^>]*)>", html)
    up = float((re.findall(r"top:-([\d.]+)pt", style) or ["0"])[0])
    size = float((re.findall(r"font-size:([\d.]+)pt", style) or ["19"])[0])

    assert shaping.extents(letter)[1] * size - up <= document.HEADING_DESCENT + 0.1


def test_the_columns_of_the_last_page_are_as_long_as_each_other() -> None:
    entries = [an_entry(n, f"Person {n}", letter) for n, letter in enumerate("A" * 300 + "B" * 50 + "C" * 3)]
    *_full, last = layout.pack(entries, ruler())
    lengths = [sum(item.lines for item in column) for column in last.columns]

    assert len(lengths) == layout.COLUMNS
    assert max(lengths) - min(lengths) <= 5


@pytest.mark.parametrize("sizes", [(59, 9, 40), (58, 3, 1, 30), (57, 2, 2, 2, 90), (60, 4, 200, 1)])
def test_no_entry_of_a_letter_stands_alone(sizes: tuple[int, ...]) -> None:
    letters = "".join(chr(65 + place) * size for place, size in enumerate(sizes))
    pages = layout.pack([an_entry(n, f"Person {n}", letter) for n, letter in enumerate(letters)], ruler())
    columns = [column for sheet in pages for column in sheet.columns]
    for column in columns:
        for item, following in pairwise(column):
            if isinstance(item, Heading) and following is column[-1]:
                assert letters.count(item.letter) == 1
        first = column[0]
        if isinstance(first, Placed) and (len(column) == 1 or isinstance(column[1], Heading)):
            pytest.fail(f"{first.entry.name} is alone at the top of a column")


@needs_poppler
def test_the_edition_ends_with_a_colophon(edition: Path) -> None:
    with pikepdf.open(edition) as pdf:
        last = str(len(pdf.pages))
    read = subprocess.run(["pdftotext", "-f", last, edition, "-"], capture_output=True, check=True).stdout.decode()

    assert "Edition 7 · 23 November 2026, 22:24 UTC" in read
    assert "Published by The Declaration Office" in read
    assert "EB Garamond" in read
    said = " ".join(read.split())
    assert "the newest one is at https://declaration.example/press/." in said
    assert "chooseitathttps://declaration.example/press/verify/" in said.replace(" ", "")  # a line may end in it
    assert "run sha256sum on it" in said
    assert f"page {last} of {last}" in read


@needs_poppler
def test_the_lines_of_the_title_are_balanced(tmp_path: Path) -> None:
    title = "Music is made by people and is heard by all the others"
    build_pdf(
        Cover(**{**{f: getattr(COVER, f) for f in COVER.__slots__}, "title": title}),
        [],
        tmp_path / "it.pdf",
        processes=0,
    )
    read = subprocess.run(
        ["pdftotext", "-layout", "-l", "1", tmp_path / "it.pdf", "-"], capture_output=True, check=True
    )
    lines = [line.strip() for line in read.stdout.decode().splitlines() if line.strip() and line.strip() in title]

    assert " ".join(lines) == title
    assert min(map(len, lines)) >= 0.7 * max(map(len, lines))


def test_figures_of_digests_are_lining_and_of_one_width() -> None:
    """In print and on the web; they are also the only thing that is laid out by figures below each other."""
    root = Path(__file__).parents[2]
    for style in ("templates/pdf/edition.css", "static/style.css"):
        [rule] = re.findall(r"\.digest \{[^}]*\}", (root / style).read_text())
        assert "font-variant-numeric: lining-nums tabular-nums" in rule
    for template in (root / "templates").rglob("*.html"):
        for line in template.read_text().splitlines():
            if re.search(r"\{\{[^}]*sha256", line) and 'type="hidden"' not in line:
                assert 'class="digest"' in line


@needs_poppler
def test_late_scripts_are_read_in_order_among_hebrew_names(tmp_path: Path) -> None:
    """Poppler reads a page by the direction of most of its letters, and takes these scripts for neither."""
    names = ["ߡߊ߬ߘߎ߬ ߞߋ߬ߕߊ", "𞤑𞤵𞤥𞤦𞤢 𞤔𞤢𞤤𞤮", "ࡌࡀࡍࡃࡀ ࡆࡉࡅࡀ", *(f"דקל {letter * 3}" for letter in "אבגדהוזחטיכלמנ")]
    [part] = layout.segments(layout.pack([an_entry(n, name) for n, name in enumerate(names)], ruler()))
    (tmp_path / "part.pdf").write_bytes(document.render_segment(COVER, part))

    read = text_of(tmp_path / "part.pdf")
    assert [name for name in names if name not in read] == []
