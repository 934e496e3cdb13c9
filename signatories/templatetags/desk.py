"""Template filters and tags of the desk."""

from django import template
from django.utils import timezone

from signatories.identity import mailbox
from signatories.models import Alarm, Report, Signature
from signatories.operations import heartbeats
from signatories.screening import holds

register = template.Library()


@register.filter
def reasons(signature: Signature) -> list[str]:
    """Why a signature is held, in plain words."""
    return [holds.explain(code) for code in signature.held_for]


@register.filter
def masked_address(report: Report) -> str:
    """The masked address of a reader."""
    return mailbox.masked(mailbox.unseal(bytes(report.address_sealed)))


@register.simple_tag
def open_reports() -> int:
    """How many reports of readers wait for an answer."""
    return Report.objects.unanswered().count()


@register.simple_tag
def open_alarms() -> int:
    """How many alarms are open."""
    return Alarm.objects.filter(closed_at=None).count()


@register.simple_tag
def parts_missed() -> list[str]:
    """Parts without a heartbeat. The desk shows them, because these parts could not raise an alarm."""
    return heartbeats.missed(timezone.now())
