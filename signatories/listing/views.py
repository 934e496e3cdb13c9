"""The public list over HTTP, and reports of its readers. Every query starts at SignatureQuerySet.public()."""

from functools import partial
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries

from declaration.models import Text
from declaration.web.requests import stranger_form
from signatories.http import TOO_MANY, UNPROCESSABLE, SeeOther
from signatories.identity import language
from signatories.listing import counting, search, services
from signatories.listing.forms import BIGGEST_NUMBER, ReportForm
from signatories.listing.pages import NOTHING, Page, Query, page
from signatories.models import Membership, Profession, Signature
from signatories.models import settings as site
from signatories.models.profession import GroupKind, profession_label
from signatories.models.signature import VerifiedAs
from signatories.screening import limits
from signatories.signing.views import ask_puzzle
from signatories.tally import services as tally

BUSY_SECONDS = 3
KINDS = [*Profession.choices, *GroupKind.choices]  # what the list is filtered by


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show public signatures in filing order: by search, filters and letter, in pages."""
    query = Query.read(request.GET)
    shown, hindered = _found(query)  # first, so that a waiting search holds no connection
    facets = tally.by_prefixes(["profession", "group", "country", "letter"])
    facets["profession"] |= facets["group"]
    number = tally.number(timezone.now())
    context = {
        "query": query,
        "page": shown,
        "hindered": hindered,
        "number": number,
        "answer": counting.answer(query, shown, number=number, facets=facets),
        "chosen": _chosen(query),
        "scripts": _scripts(query, facets),
        "professions": [(code, label) for code, label in KINDS if code in facets["profession"]],
        "countries": [(code, name) for code, name in countries if code in facets["country"]],
        "can_sign": Text.to_sign(get_language() or settings.LANGUAGE_CODE) is not None,
    }
    response = render(request, "listing/list.html", context, status=TOO_MANY if hindered == "busy" else 200)
    if hindered:
        response.headers["X-Robots-Tag"] = "noindex"
    if hindered == "busy":
        response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response


def _scripts(query: Query, facets: counting.Facets) -> list[tuple[str, list[str]]]:
    """Return the letters to choose from, by the name of their script; a search shows none."""
    letters = [] if query.q else counting.letters(query, facets)
    named = partial(language.script_name, reader=get_language() or settings.LANGUAGE_CODE)
    return [(script, list(group)) for script, group in groupby(letters, key=named)]


def _chosen(query: Query) -> list[str]:
    """Return the chosen profession and country in words."""
    profession = [profession_label(query.profession, "")] if query.profession else []
    return profession + ([countries.name(query.country) or query.country] if query.country else [])


def _found(query: Query) -> tuple[Page, str]:
    """Return the requested page, and the reason if the search was not done: "busy" or "long"."""
    try:
        return page(query), ""
    except search.Busy:
        return NOTHING, "busy"
    except search.TooLong:
        return NOTHING, "long"


@require_safe
def signature(request: HttpRequest, number: int) -> HttpResponse:
    """Show one public signature; hidden, held, withdrawn and unknown numbers get the same 404."""
    found = Signature.objects.public().filter(number=number).first() if number <= BIGGEST_NUMBER else None
    if found is None:
        raise Http404
    text = Text.current(get_language() or settings.LANGUAGE_CODE)
    verified = found.verified_as == VerifiedAs.PERSON and site.current(timezone.now()).verified_badge
    context: dict[str, object] = {"signature": found, "text": text, "verified": verified}
    if found.is_group:
        context |= {"members": found.members.shown(), "all_members": Membership.all_have_signed(found)}
    return render(request, "listing/signature.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def report(request: HttpRequest) -> HttpResponse:
    """Accept a report, without login; the answer is the same for public, hidden and unknown numbers."""
    form = ReportForm(
        request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number", "")[:19]}
    )
    if request.method == "POST" and form.is_valid():
        verdict = limits.judge(request, limits.Scope.REPORT)
        if verdict.puzzle:
            return ask_puzzle(request, verdict.steps)
        said = form.cleaned_data
        services.report(
            number=said["number"], wrong=said["wrong"], words=said["words"], address=said["email"],
            language=get_language() or settings.LANGUAGE_CODE, now=timezone.now(),
        )  # fmt: skip
        return SeeOther(reverse("listing-reported"))
    return render(request, "listing/report.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """Thank the sender and say what happens next."""
    return render(request, "listing/reported.html")
