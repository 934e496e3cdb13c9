"""Pages about the declaration itself, and the health of the process."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

# The numbers on the page about privacy: the same settings that signatories/privacy/retention.py uses.
_NUMBERS = ("LINK_DAYS", "UNDO_DAYS", "DIGEST_DAYS", "SENT_MAIL_DAYS", "REMINDER_HOURS", "MAILS_PER_MAILBOX_PER_DAY")
# Paths of private links and of answers to forms, in each language.
PRIVATE = ("sign", "confirm", "stop", "mine", "corrections")
SECURITY_CONTACT_HOLDS = timedelta(days=180)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show why this declaration was made, and by whom."""
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show which personal data are kept, for how long, and how to have them removed."""
    return render(request, "privacy.html", {name.lower(): getattr(settings, name) for name in _NUMBERS})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines read public pages, and keep them from private ones."""
    closed = ["/desk/", "/accounts/", "/mailbox/"]
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            closed += [f"{reverse('home')}{path}/" for path in PRIVATE]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """Say where to report a weakness (RFC 9116). `Expires` is half a year after each answer."""
    expires = timezone.now().replace(microsecond=0) + SECURITY_CONTACT_HOLDS
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = [
        f"Contact: mailto:{settings.OPERATOR_EMAIL}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {languages}",
        f"Canonical: {settings.SITE_URL}{request.path}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def tdmrep(request: HttpRequest) -> HttpResponse:
    """Reserve all rights to mine text and data of this site (TDM Reservation Protocol, W3C community report)."""
    return JsonResponse([{"location": "/", "tdm-reservation": 1}], safe=False)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect browsers that ask for this because a page (of Django admin) names no icon."""
    return redirect(static("icon.svg"))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; nothing else is asked."""
    return JsonResponse({"status": "ok"})
