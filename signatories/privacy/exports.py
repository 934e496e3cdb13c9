"""Exports of the signers' data: asked for, approved by a second administrator, cancelled, told, taken away.

With mail addresses an export needs another administrator, who has been one for WAITS when it is asked for: else
somebody would appoint an account of their own and approve with it. Where there is none it waits for WAITS after all
organizers and the operator were told by mail. What stands on the public list anyway needs neither. The file is written
in export_files.py. Each step of a person is an act.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AbstractUser
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation

from signatories.audit.services import By, by_organizer, by_rule, record
from signatories.identity import sealed
from signatories.mail import messages, outbox
from signatories.models import Export
from signatories.models.act import Verb
from signatories.models.export import OPEN, ExportKind, ExportState
from signatories.models.organizer import Power, may, role_since, who_may

WAITS = timedelta(hours=24)  # before an export that nobody approves is built
KEPT = timedelta(hours=24)  # a file that is built
LAPSES = timedelta(days=7)  # an export that is not built by then is cancelled
_PURPOSE = "export"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another one


class Asked(NamedTuple):
    """An export, and the passphrase of its file, which is told this once; "" for a file of public data."""

    export: Export
    passphrase: str


def ask(
    *, kind: ExportKind, columns: list[str], reason: str, organizer: AbstractBaseUser, now: datetime
) -> Asked | None:  # fmt: skip
    """Ask for an export. Returns None if this organizer has one that is not built yet."""
    with_addresses = kind == ExportKind.ADDRESSES
    passphrase = _new_passphrase() if with_addresses else ""
    others = [account for account in who_may(Power.EXPORT) if account.pk != organizer.pk and _is_settled(account, now)]
    try:
        with transaction.atomic():
            export = Export.objects.create(
                kind=kind, columns=columns, reason=reason, asked_by_id=organizer.pk, asked_at=now,
                state=ExportState.ASKED if with_addresses else ExportState.APPROVED,
                needs_approval=with_addresses and bool(others),
                passphrase_sealed=sealed.seal(_PURPOSE, {"passphrase": passphrase}) if passphrase else "",
            )  # fmt: skip
            _record(export, by_organizer(organizer, f"asked for, {kind.label}: {reason}"))
    except IntegrityError as error:
        if "export_one_open" in str(error):
            return None
        raise
    return Asked(export, passphrase)


def _is_settled(account: AbstractUser, asked_at: datetime) -> bool:
    return role_since(account) <= asked_at - WAITS


def may_approve(account: AbstractBaseUser, export: Export) -> bool:
    """Return whether an administrator may approve an export that waits."""
    assert isinstance(account, AbstractUser)  # noqa: S101 - for the type checker
    return export.asked_by_id != account.pk and _is_settled(account, export.asked_at)


def _new_passphrase() -> str:
    """About 119 bits, in groups: the key of a ZIP file is derived so quickly that a shorter one could be tried out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(6)) for _ in range(4))


def passphrase_of(export: Export) -> str:
    """Return the passphrase of a file that is not built yet. Raises KeyError if it cannot be unsealed any more."""
    seconds = (LAPSES + timedelta(days=1)).total_seconds()
    return sealed.unseal(_PURPOSE, export.passphrase_sealed, int(seconds))["passphrase"]


def approve(*, export_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Approve an export of another administrator. Returns False if it does not wait (any more).

    Raises PermissionDenied for one's own, and for somebody who has not been administrator for long enough.
    """
    with transaction.atomic():
        export = Export.objects.filter(pk=export_id).first()
        if export and not may_approve(organizer, export):
            raise PermissionDenied(
                "An export is approved by another administrator than the one who asked for it, and by one who had been "
                "administrator for a day when it was asked for."
            )
        waiting = Export.objects.filter(pk=export_id, state=ExportState.ASKED)
        if not waiting.update(state=ExportState.APPROVED, approved_by=organizer.pk, approved_at=now):
            return False
        _record(Export.objects.get(pk=export_id), by_organizer(organizer, "approved"))
        return True


def cancel(*, export_id: int, by: By) -> bool:
    """Cancel an export that is not built yet. Returns False if it is built, or was cancelled before."""
    with transaction.atomic():
        unbuilt = Export.objects.filter(pk=export_id, state__in=OPEN)
        if not unbuilt.update(state=ExportState.CANCELLED, passphrase_sealed=""):
            return False
        _record(Export.objects.get(pk=export_id), by)
        return True


def take(*, export_id: int, organizer: AbstractBaseUser, now: datetime) -> Export | None:
    """Record that a file is downloaded, and return its export; None if there is no file of this organizer's.

    Only who asked may take it: nobody else has the passphrase.
    """
    ready = Export.objects.filter(state=ExportState.READY, built_at__gt=now - KEPT, asked_by_id=organizer.pk)
    export = ready.select_related("asked_by").filter(pk=export_id).first()
    if export:
        _record(export, by_organizer(organizer, "downloaded"))
    return export


def _record(export: Export, by: By) -> None:
    """Record a step; the reason names the export, so that the trail can be read without this table."""
    told = By(actor=by.actor, organizer_id=by.organizer_id, role=by.role, reason=f"{export} {by.reason}")
    record(Verb.EXPORT, by=told, about=str(export))


def tell(now: datetime) -> None:
    """Mail all organizers and the operator about each export with addresses that was asked for. Safe to repeat.

    The row is the outbox: a mail that failed is tried again, and an export that nobody approves waits for it.
    """
    to = sorted({settings.OPERATOR_EMAIL, *(a.email for a in who_may(Power.LOOK_AT_NUMBERS) if a.email)})
    untold = Export.objects.filter(kind=ExportKind.ADDRESSES, state__in=OPEN, told_at=None)
    for export in untold.select_related("asked_by").order_by("pk"):
        if outbox.send_directly([_mail(export, address) for address in to], now):
            Export.objects.filter(pk=export.pk).update(told_at=now)


def _mail(export: Export, address: str) -> EmailMultiAlternatives:
    """The mail to one of them, in English as the desk is."""
    url = settings.SITE_URL + reverse("desk-exports")
    context = {"export": export, "asked_by": str(export.asked_by_id), "exports_url": url}
    with translation.override(settings.LANGUAGE_CODE):
        return messages.compose("export", context, address, messages.made_id(f"{export} {address}".encode()))


def due(now: datetime) -> QuerySet[Export]:
    """Return the exports that are to be built now, oldest first; also those whose worker died at it."""
    waited = Q(state=ExportState.ASKED, needs_approval=False, told_at__lte=now - WAITS)
    begun = Q(state__in=[ExportState.APPROVED, ExportState.BUILDING])
    return Export.objects.filter(waited | begun).select_related("asked_by__organizer").order_by("pk")


def cancel_lapsed(now: datetime) -> None:
    """Cancel what was not built within LAPSES, and what was asked for by somebody who may not export any more."""
    for export in Export.objects.filter(state__in=OPEN).select_related("asked_by__organizer"):
        if export.asked_at < now - LAPSES:
            cancel(export_id=export.pk, by=by_rule("cancelled: it waited for seven days"))
        elif not may(export.asked_by, Power.EXPORT):
            cancel(export_id=export.pk, by=by_rule("cancelled: the account may not export any more"))
