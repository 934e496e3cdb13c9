"""Pages with the mails that the demo's mail catcher stored, and codes of second factors: in the demo alone."""

import email
import email.policy
import time
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from declaration.demo import totp

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


class Code(NamedTuple):
    """What the authenticator app of an account shows, and for how long."""

    address: str
    code: str
    seconds: int


def codes() -> list[Code]:
    """Return the codes of all accounts with an authenticator app, so that a try-out needs no telephone."""
    now = time.time()
    left = totp.SECONDS - int(now % totp.SECONDS)
    apps = Authenticator.objects.filter(type=Authenticator.Type.TOTP).select_related("user").order_by("pk")
    return [Code(app.user.email, totp.code(decrypt(app.data["secret"]), now), left) for app in apps]


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mails to a person."""
    return render(request, "demo/mailbox.html", {"messages": messages(), "codes": codes()})


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """Return the mails to a program."""
    return JsonResponse(messages(), safe=False)


urlpatterns = [path("", mailbox, name="demo-mailbox"), path("messages.json", as_json, name="demo-mailbox-json")]
