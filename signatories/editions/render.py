"""Rendering of HTML to PDF, in this process or in child processes. Only this module uses WeasyPrint."""

import gc
import io
import json
import re
import subprocess
import sys
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from itertools import islice
from queue import SimpleQueue
from typing import IO, Any, Protocol, Self, cast

import icu

from signatories.editions import child_process, structure

SECONDS_A_SHEET = 120.0
_STACKING = {"Mn", "Mc", "Me", "Cf", "So", "Sk"}  # marks, joiners, signs
# Blocks written from right to left; of them those that Poppler does not know as such: N'Ko, Mandaic, Adlam and others.
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = re.compile(rf"[{_RIGHT}]+(?:\W+[{_RIGHT}]+)*")
_LITTLE_KNOWN = re.compile("[\u07c0-\u085f\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TURNS_BACK = re.compile(rf"[{_RIGHT}].*[^\W_{_RIGHT}]", re.DOTALL)
MEMORY_LIMIT = 2 * 1024**3  # address space of a process, bytes; resident memory stays far below


class PangoMissing(RuntimeError):
    """The libraries of WeasyPrint (Pango) are not installed."""


class RenderFailed(RuntimeError):
    """A sheet could not be rendered: its process failed, ran out of time or of memory."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Input of one PDF: a whole HTML page, its style, and whether it is tagged as PDF/UA-1. It is `lasting` if another
    edition may have the same."""

    html: str
    css: str
    tagged: bool = True
    lasting: bool = False


class Kept(Protocol):
    """Sheets that are rendered already: see kept_segments.py."""

    def find(self, sheet: Sheet) -> bytes | None: ...
    def keep(self, sheet: Sheet, pdf: bytes) -> None: ...


def render(sheet: Sheet) -> bytes:
    """Render `sheet` as PDF. Nothing is fetched, whatever the HTML refers to.

    Raises PangoMissing. `declaration.fonts.use()` must have run before the first call.
    """
    weasyprint, fetcher, configuration = _weasyprint()
    style = _style(sheet.css)
    html = weasyprint.HTML(string=sheet.html, url_fetcher=fetcher)
    tagged: dict[str, Any] = {"pdf_variant": "pdf/ua-1", "finisher": _finish} if sheet.tagged else {}
    with _without_garbage_collection():
        pdf: bytes = html.write_pdf(stylesheets=[style], font_config=configuration, **tagged)
    return pdf


def _finish(_document: object, pdf: Any) -> None:
    structure.simplify(pdf)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable garbage collection while boxes are built: it finds nothing and takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Renderers:
    """Child processes that render sheets, or none: then this process renders. Use it in a `with` statement."""

    def __init__(self, count: int, kept: Kept | None = None) -> None:
        self._kept = kept
        self._started = [Renderer() for _ in range(count)]
        self._free: SimpleQueue[Renderer] = SimpleQueue()
        for renderer in self._started:
            self._free.put(renderer)
        self._threads = ThreadPoolExecutor(max(1, count))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for renderer in self._started:
            renderer.stop()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, sheet: Sheet) -> "Future[bytes]":
        """Begin to render a sheet that is not kept. Its result may raise PangoMissing or RenderFailed."""
        return self._threads.submit(self._found_or_rendered, sheet)

    def map(self, sheets: Iterable[Sheet]) -> Iterator[bytes]:
        """Yield the PDFs of `sheets`, in their order; a few are rendered ahead. Raises PangoMissing, RenderFailed."""
        waiting = iter(sheets)
        ahead = deque(self.submit(sheet) for sheet in islice(waiting, 2 * len(self._started) or 1))
        while ahead:
            pdf = ahead.popleft().result()
            ahead += [self.submit(sheet) for sheet in islice(waiting, 1)]
            yield pdf

    def _found_or_rendered(self, sheet: Sheet) -> bytes:
        kept = self._kept if sheet.lasting else None
        if kept and (found := kept.find(sheet)):
            return found
        pdf = self._render(sheet) if self._started else render(sheet)
        if kept:
            kept.keep(sheet, pdf)
        return pdf

    def _render(self, sheet: Sheet) -> bytes:
        renderer = self._free.get()
        try:
            return renderer.render(sheet)
        finally:
            self._free.put(renderer)


class Renderer:
    """A child process that renders one sheet after another."""

    def __init__(self) -> None:
        command, pipe = child_process.command("signatories.editions.render"), subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=child_process.environment())  # noqa: S603

    def render(self, sheet: Sheet) -> bytes:
        to_process, from_process = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        try:
            with child_process.killed_after(self.process, SECONDS_A_SHEET):
                _write(to_process, json.dumps(asdict(sheet)).encode())
                status, pdf = _read(from_process), _read(from_process)
        except (OSError, EOFError) as error:
            raise RenderFailed(f"The process ended ({self.process.poll()}) while rendering.") from error
        if status == b"PangoMissing":
            raise PangoMissing(pdf.decode())
        if status != b"done":
            raise RenderFailed(pdf.decode())
        return pdf

    def stop(self) -> None:
        child_process.stop(self.process)


@lru_cache(maxsize=1)
def _style(css: str) -> Any:
    """Parse a style sheet: nearly all sheets of an edition have the same."""
    weasyprint, fetcher, configuration = _weasyprint()
    return weasyprint.CSS(string=css, url_fetcher=fetcher, font_config=configuration)


