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

GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def early(request: HttpRequest, link: str) -> HttpResponse:
    """Show what the embargo asks of the press; POST opens the pages for this browser. Wrong links are told nothing.

    After the release each link leads to the press, whether it was ever made or not.
    """
    now = timezone.now()
    if hidden_until(now) is None:
        return SeeOther(reverse("press-press")) if embargo.is_link(link) else render(request, "404.html", status=404)
    account = embargo.account_of(link)
    if account is None:
        return embargo.hidden(request)
    if account.revoked_at:  # only somebody who was given the link can hold it
        return render(request, "press/early_revoked.html", status=GONE)
    if request.method != "POST":
        return render(request, "press/early.html", {"account": account})
    response = SeeOther(reverse("press-press"))
    embargo.enter(account, response, now)
    return response
