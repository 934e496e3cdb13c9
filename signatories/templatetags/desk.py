"""Template filters and tags of the desk."""

from collections.abc import Mapping

from django import template
from django.utils import timezone

from signatories.desk import common
from signatories.desk.looks import LookReason
from signatories.identity import mailbox
from signatories.models import Alarm, Report, Signature
from signatories.models.alarm import kinds_answered_by
from signatories.operations import heartbeats
from signatories.screening import alarm_words, holds

register = template.Library()


@register.filter
def reasons(signature: Signature, notes: Mapping[str, str]) -> list[holds.Reason]:
    """Return the reasons to hold a signature, in plain words, with the notes of watched names."""
    return holds.reasons(signature, notes)


@register.filter
def masked_address(report: Report) -> str:
    """Mask the address a reader left: its domain shows, the mailbox does not."""
    return mailbox.masked(mailbox.unseal(bytes(report.address_sealed)))


@register.simple_tag
def open_reports() -> int:
    """Count the reports that wait for an answer."""
    return Report.objects.unanswered().count()


@register.simple_tag(takes_context=True)
def open_alarms(context: template.Context) -> int:
    """Count the open alarms that the reader may answer."""
    return Alarm.objects.filter(closed_at=None, kind__in=kinds_answered_by(context["request"].user)).count()


@register.simple_tag(takes_context=True)
def is_open(context: template.Context) -> bool:
    """Whether a text is published, so that people can sign."""
    return common.is_open(context["request"])


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
