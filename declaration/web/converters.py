"""Path converters for URLs."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class Number(IntConverter):
    """A positive number without leading zeros, so that a page has one address."""

    regex = "[1-9][0-9]{0,18}"


register_converter(Number, "number")
