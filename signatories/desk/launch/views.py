"""The launch as one page: when everybody sees everything, what is ready, and the switch."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from signatories.desk.access import needs
from signatories.desk.launch import plan
from signatories.desk.start.steps import Status
from signatories.models.organizer import Power


@require_safe
@needs(Power.EDIT_TEXTS)
def launch(request: HttpRequest) -> HttpResponse:
    """Show the plan, as far as the reader's role may see it."""
    assert isinstance(request.user, User)  # noqa: S101 - for the type checker
    now = timezone.now()
    moment, items = plan.moment(now), plan.check_list(request.user, now)
    context = {
        "now": now, "moment": moment, "left": plan.time_left(moment.at, now) if moment.at else "", "items": items,
        "done": sum(item.status == Status.DONE for item in items),
    }  # fmt: skip
    return render(request, "desk/launch/launch.html", context)
