"""What goes with somebody's name: of an erased person, and of those who are counted without a name once the day came.

Both delete the same, so a new kind of row or column is added here.
"""

from collections.abc import Collection

from signatories.models import (
    ActDetail,
    Card,
    DuplicateGroup,
    DuplicateSearch,
    Membership,
    OutboundMail,
    Quote,
    Report,
    Signup,
    signer_fields,
)
from signatories.models.duplicate import lock_search
from signatories.privacy import dossiers

# What a bare row loses besides what its signer said; the rest explains the count (number, moments, text).
_BARE: dict[str, object] = {
    "domain": "", "representative": "", "representative_role": "", "held_for": [], "sort_key": b"", "letter": "",
    "search_key": "", "skeleton": "", "address_sealed": b"", "nonce": b"", "featured": None,
    "shown_elsewhere": False, "channel": None, "verified_as": "",
}  # fmt: skip


def bare_values() -> dict[str, object]:
    """What stands in the columns of a person who was erased."""
    return {field.column: field.erased for field in signer_fields.FIELDS if field.erased is not None} | _BARE


def delete_beside(pks: Collection[int]) -> None:
    """Delete all rows that tell who these signatures are. Call it in the transaction that empties their columns."""
    Signup.objects.filter(signature__in=pks).delete()
    for model in (OutboundMail, Report, Quote, Card):
        model._default_manager.filter(signature__in=pks).delete()
    # The place in a group stays, empty: its speaker must not see that somebody had signed by the link.
    Membership.objects.filter(signature__in=pks).update(signature=None)
    Membership.objects.filter(group__in=pks).delete()
    dossiers.forget_people(pks)
    ActDetail.objects.filter(act__signature__in=pks).delete()
    lock_search()
    if DuplicateGroup.objects.filter(members__overlap=list(pks)).delete()[0]:
        # Those who are left of a group are looked for anew.
        DuplicateSearch.objects.all().delete()
