"""Webhooks of the mail provider: a mail came back, or its reader calls it spam. The answer is the same for all."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import anymail.urls
from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from signatories.identity import mailbox
from signatories.mail import messages
from signatories.models import OutboundMail, Signup, StoppedMailbox
from signatories.models.mailing import MailState

_CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}
# Providers that call a bounce also what may still arrive, such as the answer of an absent reader: where each says what
# kind it is, and which kinds are for good. The others report such a mail as deferred.
_PERMANENT: dict[str, tuple[tuple[str, ...], set[object]]] = {
    "Amazon SES": (("bounce", "bounceType"), {"Permanent"}),
    "Brevo": (("event",), {"hard_bounce", "invalid_email"}),
    "MailerSend": (("data", "type"), {"hard_bounced"}),
    "Mailjet": (("hard_bounce",), {True}),
    "Mandrill": (("event",), {"hard_bounce"}),
    "Postmark": (("Type",), {"HardBounce"}),
    "Resend": (("data", "bounce", "type"), {"Permanent"}),
    "SendGrid": (("type",), {"bounce"}),
    "SparkPost": (("msys", "message_event", "bounce_class"), {"10", "30"}),
}
_WANTS_NONE = {EventType.COMPLAINED, EventType.UNSUBSCRIBED}


def came_back(*, address: str, message_id: str, why: str) -> bool:
    """Mark the mail undeliverable: the one of this Message-ID, or the last one sent where the provider gives its own.

    False if we sent no such mail, or it is marked already.
    """
    digests = mailbox.digests(address)
    sent: list[Signup | OutboundMail] = [
        *Signup.objects.filter(address_digest__in=digests, sent_at__isnull=False),
        *OutboundMail.objects.filter(address_digest__in=digests, sent_at__isnull=False),
    ]
    rows = sorted(sent, key=lambda row: row.sent_at or row.created_at)
    wanted = message_id.strip("<> ")
    same = [row for row in rows if messages.message_id(row).strip("<>") == wanted]
    if wanted.endswith(f"@{urlsplit(settings.SITE_URL).hostname}"):
        rows = same
    if not rows:
        return False
    row = (same or rows)[-1]
    marked = type(row).objects.filter(pk=row.pk, mail_state=MailState.SENT)
    return bool(marked.update(mail_state=MailState.UNDELIVERABLE, mail_error=f"came back: {why}"[:200]))


def wants_no_mail(*, address: str, now: datetime) -> None:
    """Stop our mail to a reader who called it spam, as if they had said stop. Changes no signature."""
    stopped = StoppedMailbox(address_digest=mailbox.digest(address), stopped_at=now, digest_key=mailbox.key_in_use())
    StoppedMailbox.objects.bulk_create([stopped], ignore_conflicts=True)


def _may_still_arrive(event: AnymailTrackingEvent, provider: str) -> bool:
    """Whether a bounce is not for good, as far as the provider says."""
    path, permanent = _PERMANENT.get(provider, ((), set()))
    if event.event_type != EventType.BOUNCED or not path:
        return False
    said: Any = event.esp_event
    for key in path:
        said = said.get(key) if isinstance(said, Mapping) else None
    return said is not None and said not in permanent


@receiver(tracking)
def _record_event(event: AnymailTrackingEvent, esp_name: str, **_other: object) -> None:
    with suppress(UnicodeError):  # not an address we could have written to: ignored like an unknown one
        if event.recipient and event.event_type in _CAME_BACK:
            if _may_still_arrive(event, esp_name):
                return
            why = event.reject_reason or event.event_type
            came_back(address=event.recipient, message_id=event.message_id or "", why=why)
        elif event.recipient and event.event_type in _WANTS_NONE:
            wants_no_mail(address=event.recipient, now=timezone.now())


def provider_view(provider: str) -> Callable[..., HttpResponse]:
    """The view for the webhook of ANYMAIL_PROVIDER, which checks MAIL_WEBHOOK_SECRET (basic authentication)."""
    views = {
        pattern.name.removesuffix("_tracking_webhook"): pattern.callback
        for pattern in anymail.urls.urlpatterns
        if pattern.name and pattern.name.endswith("_tracking_webhook")
    }
    if provider not in views:
        raise ImproperlyConfigured(f"ANYMAIL_PROVIDER must be one of {', '.join(sorted(views))}.")
    view = views[provider]

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = view(request, *args, **kwargs)
        except (ValueError, LookupError, TypeError, AttributeError):
            return HttpResponse("This is not what the provider sends.", status=400, content_type="text/plain")
        return answer

    return guarded
