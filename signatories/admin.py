"""Registers the records of the desk in Django admin, which looks for this module."""

from signatories.desk import records

__all__ = ["records"]
