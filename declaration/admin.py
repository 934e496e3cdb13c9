"""The texts of the declaration in Django admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from declaration.models import Text


@admin.register(Text)
class Texts(admin.ModelAdmin[Text]):
    """Organizers write and publish texts. Once signed, the words are locked, by a trigger in the database too."""

    list_display = ("version", "language", "title", "published_at", "locked_at")
    readonly_fields = ("sha256", "locked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Text | None = None) -> Any:
        """Add the words of a signed text."""
        words = ("version", "language", "title", "body") if obj and obj.locked_at else ()
        return (*self.readonly_fields, *words)

    def has_delete_permission(self, request: HttpRequest, obj: Text | None = None) -> bool:
        """Refuse it for a signed text."""
        return super().has_delete_permission(request, obj) and not (obj and obj.locked_at)
