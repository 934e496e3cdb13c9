"""The trail: what every organizer did and looked at."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.desk.access import organizers_only
from signatories.models import Act
from signatories.models.act import Verb

TRAIL_PAGE = 100


@require_safe
@organizers_only
def trail(request: HttpRequest) -> HttpResponse:
    """Every act and look of every organizer, newest first: they see each other's."""
    acts = Act.objects.of_the_desk().select_related("organizer", "signature").order_by("-pk")
    before, verb, who = (request.GET.get(name, "") for name in ("before", "verb", "organizer"))
    if before.isascii() and before.isdigit():
        acts = acts.filter(pk__lt=int(before[:18]))
    if verb in Verb.values:
        acts = acts.filter(verb=verb)
    if who.isascii() and who.isdigit():
        acts = acts.filter(organizer_id=int(who[:9]))
    page = list(acts[: TRAIL_PAGE + 1])
    organizers = Act.objects.exclude(organizer=None).order_by("organizer").distinct("organizer")
    context = {
        "acts": page[:TRAIL_PAGE],
        "more": page[TRAIL_PAGE - 1].pk if page[TRAIL_PAGE:] else None,
        "verbs": Verb.choices, "verb": verb, "who": who,
        "organizers": organizers.values_list("organizer", F("organizer__username")),
    }  # fmt: skip
    return render(request, "desk/trail/trail.html", context)
