"""The page that keeps a form until its sender, who has shown the second factor by now, sends it once more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from signatories.desk.access import TO_REPEAT, needs
from signatories.models.organizer import Power

_WORDS = ("address", "role", "answer", "reason")  # what a person has typed or chosen; the rest is hidden in the form


@require_safe
@needs(Power.LOOK_AT_NUMBERS)
def repeat(request: HttpRequest) -> HttpResponse:
    """Show what was typed, and the button that sends it."""
    form = request.session.get(TO_REPEAT)
    if form is None:
        return redirect("desk")
    words = [(name, value) for name, value in form["typed"] if name in _WORDS and value]
    return render(request, "desk/repeat.html", form | {"words": words})