@cache
def _weasyprint() -> tuple[Any, Any, Any]:
    """Load WeasyPrint, a fetcher that fetches nothing, and the fonts, once per process."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
    except (ImportError, OSError) as error:
        raise PangoMissing(f"The PDF needs Pango (Debian: libpango-1.0-0, libpangoft2-1.0-0): {error}") from error
    _patch_text_extraction()
    fetcher = weasyprint.URLFetcher(allowed_protocols=[], allow_redirects=False)
    return weasyprint, fetcher, FontConfiguration()


class _Letters(dict[int, str]):
    """Maps glyphs to the letters that a PDF reader copies, searches and reads aloud.

    WeasyPrint keeps the text of the first use of a glyph: if several glyphs draw one cluster, one gets no text and
    another the whole cluster, in every later name too. Here the font's own table decides in that case.
    """

    def __init__(self, font: Any) -> None:
        super().__init__()
        self._font = font

    def __setitem__(self, glyph: int, letters: str) -> None:
        if len(letters) != 1:
            letters = self._nominal.get(glyph) or letters or "\u200b"
        super().__setitem__(glyph, letters)

    @cached_property
    def _nominal(self) -> dict[int, str]:
        from fontTools.ttLib import TTFont

        with TTFont(io.BytesIO(self._font.file_content), fontNumber=self._font.index, lazy=True) as font:
            return {font.getGlyphID(name): chr(code) for code, name in font.getBestCmap().items()}


_files: dict[int, bytes] = {}


def _one_copy(file: bytes) -> bytes:
    """Return `file`, or the same one read before: WeasyPrint reads it for each face and size, up to 20 MB each time."""
    known = _files.setdefault(len(file), file)
    return known if known == file else file


def _needs_actual_text(text: str) -> bool:
    """Whether glyphs alone do not give `text`: its letters stack, join or change places."""
    if text.isascii():
        return False
    stacks = any(unicodedata.category(c) in _STACKING for c in text)
    return stacks or bool(_LITTLE_KNOWN.search(text) or _TURNS_BACK.search(text))


def _as_drawn(text: str) -> str:
    """Return `text` in visual order, from left to right as printed: PDF readers restore the logical order.

    They do so for actual text too: Poppler, MuPDF and PDFium reverse Hebrew and Arabic once more (tried). If numbers or
    Latin letters follow, they put the parts in a wrong order; so those parts are given one after another, each from
    right to left and ended by a mark.
    """
    if _TURNS_BACK.search(text):
        return _RIGHT_TO_LEFT.sub(lambda part: f"{_reversed(part[0])}\u200e", text)
    if not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text):
        return text
    return _reversed(text)


def _reversed(text: str) -> str:
    """Return `text` in visual order, with invisible direction marks around it where readers need them.

    A combining mark at the start would become a separate word. A script that Poppler does not know stays reversed
    without a mark before it on a page of mostly Latin letters, and without one after it on one of mostly Hebrew.
    """
    default_level, as_typed, as_drawn = 254, icu.UBiDiOrder.LOGICAL, icu.UBiDiOrder.VISUAL
    drawn = str(icu.BidiTransform().transform(text, default_level, as_typed, 0, as_drawn, 0, 0))
    if _LITTLE_KNOWN.search(text):
        return f"\u200f{drawn}\u200f"
    return f"\u200f{drawn}" if unicodedata.category(drawn[0]) in _STACKING else drawn


def _patch_text_extraction() -> None:
    """Make WeasyPrint write correct letters for glyphs, and the actual text where those do not suffice.

    It has no setting for either, so private parts are replaced. `tests/editions/test_document.py` reads names of many
    scripts back.
    """
    import pydyf  # type: ignore[import-untyped]
    from weasyprint.pdf.fonts import Font
    from weasyprint.pdf.stream import Stream

    plain_font = Font.__init__

    def font(self: Any, *arguments: Any, **named: Any) -> None:
        plain_font(self, *arguments, **named)
        self.file_content = _one_copy(self.file_content)
        self.to_unicode = _Letters(self)

    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        if self._tags is None:
            yield
            return
        properties = pydyf.Dictionary({"MCID": len(self._tags)})
        self._tags[box] = {"tag": tag, "mcid": len(self._tags)}
        if _needs_actual_text(text := getattr(box, "text", "")):
            properties["ActualText"] = pydyf.String(_as_drawn(text))
        pydyf.Stream.begin_marked_content(self, tag, properties)
        try:
            yield
        finally:
            pydyf.Stream.end_marked_content(self)

    Font.__init__ = font
    Stream.marked = marked


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    size = pipe.read(8)
    if len(size) < 8:
        raise EOFError
    return pipe.read(int.from_bytes(size, "big"))


def _main() -> None:
    """Render sheets from standard input until it ends."""
    child_process.limit_memory(MEMORY_LIMIT)
    while True:
        try:
            sheet = Sheet(**json.loads(_read(sys.stdin.buffer)))
        except EOFError:
            return
        try:
            status, answer = b"done", render(sheet)
        except Exception as error:  # of any kind; the parent process reports it
            status, answer = type(error).__name__.encode(), str(error).encode()
        _write(sys.stdout.buffer, status)
        _write(sys.stdout.buffer, answer)
        gc.collect()


if __name__ == "__main__":
    _main()
