"""Django admin finds the desk's pages here."""

from signatories.moderation import records

__all__ = ["records"]
