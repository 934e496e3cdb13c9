"""The edition as a PDF: the declaration as a cover, then the complete list of names, tagged and dated.

The entry point is `build_pdf`. Input is plain data; names are untrusted and are escaped; nothing is fetched.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate, batched, chain, islice
from pathlib import Path
from typing import NamedTuple

from django.template.defaultfilters import capfirst
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from declaration import fonts, shaping
from declaration.ops.storage import write_durably
from signatories.editions import child_process, layout, merge
from signatories.editions.layout import Heading, ListEntry, Page, Placed, Segment
from signatories.editions.render import Kept, PangoMissing, Renderers, RenderFailed, Sheet, render

__all__ = ["Cover", "PangoMissing", "RenderFailed", "build_pdf", "render_segment"]

PAGE_WIDTH, PAGE_HEIGHT, TOP, BOTTOM = 595.28, 841.89, 74.0, 60.0
SIDE = math.floor((PAGE_WIDTH - layout.COLUMNS * layout.COLUMN_WIDTH - (layout.COLUMNS - 1) * layout.COLUMN_GAP) / 2)
FRAMES_A_SHEET = 100
HEADING_SIZE = 19.0
# How far the ink of a heading may reach above and below its baseline, points: then it is clear of rule and names.
HEADING_ASCENT, HEADING_DESCENT = 20.0, 4.5
TITLE_SIZE, TITLE_WIDTH = 40.0, 395.0
LONG_WORD = 12  # Latin letters that fit on a line, however wide
PROCESSES = child_process.most_at_once()
NAMES_A_PROCESS = 500  # fewer are set before another process has started

type Progress = Callable[[int, int], None]


class GroupsChanged(NamedTuple):
    """How many bands and organisations were added, taken off and corrected since the edition before."""

    added: int
    taken_off: int
    corrected: int


@dataclass(frozen=True, slots=True)
class FigurePage:
    """The page of figures behind the cover: plots as SVG, and what happened since the edition before, if any.

    `added`, `left` and `corrected` count people; `groups` is None where there are none.
    """

    fields: SafeString | None
    curve: SafeString | None
    added: int | None = None
    left: int = 0
    corrected: int = 0
    groups: GroupsChanged | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Data of the cover and the metadata. `text_html` is the declaration as safe HTML; `language` BCP 47;
    `named` and `unnamed` count the signatures at `as_of` (aware, UTC); `version` is that of the text."""

    title: str
    text_html: str
    language: str
    edition: int
    named: int
    unnamed: int
    as_of: datetime
    site_url: str
    operator_name: str
    text_sha256: str
    version: int
    groups: int = 0
    trail_head: str = ""  # the newest seal of the record of decisions
    # Of a list with some of the names: what it is called, and how many entries, of people and groups, it holds; of
    # changes, since which edition.
    part: str = ""
    names: int = 0
    since: int = 0
    left: int = 0
    mark: str = ""  # that of the list, which is not printed
    figures: FigurePage | None = None


