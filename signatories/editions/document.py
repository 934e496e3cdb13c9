"""The edition as a PDF: the declaration as a cover, then the complete list of names, tagged and dated.

The entry point is `build_pdf`. Input is plain data; names are untrusted and are escaped; nothing is fetched.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from declaration import fonts
from declaration.ops.storage import write_durably
from signatories.editions import layout, merge
from signatories.editions.layout import Heading, ListEntry, Page, Placed, Segment
from signatories.editions.render import PangoMissing, RenderFailed, Sheet, render, render_all

__all__ = ["Cover", "PangoMissing", "RenderFailed", "assemble", "build_pdf", "render_cover", "render_segment"]

PAGE_WIDTH, PAGE_HEIGHT, TOP, BOTTOM = 595.28, 841.89, 74.0, 60.0
SIDE = math.floor((PAGE_WIDTH - layout.COLUMNS * layout.COLUMN_WIDTH - (layout.COLUMNS - 1) * layout.COLUMN_GAP) / 2)
FRAMES_A_SHEET = 100
LONG_WORD = 12  # Latin letters that fit on a line, however wide
PROCESSES = min(2, os.cpu_count() or 1)

type Progress = Callable[[int, int], None]


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


def build_pdf(
    cover: Cover,
    entries: Sequence[ListEntry],
    target: Path,
    *,
    progress: Progress | None = None,
    processes: int | None = None,
) -> None:
    """Write the edition with all `entries`, in their order, to `target`: whole or not at all.

    `progress(done, all)` is called after every sheet of pages. With 0 `processes` this one renders; unless given they
    are PROCESSES. Raises PangoMissing, RenderFailed, MergeFailed.
    """
    processes = PROCESSES if processes is None else processes
    fonts.use()
    ruler = layout.Ruler(fonts.advances(), fonts.advances(italic=True))
    pages = layout.pack(entries, ruler)
    parts = layout.segments(pages)
    with translation.override(cover.language):
        sheets = [cover_sheet(cover), *(segment_sheet(cover, part) for part in parts)]
        steps = len(sheets) + 1 + len(pages) // FRAMES_A_SHEET
        rendered: list[bytes] = []
        for pdf in render_all(sheets, processes):
            rendered.append(_checked(pdf, parts[len(rendered) - 1]) if rendered else pdf)
            if progress:
                progress(len(rendered), steps)
        cover_pages = merge.page_count(rendered[0])
        frames = list(render_all(list(frame_sheets(cover, cover_pages, pages)), processes))
        write_durably(target, [assemble(cover, rendered, frames, pages, in_child_processes=processes > 0)])
    if progress:
        progress(steps, steps)


def render_cover(cover: Cover) -> bytes:
    """Render the cover, tagged, without its footer. Raises PangoMissing."""
    fonts.use()
    with translation.override(cover.language):
        return render(cover_sheet(cover))


def render_segment(cover: Cover, segment: Segment) -> bytes:
    """Render the pages of `segment`, tagged, without headers and footers. Raises PangoMissing."""
    fonts.use()
    with translation.override(cover.language):
        return render(segment_sheet(cover, segment))


def assemble(
    cover: Cover,
    rendered: Sequence[bytes],
    frames: Sequence[bytes],
    pages: Sequence[Page],
    *,
    in_child_processes: bool = False,
) -> bytes:
    """Merge the rendered cover and segments into one PDF, with headers, footers and a bookmark for every letter.

    With `in_child_processes` a child process does it. Raises MergeFailed.
    """
    cover_pages = merge.page_count(rendered[0])
    facts = merge.Facts(
        title=cover.title,
        language=cover.language,
        author=cover.operator_name,
        created=cover.as_of.astimezone(UTC),
    )
    bookmarks = [(cover.title, 0), *((letter, cover_pages + index) for letter, index in _first_pages(pages))]
    merged = merge.merge_in_child_process if in_child_processes else merge.merge
    return merged(rendered, frames, bookmarks, facts)


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
        "as_of": _moment(cover.as_of),
        "total_line": signed % {"count": _number(total)},
    }
    return Sheet(render_to_string("pdf/cover.html", context), _style(cover))


def segment_sheet(cover: Cover, segment: Segment) -> Sheet:
    """Build some pages of the list; they depend only on the rows and the document's language."""
    pages = mark_safe("".join(_page(page) for page in segment.pages))  # noqa: S308 - escaped row by row below
    context = {"language": cover.language, "direction": _direction(), "title": "–", "pages": pages}
    return Sheet(render_to_string("pdf/segment.html", context), _style(cover))


