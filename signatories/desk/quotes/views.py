"""The page of what signatories say, for the page for the press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.quotes import services
from signatories.desk.quotes.forms import QuoteForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Quote
from signatories.models.organizer import Power


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.FEATURE_NAMES)
def quotes(request: HttpRequest) -> HttpResponse:
    """Show all quotes; POST adds one."""
    form = QuoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if services.add(**form.cleaned_data, organizer=organizer_of(request), now=timezone.now()):
            tell_result(request, True, "It stands on the page for the press now.")
            return SeeOther(reverse("desk-quotes"))
        form.add_error("number", f"This number is not on the list by name, or there are {services.MOST} quotes.")
    context = {"form": form, "quotes": Quote.objects.select_related("signature").order_by("pk")}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "desk/quotes/quotes.html", context, status=status)


@require_POST
@needs(Power.FEATURE_NAMES)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one from the page for the press."""
    done = services.remove(quote_id=pk, organizer=organizer_of(request))
    tell_result(request, done, "Removed.")
    return SeeOther(reverse("desk-quotes"))
