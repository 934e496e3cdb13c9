"""Django admin finds the desk's pages here."""

from signatories.desk import records

__all__ = ["records"]
