"""Words of the desk for templates."""

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
    """Enough of the address a reader left to know that there is one."""
    return mailbox.masked(mailbox.unseal(bytes(report.address_sealed)))


@register.simple_tag
def open_reports() -> int:
    """How many reports of readers wait for an answer."""
    return Report.objects.unanswered().count()


@register.simple_tag
def open_alarms() -> int:
    """How many alarms nobody has looked at."""
    return Alarm.objects.filter(closed_at=None).count()


@register.simple_tag
def parts_missed() -> list[str]:
    """What behind the site gives no sign of life: seen here, since alarms are raised by the very same parts."""
    return heartbeats.missed(timezone.now())
