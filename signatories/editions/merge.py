"""Merge of tagged PDFs into one that is still tagged, with bookmarks and running headers: PDF/UA-1."""

import io
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from signatories.editions import child_process

MERGE_SECONDS = 600.0
MEMORY_LIMIT = 8 * 1024**3  # address space in bytes: see docs/performance.md

_PIECE = 1024**2  # bytes of a file that are read at once

type Bookmark = tuple[str, int]  # its title, and the index of its page


class MergeFailed(RuntimeError):
    """The parts could not be merged: the process failed, ran out of time or of memory."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Metadata of the file: `language` BCP 47, `created` in UTC, `mark` that of the list."""

    title: str
    language: str
    author: str
    created: datetime
    mark: str = ""


def page_count(pdf: bytes | Path) -> int:
    with Pdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as document:
        return len(document.pages)


def merge(
    parts: Iterable[bytes], frames: Iterable[bytes], bookmarks: Sequence[Bookmark], facts: Facts
) -> Iterator[bytes]:
    """Concatenate `parts`, with the pages of `frames` over theirs; yields pieces of the file.

    The same input gives the same bytes.
    """
    with tempfile.TemporaryFile() as merged, Pdf.new() as whole:
        tree = StructureTree(whole)
        for part in parts:
            with Pdf.open(io.BytesIO(part)) as source:
                tree.append(source)
        _lay_over(whole, frames)
        _bookmark(whole, bookmarks)
        _describe(whole, facts)
        whole.save(
            merged,
            deterministic_id=True,
            min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
        merged.seek(0)
        yield from iter(partial(merged.read, _PIECE), b"")


def merge_in_child_process(
    parts: Iterable[bytes], frames: Iterable[bytes], bookmarks: Sequence[Bookmark], facts: Facts
) -> Iterator[bytes]:
    """Run `merge` in a child process, whose memory is free again when it ends.

    It merges each part as soon as `parts` yields it, while others are still rendered. Raises MergeFailed, also after
    pieces of the file.
    """
    with tempfile.TemporaryFile() as errors:
        command, pipe = [*child_process.command("signatories.editions.merge"), str(MEMORY_LIMIT)], subprocess.PIPE
        environment = child_process.environment()
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment)  # noqa: S603
        late = False
        try:
            for message in chain([(bookmarks, facts)], parts, [None], frames, [None]):
                if late or process.poll() is not None:
                    break
                late = _sent(process, message)
            else:
                with child_process.killed_after(process, MERGE_SECONDS) as killed:
                    yield from iter(partial(cast(IO[bytes], process.stdout).read, _PIECE), b"")
                    process.wait()
                late = late or killed.is_set()
        finally:
            child_process.stop(process)
        if late:
            raise MergeFailed("The process ran out of time while merging.")
        if process.returncode:
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            raise MergeFailed(f"The process ended ({process.returncode}) while merging. {''.join(last)}".strip())


def _sent(process: subprocess.Popen[bytes], message: object) -> bool:
    """Send a message, unless the process has ended; returns whether it was killed because it took too long."""
    with child_process.killed_after(process, MERGE_SECONDS) as killed, suppress(BrokenPipeError):
        pickle.dump(message, cast(IO[bytes], process.stdin))
        cast(IO[bytes], process.stdin).flush()
    return killed.is_set()


def _main() -> None:
    child_process.limit_memory(int(sys.argv[1]))
    receive = partial(pickle.load, sys.stdin.buffer)
    bookmarks, facts = receive()
    sys.stdout.buffer.writelines(merge(iter(receive, None), iter(receive, None), bookmarks, facts))


class StructureTree:
    """The structure tree of the merged PDF: one Document element, and a parent tree with distinct keys."""

    def __init__(self, whole: Pdf) -> None:
        self.whole = whole
        self.parents = whole.make_indirect(Dictionary(Nums=Array()))
        self.root = whole.make_indirect(Dictionary(Type=Name.StructTreeRoot, ParentTree=self.parents))
        self.document = whole.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=self.root, K=Array()))
        self.root.K = Array([self.document])
        self.root.ParentTreeNextKey = 0
        whole.Root.StructTreeRoot = self.root
        whole.Root.MarkInfo = Dictionary(Marked=True)

    def append(self, source: Pdf) -> None:
        """Append the pages of `source`, then its structure; in this order its elements refer to the new pages."""
        first_page = len(self.whole.pages)
        self.whole.pages.extend(source.pages)
        tree = self.whole.copy_foreign(source.Root.StructTreeRoot)
        shift = int(self.root.ParentTreeNextKey)
        for inner in tree.K:
            for element in inner.K:
                element.P = self.document
                self.document.K.append(element)
        keys = tree.ParentTree.Nums
        for place in range(0, len(keys), 2):
            self.parents.Nums.append(int(keys[place]) + shift)
            self.parents.Nums.append(keys[place + 1])
        for page in self.whole.pages[first_page:]:
            _shift_keys(page.obj, shift)
        self.root.ParentTreeNextKey = (
            shift + 1 + max((int(keys[place]) for place in range(0, len(keys), 2)), default=-1)
        )


def _shift_keys(page: Object, shift: int) -> None:
    """Add `shift` to the keys by which a page and its links refer to the structure."""
    if Name.StructParents in page:
        page.StructParents = int(page.StructParents) + shift
    for annotation in page.get(Name.Annots, Array()):
        if Name.StructParent in annotation:
            annotation.StructParent = int(annotation.StructParent) + shift


def _lay_over(whole: Pdf, frames: Iterable[bytes]) -> None:
    """Draw the pages of `frames` over those of `whole`, as artifacts, which screen readers skip."""
    number = 0
    for frame in frames:
        with Pdf.open(io.BytesIO(frame)) as source:
            for over in source.pages:
                page, name = whole.pages[number], Name(f"/Frame{number}")
                page.add_resource(whole.copy_foreign(over.as_form_xobject()), Name.XObject, name)
                drawn = f"/Artifact <</Type /Pagination>> BDC q 1 0 0 1 0 0 cm {name} Do Q EMC"
                page.contents_add(b"q\n", prepend=True)
                page.contents_add(b"\nQ\n" + drawn.encode())
                number += 1


def _bookmark(whole: Pdf, bookmarks: Sequence[Bookmark]) -> None:
    with whole.open_outline() as outline:
        for words, page in bookmarks:
            outline.root.append(pikepdf.OutlineItem(words, page))


def _describe(whole: Pdf, facts: Facts) -> None:
    """Write language, title, dates and PDF/UA-1 into the catalogue, the information dictionary and the XMP."""
    whole.Root.Lang = String(facts.language)
    whole.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    moment = facts.created.strftime("D:%Y%m%d%H%M%SZ")
    whole.docinfo = whole.make_indirect(
        Dictionary(
            Title=String(facts.title), Author=String(facts.author), CreationDate=String(moment), ModDate=String(moment)
        )
    )
    with whole.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["dc:title"] = facts.title
        xmp["dc:language"] = {facts.language}
        xmp["dc:creator"] = [facts.author]
        xmp["xmp:CreateDate"] = xmp["xmp:ModifyDate"] = facts.created.isoformat(timespec="seconds")
        xmp["pdfuaid:part"] = "1"
        if facts.mark:
            xmp["dc:identifier"] = facts.mark


if __name__ == "__main__":
    _main()
