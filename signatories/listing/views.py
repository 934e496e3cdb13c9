"""The public list over HTTP. Every query starts at SignatureQuerySet.public()."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_countries import countries

from signatories import names, tally
from signatories.listing.pages import Query, page
from signatories.models import Profession, Signature

_BIGGEST_NUMBER = 2**63 - 1


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everyone public in filing order: searched, filtered, by letter, page by page."""
    query = Query.read(request.GET)
    used_countries = tally.by_prefix("country")
    used_professions = tally.by_prefix("profession")
    context = {
        "query": query,
        "page": page(query),
        "number": tally.number(timezone.now()),
        "letters": sorted(tally.by_prefix("letter"), key=names.letter_order),
        "professions": [(code, label) for code, label in Profession.choices if code in used_professions],
        "countries": [(code, name) for code, name in countries if code in used_countries],
    }
    return render(request, "listing/list.html", context)


@require_safe
def signature(request: HttpRequest, number: int) -> HttpResponse:
    """One public signature; hidden, held, withdrawn and unknown numbers get the same 404."""
    found = Signature.objects.public().filter(number=number).first() if number <= _BIGGEST_NUMBER else None
    if found is None:
        raise Http404
    return render(request, "listing/signature.html", {"signature": found})
