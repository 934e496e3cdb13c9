"""Pages about the declaration itself, and the health of the process."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from declaration.web import rights

# Numbers on the privacy page: the settings that signatories/privacy/retention.py applies.
_RETENTION = ("LINK_DAYS", "UNDO_DAYS", "DIGEST_DAYS", "LETTER_DAYS", "REMINDER_HOURS", "MAILS_PER_MAILBOX_PER_DAY")
# Paths of private links and of answers to forms, in each language.
PRIVATE = ("sign", "confirm", "stop", "mine", "join", "invited", "report", "press/early", "updates/stop")
SECURITY_CONTACT_HOLDS = timedelta(days=180)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show why this declaration exists, and who is behind it."""
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show which data are kept for how long, and how to have them removed."""
    return render(request, "privacy.html", {name.lower(): getattr(settings, name) for name in _RETENTION})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow search engines the public pages, but no private ones; reserve all pages from training."""
    closed = ["/desk/", "/accounts/", "/partner/", "/mailbox/", "/cards/"]
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            closed += [f"{reverse('home')}{path}/" for path in PRIVATE]
    lines = [
        f"# Text and data mining is reserved: {rights.policy()}",
        *("User-agent: *", rights.FOR_ROBOTS, *(f"Disallow: {path}" for path in closed), ""),
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """Return the contact for security reports (RFC 9116). `Expires` is always half a year ahead."""
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
    """Reserve all rights of text and data mining (TDM Reservation Protocol, W3C community report)."""
    said = {"location": "/", "tdm-reservation": rights.RESERVED, "tdm-policy": rights.policy()}
    return JsonResponse([said], safe=False)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what to do when a form comes without its token, instead of Django's page; `reason` is for developers."""
    return render(request, "csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what to do with a form that is too long, with the limit, instead of the page about broken requests."""
    if isinstance(exception, RequestDataTooBig):
        context = {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024}
        return HttpResponse(render_to_string("413.html", context), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon; browsers request it where a page names none."""
    return redirect(static("icon.svg"))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer without using any other part."""
    return JsonResponse({"status": "ok"})