def build_pdf(
    cover: Cover,
    entries: Sequence[ListEntry],
    target: Path,
    *,
    progress: Progress | None = None,
    processes: int | None = None,
    kept: Kept | None = None,
) -> None:
    """Write the edition with all `entries`, in their order, to `target`: whole or not at all.

    `progress(done, all)` counts pages; it is called after every sheet. With 0 `processes` this one renders; unless
    given they are PROCESSES. Segments that are `kept` are not rendered again. Raises PangoMissing, RenderFailed,
    MergeFailed.
    """
    processes = PROCESSES if processes is None else processes
    processes = min(processes, 1 + len(entries) // NAMES_A_PROCESS)
    fonts.use()
    with translation.override(cover.language), Renderers(processes, kept) as renderers:
        cover_pdf = renderers.submit(cover_sheet(cover))  # while we measure the names
        pages = layout.pack(entries, layout.Ruler(shaping.widths(), shaping.widths(italic=True)))
        parts, colophon = layout.segments(pages), colophon_sheets(cover, pages)
        cover_pages = merge.page_count(cover_pdf.result())
        frames = list(frame_sheets(cover, cover_pages, pages))
        sheets = chain((segment_sheet(cover, part) for part in parts), colophon, frames)
        # A page counts when its names are set; headers and footers are drawn over pages that are there.
        new_pages = [cover_pages, *(len(part.pages) for part in parts), *(1 for _ in colophon), *(0 for _ in frames)]
        pdfs = _told(chain([cover_pdf.result()], renderers.map(sheets)), progress, new_pages)
        body = _checked(islice(pdfs, len([*parts, *colophon]) + 1), parts)
        bookmarks = [(cover.title, 0), *((letter, cover_pages + index) for letter, index in _first_pages(pages))]
        facts = merge.Facts(cover.title, cover.language, cover.operator_name, cover.as_of.astimezone(UTC), cover.mark)
        merged = merge.merge_in_child_process if processes else merge.merge
        write_durably(target, merged(body, pdfs, bookmarks, facts))


def _told(pdfs: Iterable[bytes], progress: Progress | None, new_pages: Sequence[int]) -> Iterator[bytes]:
    """Yield the PDFs, and tell after each how many pages are done. `new_pages`: how many each PDF adds."""
    for pdf, done in zip(pdfs, accumulate(new_pages), strict=True):
        if progress:
            progress(done, sum(new_pages))
        yield pdf


def _checked(pdfs: Iterable[bytes], parts: Sequence[Segment]) -> Iterator[bytes]:
    """Yield the PDFs of cover, segments and colophon if the segments have their pages: headers and bookmarks rely on
    it. Raises RenderFailed."""
    for place, pdf in enumerate(pdfs):
        if 0 < place <= len(parts) and (pages := merge.page_count(pdf)) != len(parts[place - 1].pages):
            raise RenderFailed(f"A segment of {len(parts[place - 1].pages)} pages came out as {pages}.")
        yield pdf


def render_segment(cover: Cover, segment: Segment) -> bytes:
    """Render the pages of `segment`, tagged, without headers and footers. Raises PangoMissing."""
    fonts.use()
    with translation.override(cover.language):
        return render(segment_sheet(cover, segment))


def cover_sheet(cover: Cover) -> Sheet:
    """Build the cover, in the active language."""
    total = cover.named + cover.unnamed
    signed = ngettext("%(count)s person has signed", "%(count)s people have signed", total)
    context = {
        "cover": cover,
        "direction": _direction(),
        "edition": cover.edition,
        "named": _number(cover.named),
        "unnamed": _number(cover.unnamed),
        "groups": groups_words(cover.groups),
        "as_of": _moment(cover.as_of),
        "title_width": f"{_balanced(cover.title):.0f}",
        "part_line": _part_line(cover) if cover.part else "",
        "total_line": signed % {"count": _number(total)},
        "figures": cover.figures,
    }
    return Sheet(render_to_string("pdf/cover.html", context), _style(cover))


def groups_words(groups: int) -> str:
    """Return "and 214 bands and organisations" in the active language; nothing where there are none."""
    words = ngettext("and %(count)s band or organisation", "and %(count)s bands and organisations", groups)
    return words % {"count": _number(groups)} if groups else ""


def _part_line(cover: Cover) -> str:
    entries = ngettext("%(part)s: %(count)s entry", "%(part)s: %(count)s entries", cover.names)
    return entries % {"part": capfirst(cover.part), "count": _number(cover.names)}


def segment_sheet(cover: Cover, segment: Segment) -> Sheet:
    """Build some pages of the list; they depend only on the rows and the document's language."""
    pages = mark_safe("".join(_page(page) for page in segment.pages))  # noqa: S308 - escaped row by row below
    context = {"language": cover.language, "direction": _direction(), "title": "–", "pages": pages}
    return Sheet(render_to_string("pdf/segment.html", context), _style(cover), lasting=True)


def colophon_sheets(cover: Cover, pages: Sequence[Page]) -> list[Sheet]:
    """Build the last page, in the active language: how the list was set, and where the newest edition is. None without
    a list."""
    context = {
        "cover": cover,
        "direction": _direction(),
        "edition": cover.edition,
        "named": _number(cover.named),
        "as_of": _moment(cover.as_of),
    }
    return [Sheet(render_to_string("pdf/colophon.html", context), _style(cover))] if pages else []


def frame_sheets(cover: Cover, cover_pages: int, pages: Sequence[Page]) -> Iterator[Sheet]:
    """Build headers and footers for every page, in the active language; `cover_pages` pages precede the list,
    and the colophon follows it."""
    total = cover_pages + len(pages) + (1 if pages else 0)
    signed = cover.named + cover.unnamed
    foot = ngettext(
        "Edition %(edition)s · %(count)s signature · as of %(as_of)s",
        "Edition %(edition)s · %(count)s signatures · as of %(as_of)s",
        signed,
    ) % {
        "edition": cover.edition,
        "count": _number(signed),
        "as_of": _moment(cover.as_of),
    }
    if cover.part:
        foot = f"{_part_line(cover)} · {foot}"
    folios: Iterable[Page | None] = [*[None] * cover_pages, *pages, *[None] * (total - cover_pages - len(pages))]
    for batch in batched(enumerate(folios, 1), FRAMES_A_SHEET):
        frames = [_frame(number, total, page) for number, page in batch]
        context = {"language": cover.language, "direction": _direction(), "title": "–", "frames": frames, "foot": foot}
        yield Sheet(render_to_string("pdf/frame.html", context), _style(cover), tagged=False)


def _frame(number: int, total: int, page: Page | None) -> dict[str, object]:
    folio = gettext("page %(page)s of %(pages)s") % {"page": _number(number), "pages": _number(total)}
    if page is None:
        return {"folio": folio}
    first, last = page.entries[0], page.entries[-1]
    return {"folio": folio, "first": _named(first), "last": _named(last)}


def _named(entry: ListEntry) -> dict[str, str]:
    name = layout.printable(entry.name)
    return {"name": name, "lang": entry.lang, "dir": _first_direction(name)}


def _page(page: Page) -> str:
    columns = (f'<div class="column">{"".join(_column(column))}</div>' for column in page.columns)
    return f'<div class="page">{"".join(columns)}</div>\n'


def _column(items: Iterable[Heading | Placed]) -> Iterator[str]:
    within_list = False
    for item in items:
        if isinstance(item, Heading):
            yield ("</dl>" if within_list else "") + f"<h2{_placed(item.letter)}>{_isolated(item.letter)}</h2>"
            within_list = False
        else:
            yield ("" if within_list else "<dl>") + _row(item)
            within_list = True
    yield "</dl>" if within_list else ""


@cache
def _placed(letter: str) -> str:
    """Return the style of a heading whose ink reaches low or high: it is moved up, and set smaller if need be.

    Arabic, Indic and other letters go deeper below the baseline than Latin ones, down to the first name.
    """
    top, bottom = shaping.extents(letter)
    size = min(HEADING_SIZE, (HEADING_ASCENT + HEADING_DESCENT) / max(top + bottom, 0.1))
    up = max(0.0, bottom * size - HEADING_DESCENT)
    style = f"position:relative;top:-{up:.1f}pt" * (up > 0) + f";font-size:{size:.1f}pt" * (size < HEADING_SIZE)
    return f' style="{style}"' if style else ""


def _balanced(title: str) -> float:
    """Return the width in points at which the lines of the cover's title are about equally long, and as few."""
    width = shaping.widths()
    words = [width(word) * TITLE_SIZE for word in title.split()]
    space = width(" ") * TITLE_SIZE
    narrow, wide = max(words, default=0.0), TITLE_WIDTH
    if narrow >= wide:
        return TITLE_WIDTH
    least = _lines(words, space, wide)
    while wide - narrow > 1:
        middle = (narrow + wide) / 2
        narrow, wide = (narrow, middle) if _lines(words, space, middle) <= least else (middle, wide)
    return min(TITLE_WIDTH, wide + 2)


def _lines(words: Sequence[float], space: float, room: float) -> int:
    lines, used = 1, 0.0
    for word in words:
        if used and used + space + word > room:
            lines, used = lines + 1, word
        else:
            used += word + (space if used else 0.0)
    return lines


def _row(placed: Placed) -> str:
    entry = placed.entry
    name, latin, detail = map(layout.printable, (entry.name, entry.name_latin, entry.detail))
    named = _isolated(name, entry.lang, broken=placed.broken and not latin)
    if latin:
        named += f" <i>{_isolated(latin, broken=placed.broken)}</i>"
    if placed.clipped:
        return f'<dt class="clipped long l{placed.lines}">{named}</dt>'
    term = _class(placed.lines - placed.above - placed.below, f"{name} {latin}", " risen" * bool(placed.above))
    details = f"<div{_class(placed.below, detail)}>{_isolated(detail)}</div>" if detail else ""
    return f"<dt{term}>{named} {entry.number}</dt>{details}"


def _class(lines: int, text: str, kind: str = "") -> str:
    """Return the attribute of an element that is `lines` high; the usual one needs none."""
    if lines > 1:
        kind += f" l{lines}" + " long" * _has_long_word(text)
    return f' class="{kind.strip()}"' if kind else ""


def _has_long_word(text: str) -> bool:
    """Whether a word of `text` could be wider than a column; only then are words broken, which is slow."""
    return not _is_latin(text) or any(len(word) > LONG_WORD for word in text.split(" "))


def _is_latin(text: str) -> bool:
    return all(character < "\u0250" for character in text)


def _isolated(text: str, lang: str = "", *, broken: bool = False) -> str:
    """Escape `text`, and isolate its direction unless that of the page does as well. `broken`: its last word begins
    a line.

    A page from left to right sets Latin letters without it, which is faster. On one from right to left the number
    behind them would stand at another side than that of other names.
    """
    escaped = str(escape(text))
    if broken:
        before, space, last = escaped.rpartition(" ")
        escaped = f"{before}{space}<br>{last}"
    plain = not translation.get_language_bidi() and _is_latin(text)
    if plain and not any(map(str.isdigit, text)):  # figures of its own are set as in other text
        return escaped
    language = f' lang="{escape(lang)}"' if lang else ""
    return f'<bdi dir="{_first_direction(text)}"{language}>{escaped}</bdi>'


def _first_direction(text: str) -> str:
    """Return the direction of the first letter: WeasyPrint does not, and misplaces figures."""
    strong = (unicodedata.bidirectional(character) for character in text)
    return "rtl" if next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _first_pages(pages: Sequence[Page]) -> Iterator[tuple[str, int]]:
    """Yield each letter with the index of its first page."""
    for index, page in enumerate(pages):
        for letter in page.letters:
            yield letter, index


def _style(cover: Cover) -> str:
    """Return the style sheet with the measures of the list."""
    langs = ("ja", "ko", "zh", "zh-Hant", "zh-TW", "zh-HK")
    measures = {
        "line": layout.LINE,
        "side": SIDE,
        "top": TOP,
        "frame_height": PAGE_HEIGHT - TOP - BOTTOM - 1,
        "column_width": layout.COLUMN_WIDTH,
        "column_gap": layout.COLUMN_GAP,
        "column_height": layout.COLUMN_LINES * layout.LINE,
        "hang": layout.HANG,
        "heading_box": layout.HEADING_LINES_ON_TOP * layout.LINE,
        "heading_above": (layout.HEADING_LINES - layout.HEADING_LINES_ON_TOP) * layout.LINE,
        "name_size": layout.NAME_SIZE,
        "detail_size": layout.DETAIL_SIZE,
        "heading_size": HEADING_SIZE,
        "title_size": TITLE_SIZE,
    }
    context: dict[str, object] = {name: f"{value:g}" for name, value in measures.items()}
    context["heights"] = [(f"l{lines}", f"{lines * layout.LINE:g}") for lines in range(1, layout.COLUMN_LINES)]
    context["families"] = SafeString(fonts.families(cover.language))
    context["numbered"] = SafeString(f'"{fonts.NUMBERED_FACE}"')
    context["han"] = [(lang, SafeString(fonts.families(lang))) for lang in langs]
    return render_to_string("pdf/edition.css", context)


def _direction() -> str:
    return "rtl" if translation.get_language_bidi() else "ltr"


def _number(number: int) -> str:
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def _moment(moment: datetime) -> str:
    """Format a moment in the active language, in UTC, as on the press page."""
    return f"{formats.date_format(moment.astimezone(UTC), 'DATETIME_FORMAT')} UTC"