def frame_sheets(cover: Cover, cover_pages: int, pages: Sequence[Page]) -> Iterator[Sheet]:
    """Build headers and footers for every page, in the active language; `cover_pages` pages precede the list."""
    total = cover_pages + len(pages)
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
    folios: Iterable[Page | None] = [*[None] * cover_pages, *pages]
    for batch in batched(enumerate(folios, 1), FRAMES_A_SHEET):
        frames = [_frame(number, total, page) for number, page in batch]
        context = {"language": cover.language, "direction": _direction(), "title": "–", "frames": frames, "foot": foot}
        yield Sheet(render_to_string("pdf/frame.html", context), _style(cover), tagged=False)


def _checked(pdf: bytes, segment: Segment) -> bytes:
    """Return `pdf` if it has the expected number of pages: headers and bookmarks rely on it. Raises RenderFailed."""
    if (pages := merge.page_count(pdf)) != len(segment.pages):
        raise RenderFailed(f"A segment of {len(segment.pages)} pages came out as {pages}.")
    return pdf


def _frame(number: int, total: int, page: Page | None) -> dict[str, object]:
    folio = gettext("page %(page)s of %(pages)s") % {"page": _number(number), "pages": _number(total)}
    if page is None:
        return {"folio": folio}
    first, last = page.entries[0], page.entries[-1]
    return {"folio": folio, "first": _named(first), "last": _named(last)}


def _named(entry: ListEntry) -> dict[str, str]:
    return {"name": layout.printable(entry.name), "lang": entry.lang}


def _page(page: Page) -> str:
    columns = (f'<div class="column">{"".join(_column(column))}</div>' for column in page.columns)
    return f'<div class="page">{"".join(columns)}</div>\n'


def _column(items: Iterable[Heading | Placed]) -> Iterator[str]:
    within_list = False
    for item in items:
        if isinstance(item, Heading):
            yield ("</ul>" if within_list else "") + f"<h2>{_isolated(item.letter)}</h2>"
            within_list = False
        else:
            yield ("" if within_list else "<ul>") + _row(item)
            within_list = True
    yield "</ul>" if within_list else ""


def _row(placed: Placed) -> str:
    entry = placed.entry
    name, latin, detail = map(layout.printable, (entry.name, entry.name_latin, entry.detail))
    kind = f"l{placed.lines - placed.above}" + " risen" * bool(placed.above) + " clipped" * placed.clipped
    kind += " long" * _has_long_word(f"{name} {latin} {detail}")
    return (
        f'<li class="{kind}">{_isolated(name, entry.lang)}'
        + (f" <i>{_isolated(latin)}</i>" if latin else "")
        + f" <span>{entry.number}</span>"
        + (f"<p>{_isolated(detail)}</p>" if detail else "")
        + "</li>"
    )


def _has_long_word(text: str) -> bool:
    """Whether a word of `text` could be wider than a column; only then are words broken, which is slow."""
    return not _is_latin(text) or any(len(word) > LONG_WORD for word in text.split(" "))


def _is_latin(text: str) -> bool:
    return all(character < "\u0250" for character in text)


def _isolated(text: str, lang: str = "") -> str:
    """Escape `text`, and isolate its direction if it holds more than Latin letters."""
    if _is_latin(text):
        return escape(text)
    language = f' lang="{escape(lang)}"' if lang else ""
    return f"<bdi{language}>{escape(text)}</bdi>"


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
        "number_size": layout.NUMBER_SIZE,
    }
    context: dict[str, object] = {name: f"{value:g}" for name, value in measures.items()}
    context["heights"] = [(f"l{lines}", f"{lines * layout.LINE:g}") for lines in range(1, layout.COLUMN_LINES)]
    context["families"] = SafeString(fonts.families(cover.language))
    context["han"] = [(lang, SafeString(fonts.families(lang))) for lang in langs]
    return render_to_string("pdf/edition.css", context)


def _direction() -> str:
    return "rtl" if translation.get_language_bidi() else "ltr"


def _number(number: int) -> str:
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def _moment(moment: datetime) -> str:
    """Format a moment in the active language, in UTC, as on the press page."""
    return f"{formats.date_format(moment.astimezone(UTC), 'j F Y, H:i')} UTC"
