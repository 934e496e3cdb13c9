"""The entrance of invited press: the link shows a page, and its button opens the pages before the release."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from declaration.web.requests import stranger_form
from signatories.http import SeeOther
from signatories.models.embargo import hidden_until
from signatories.press import embargo


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def early(request: HttpRequest, link: str) -> HttpResponse:
    """Show what the embargo asks of the press; POST opens the pages for this browser. Wrong links are told nothing."""
    now = timezone.now()
    account = embargo.account_of(link)
    if account is None or hidden_until(now) is None:
        return embargo.hidden(request) if hidden_until(now) else render(request, "404.html", status=404)
    if request.method != "POST":
        return render(request, "press/early.html", {"account": account})
    response = SeeOther(reverse("press-press"))
    embargo.enter(account, response, now)
    return response
