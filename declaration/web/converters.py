"""Path converters."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class Number(IntConverter):
    """A number as we write it ourselves: no zero in front, so that a page has one address."""

    regex = "[1-9][0-9]{0,18}"


register_converter(Number, "number")
