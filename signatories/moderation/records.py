"""Records in Django admin: organizers look, and decide through the services; nothing is edited past them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.forms import CharField, TextInput
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from signatories import holds
from signatories.models import Act, Edition, Signature, WatchedName
from signatories.moderation import services
from signatories.press import services as press


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that only the services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


class ReasonForm(ActionForm):
    """The reason of a decision, beside the choice of the action."""

    reason = CharField(label=_("Reason"), required=False, widget=TextInput(attrs={"size": 40}))


def _decide(verb: Callable[..., bool], request: HttpRequest, chosen: QuerySet[Signature]) -> None:
    """Run a service on each chosen signature and say what happened."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Please give a reason; nothing was changed."))
        return
    done = sum(
        verb(signature_id=pk, organizer=request.user, reason=reason, now=timezone.now())
        for pk in chosen.values_list("pk", flat=True)
    )
    messages.info(request, ngettext("%(n)d signature changed.", "%(n)d signatures changed.", done) % {"n": done})


class ActsInline(admin.TabularInline[Act, Signature]):
    """What was decided on a signature, for good."""

    model = Act
    extra = 0
    can_delete = False
    fields = readonly_fields = ("acted_at", "organizer", "before", "after", "reason")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Acts come from the actions."""
        return False


@admin.register(Signature)
class SignatureRecords(ReadOnly):
    """Signatures with the decisions an organizer may take."""

    list_display = ("name", "name_latin", "profession_text", "affiliation", "country", "state", "why", "confirmed_at")
    list_filter = ("state", "profession", "language")
    search_fields = ("search_key", "name")
    ordering = ("-confirmed_at",)
    actions = ("publish", "reject", "hold")
    action_form = ReasonForm
    inlines = (ActsInline,)
    fields = (
        "number", "state", "why", "name", "name_latin", "filed_under", "profession_text", "affiliation", "country",
        "named", "language", "text", "signed_at", "confirmed_at", "published_at", "changed_at", "domain",
    )  # fmt: skip
    readonly_fields = fields
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deciding is a change: the actions are for whoever may change signatures; every field is read-only."""
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    @admin.display(description=_("held because"))
    def why(self, signature: Signature) -> str:
        """The reasons in plain words."""
        return "; ".join(holds.explain(code) for code in signature.held_for)

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Signature]) -> None:
        """Publish the chosen."""
        _decide(services.publish, request, chosen)

    @admin.action(description=_("Reject"), permissions=["change"])
    def reject(self, request: HttpRequest, chosen: QuerySet[Signature]) -> None:
        """Reject the chosen."""
        _decide(services.reject, request, chosen)

    @admin.action(description=_("Hold"), permissions=["change"])
    def hold(self, request: HttpRequest, chosen: QuerySet[Signature]) -> None:
        """Take the chosen off the list until looked at."""
        _decide(services.hold, request, chosen)


@admin.register(Act)
class ActRecords(ReadOnly):
    """The audit trail."""

    list_display = ("acted_at", "organizer", "signature", "before", "after", "reason")
    list_select_related = ("organizer", "signature")


@admin.register(WatchedName)
class WatchedNames(admin.ModelAdmin[WatchedName]):
    """Names whose look-alikes are held."""

    list_display = ("name", "note")
    search_fields = ("name", "search_key")


@admin.register(Edition)
class EditionRecords(ReadOnly):
    """Editions and their progress; asked for by an action that needs no selection."""

    list_display = ("number", "state", "as_of", "named", "unnamed", "pages_done", "pages", "error")
    ordering = ("-pk",)
    actions = ("build_new",)

    @admin.action(description=_("Ask for a new edition"), permissions=["view"])
    def build_new(self, request: HttpRequest, chosen: QuerySet[Edition]) -> None:
        """Ask; a worker builds."""
        press.ask()
        messages.info(request, _("A new edition is asked for."))
