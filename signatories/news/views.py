"""Pages of news: all updates, one update, and stopping news by mail. GET shows, POST acts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from declaration.web.context import EXPORTED_AT
from signatories.http import read_number
from signatories.models import Update
from signatories.news import services

PAGE = 10
_GONE = 410


@require_safe
def updates(request: HttpRequest) -> HttpResponse:
    """Show the updates, newest first; `?before=12` leads to those older than update 12. The archive has all on one."""
    before = read_number(request.GET.get("before", ""))
    known = Update.objects.filter(pk=before, published_at__isnull=False).first() if before else None
    found = Update.objects.public().newest_first(known)
    shown = list(found if EXPORTED_AT in request.META else found[: PAGE + 1])
    more = len(shown) > PAGE and EXPORTED_AT not in request.META
    shown = shown[:PAGE] if more else shown
    context = {
        "updates": [(one, one.text_in(get_language() or "")) for one in shown],
        "older": shown[-1].pk if more else None,
        "is_first": known is None,
    }
    return render(request, "news/updates.html", context)


@require_safe
def update(request: HttpRequest, number: int) -> HttpResponse:
    """Show an update in the language of the path, or in another one where it has none in this."""
    found = Update.objects.filter(pk=number, published_at__isnull=False).prefetch_related("texts").first()
    if found is None:
        raise Http404
    if not found.is_public:
        return render(request, "news/taken_down.html", status=_GONE)
    return render(request, "news/update.html", {"update": found, "text": found.text_in(get_language() or "")})


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path; RFC 8058 has mail providers POST without cookie or token
def stop(request: HttpRequest, link: str) -> HttpResponse:
    """Stop news to a mailbox. Withdraws nothing; the answer to the POST is the page, and leads nowhere else."""
    if services.is_of_test(link):
        return render(request, "news/stop.html", {"is_test": True})
    signature = services.find(link)
    if signature is None:
        return render(request, "news/link_unknown.html", status=404)
    if request.method == "POST":
        services.stop(signature_id=signature.pk)
    return render(request, "news/stop.html", {"wants": services.wants_news(signature)})
