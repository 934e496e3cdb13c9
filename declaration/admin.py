"""The texts of the declaration in Django admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from declaration.models import Text


@admin.register(Text)
class Texts(admin.ModelAdmin[Text]):
    """Texts can be written and published; once signed the words are locked (by the database too)."""

    list_display = ("version", "language", "title", "published_at", "locked_at")
    readonly_fields = ("sha256", "locked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Text | None = None) -> Any:
        """The words of a signed text are shown, not edited."""
        words = ("version", "language", "title", "body") if obj and obj.locked_at else ()
        return (*self.readonly_fields, *words)

    def has_delete_permission(self, request: HttpRequest, obj: Text | None = None) -> bool:
        """A signed text stays."""
        return super().has_delete_permission(request, obj) and not (obj and obj.locked_at)
