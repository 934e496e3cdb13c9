"""Pages with the mails that the demo's mail catcher stored. Not part of a real installation."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

MOST_SHOWN = 500


def messages() -> list[dict[str, str]]:
    """Return the caught mails, newest first: to, subject, text, html, received."""
    files = sorted(Path(settings.DEMO_MAIL_FOLDER).glob("*.eml"), reverse=True)[:MOST_SHOWN]
    return [_read(file) for file in files]


def _read(file: Path) -> dict[str, str]:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "text": _part(message, "plain"),
        "html": _part(message, "html"),
        "received": str(message["Date"]),
    }


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mails to a person."""
    return render(request, "demo/mailbox.html", {"messages": messages()})


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """Return the mails to a program."""
    return JsonResponse(messages(), safe=False)


urlpatterns = [path("", mailbox, name="demo-mailbox"), path("messages.json", as_json)]
