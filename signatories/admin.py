"""Django admin finds the desk's pages here."""

from signatories.desk import records
from signatories.desk.texts import records as texts

__all__ = ["records", "texts"]
