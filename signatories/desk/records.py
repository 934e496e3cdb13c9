"""Stored rows in Django admin, read only: every change goes through the services, which write the audit trail."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from signatories.editions import services as editions
from signatories.models import Act, Edition, Signature, WatchedName
from signatories.screening import holds


class ReadOnly(admin.ModelAdmin[Any]):
    """Base of the admin pages: no row can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ActsInline(admin.TabularInline[Act, Signature]):
    """Acts on a signature; the database refuses to change them."""

    model = Act
    extra = 0
    can_delete = False
    fields = readonly_fields = ("acted_at", "organizer", "before", "after", "reason")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Signature)
class SignatureRecords(ReadOnly):
    """Signatures as they are stored. Decisions are made in the queue."""

    list_display = ("name", "name_latin", "profession_text", "affiliation", "country", "state", "why", "confirmed_at")
    list_filter = ("state", "profession", "language")
    search_fields = ("search_key", "name")
    ordering = ("-confirmed_at",)
    inlines = (ActsInline,)
    fields = (
        "number", "state", "why", "name", "name_latin", "filed_under", "profession_text", "affiliation", "country",
        "named", "language", "text", "signed_at", "confirmed_at", "published_at", "changed_at", "domain",
    )  # fmt: skip
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description=_("held because"))
    def why(self, signature: Signature) -> str:
        return "; ".join(holds.explain(code) for code in signature.held_for)


@admin.register(Act)
class ActRecords(ReadOnly):
    list_display = ("acted_at", "organizer", "signature", "before", "after", "reason")
    list_select_related = ("organizer", "signature")


@admin.register(WatchedName)
class WatchedNames(ReadOnly):
    """Names whose look-alikes are held. They are edited at the desk, where each edit is an act."""

    list_display = ("name", "note")
    search_fields = ("name", "search_key")


@admin.register(Edition)
class EditionRecords(ReadOnly):
    """Editions and their progress."""

    list_display = ("number", "state", "as_of", "named", "unnamed", "pages_done", "pages", "error")
    ordering = ("-pk",)
    actions = ("build_new",)

    @admin.action(description=_("Ask for a new edition"), permissions=["view"])
    def build_new(self, request: HttpRequest, chosen: QuerySet[Edition]) -> None:
        editions.ask()
        messages.info(request, _("A new edition is asked for."))
