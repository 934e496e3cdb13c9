"""The page of the mails that were not delivered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.desk.access import needs
from signatories.desk.mails import failed
from signatories.models.organizer import Power

MAILS_PAGE = 50


@require_safe
@needs(Power.HELP_SIGNERS)
def mails(request: HttpRequest) -> HttpResponse:
    """List the mails that were refused, came back or were set aside, newest first. Addresses stay masked."""
    found = failed.newest(MAILS_PAGE + 1, failed.Key.read(request.GET.get("before", "")))
    shown = found[:MAILS_PAGE]
    more = str(failed.key_of(shown[-1].mail)) if found[MAILS_PAGE:] else ""
    return render(request, "desk/mails/mails.html", {"mails": shown, "more": more})
