"""Template filters and tags of the desk."""

from collections.abc import Mapping
from datetime import date, timedelta

from django import template
from django.utils import timezone

from signatories.desk import navigation
from signatories.desk.looks import LookReason
from signatories.identity import mailbox
from signatories.models import Report, Signature
from signatories.models.closing import signing_end
from signatories.operations import heartbeats
from signatories.screening import alarm_words, evidence, holds

register = template.Library()
WARNED_BEFORE = timedelta(days=14)  # the day on which addresses are deleted


@register.filter
def reasons(signature: Signature, notes: Mapping[str, str]) -> list[holds.Reason]:
    """Return the reasons to hold a signature, in plain words, with the notes of watched names."""
    return holds.reasons(signature, notes)


@register.simple_tag
def old_name(signature: Signature) -> evidence.OldName | None:
    """Return the name before a change that nobody has decided about yet, if there was one."""
    return evidence.old_name(signature)


@register.filter
def masked_address(report: Report) -> str:
    """Mask the address a reader left: its domain shows, the mailbox does not."""
    return mailbox.masked(mailbox.unseal(bytes(report.address_sealed)))


@register.simple_tag(takes_context=True)
def navigation_groups(context: template.Context) -> list[navigation.Group]:
    """Return the navigation of the reader, in groups."""
    return navigation.groups(context["request"])


@register.simple_tag(takes_context=True)
def here_in_words(context: template.Context) -> str:
    """Return the word of the navigation for this page."""
    return navigation.here_in_words(context["request"])


@register.simple_tag
def addresses_go() -> date | None:
    """Return the day on which addresses are deleted, if it is near: it can be moved until then."""
    end, today = signing_end(), timezone.now().date()
    if end is None or end.addresses_until is None or end.addresses_deleted_at:
        return None
    return end.addresses_until if end.addresses_until - today <= WARNED_BEFORE else None


@register.simple_tag
def advice(kind: str) -> alarm_words.Advice:
    """Return what was done already about an alarm of a kind, and what to press."""
    return alarm_words.advice(kind)


@register.simple_tag
def look_reasons() -> list[tuple[str, str]]:
    """List why an organizer may look at a mail address."""
    return [(reason.value, str(reason.label)) for reason in LookReason]


@register.simple_tag
def parts_missed() -> list[str]:
    """Name the background processes without a recent heartbeat.

    The desk asks for them on each page: alarms about them would have to be raised by the same processes.
    """
    return heartbeats.missed(timezone.now())
