"""The page on which the press looks up names. Nothing that is asked is stored."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from declaration.web.requests import stranger_form
from signatories.http import UNPROCESSABLE
from signatories.press import presence
from signatories.press.forms import PresenceForm
from signatories.screening import limits
from signatories.signing.views import ask_puzzle


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def look_up(request: HttpRequest) -> HttpResponse:
    """Show the form; POST answers for each name, with the moment."""
    form = PresenceForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form, "most": presence.MOST}
    if request.method == "POST" and form.is_valid():
        verdict = limits.judge(request, limits.Scope.PRESENCE)
        if verdict.puzzle:
            return ask_puzzle(request, verdict.steps)
        context |= {"as_of": timezone.now(), "answers": presence.look_up(form.cleaned_data["names"])}
    response = render(request, "press/presence.html", context, status=UNPROCESSABLE if form.errors else 200)
    if request.method == "POST":
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cache-Control"] = "no-store"
    return response
