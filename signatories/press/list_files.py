"""Addresses of the files of an edition: `signatories.pdf`, `music.csv`, `changes-since-5.json`."""

import re
from typing import NamedTuple

from django.urls import register_converter
from django.urls.converters import StringConverter

from signatories.models.edition import FileFormat, Part

_PARTS = "|".join(part.value for part in Part if part != Part.CHANGES)
_FORMATS = "|".join(FileFormat.values)


class ListFile(NamedTuple):
    """A list of an edition, as a file; `since` is the earlier edition, for changes, else 0."""

    part: Part
    since: int
    format: FileFormat

    @property
    def stem(self) -> str:
        return f"{self.part}-since-{self.since}" if self.since else str(self.part)


class ListFileConverter:
    """The name of a file."""

    regex = rf"(?:{_PARTS}|changes-since-[1-9][0-9]{{0,8}})\.(?:{_FORMATS})"

    def to_python(self, value: str) -> ListFile:
        """Parse it; `regex` has matched."""
        stem, _dot, format_ = value.rpartition(".")
        if since := re.fullmatch(r"changes-since-(\d+)", stem):
            return ListFile(Part.CHANGES, int(since[1]), FileFormat(format_))
        return ListFile(Part(stem), 0, FileFormat(format_))

    def to_url(self, value: object) -> str:
        """Return the name, of a ListFile or as it is."""
        return f"{value.stem}.{value.format}" if isinstance(value, ListFile) else str(value)


class FormatConverter(StringConverter):
    """One of the formats."""

    regex = _FORMATS


class PlotFormatConverter(StringConverter):
    """One of the formats of a plot."""

    regex = "svg|png|csv"


register_converter(ListFileConverter, "list_file")
register_converter(FormatConverter, "file_format")
register_converter(PlotFormatConverter, "plot_format")
