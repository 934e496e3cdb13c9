"""The texts of the declaration in Django admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from declaration.models import Text
from signatories.desk.access import organizer_of
from signatories.desk.texts import services


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

    def save_model(self, request: HttpRequest, obj: Text, form: ModelForm[Text], change: bool) -> None:
        services.write(text=obj, organizer=organizer_of(request))

    def delete_model(self, request: HttpRequest, obj: Text) -> None:
        services.delete(texts=[obj], organizer=organizer_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Text]) -> None:
        services.delete(texts=queryset, organizer=organizer_of(request))
