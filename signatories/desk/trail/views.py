"""The page of the audit trail."""

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.desk.access import needs
from signatories.http import read_number
from signatories.models import Act
from signatories.models.act import Verb
from signatories.models.organizer import Power

TRAIL_PAGE = 100


@require_safe
@needs(Power.READ_TRAIL)
def trail(request: HttpRequest) -> HttpResponse:
    """Show the acts of all organizers, also that they looked at an address, newest first.

    Moderators and administrators see the acts of the others, so that they can check each other.
    """
    acts = Act.objects.of_the_desk().select_related("organizer", "signature").order_by("-pk")
    before, who = (read_number(request.GET.get(name, "")) for name in ("before", "organizer"))
    verb = request.GET.get("verb", "")
    if before is not None:
        acts = acts.filter(pk__lt=before)
    if verb in Verb.values:
        acts = acts.filter(verb=verb)
    if who is not None:
        acts = acts.filter(organizer_id=who)
    page = list(acts[: TRAIL_PAGE + 1])
    # Asked of the few accounts, each by the index of its acts: to find the distinct ones, all acts would be read.
    has_acted = Exists(Act.objects.filter(organizer=OuterRef("pk")))
    organizers = get_user_model().objects.filter(has_acted).order_by("pk")
    context = {
        "acts": page[:TRAIL_PAGE],
        "more": page[TRAIL_PAGE - 1].pk if page[TRAIL_PAGE:] else None,
        "verbs": Verb.choices, "verb": verb, "who": "" if who is None else str(who),
        "organizers": organizers.values_list("pk", "username"),
    }  # fmt: skip
    return render(request, "desk/trail/trail.html", context)
