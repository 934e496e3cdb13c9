"""The desk over HTTP: thin doors to services.py."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.models import Signature
from signatories.models.signature import State
from signatories.moderation.access import organizers_only


@require_safe
@organizers_only
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits for a person, oldest first."""
    held = Signature.objects.filter(state=State.HELD).order_by("confirmed_at")
    return render(request, "desk/queue.html", {"held": held[:50], "waiting": held.count()})
