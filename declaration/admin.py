"""The texts of the declaration in Django admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from declaration.models import Text


@admin.register(Text)
class Texts(admin.ModelAdmin[Text]):
    """Organizers write and publish texts; the words of a signed text are locked (by the database too)."""

    list_display = ("version", "language", "title", "published_at", "locked_at")
    readonly_fields = ("sha256", "locked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Text | None = None) -> Any:
        """Return the fields that are not edited: the words too once the text is signed."""
        words = ("version", "language", "title", "body") if obj and obj.locked_at else ()
        return (*self.readonly_fields, *words)

    def has_delete_permission(self, request: HttpRequest, obj: Text | None = None) -> bool:
        """Allow deletion unless the text is signed."""
        return super().has_delete_permission(request, obj) and not (obj and obj.locked_at)
