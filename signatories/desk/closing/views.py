"""The end of signing: the switch, what follows from it, and the day on which addresses are deleted."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.closing import steps
from signatories.desk.closing.forms import AddressesForm, WordsForm
from signatories.desk.common import is_open, tell_result
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.models import Closing
from signatories.models.organizer import Power
from signatories.operations import closing as services


@require_safe
@needs(Power.OPEN)
def closing(request: HttpRequest) -> HttpResponse:
    """Show how far the end is."""
    return _page(request)


@require_POST
@needs(Power.OPEN)
@fresh_factor
def end(request: HttpRequest) -> HttpResponse:
    """End signing."""
    if not is_open(request):
        return _page(request, not_open=True, status=CONFLICT)
    done = services.end(organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Signing has ended: within ten seconds every page says so.")
    return SeeOther(reverse("desk-closing"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def reopen(request: HttpRequest) -> HttpResponse:
    """Let people sign again."""
    done = services.reopen(organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "People can sign again, within ten seconds.")
    return SeeOther(reverse("desk-closing"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def words(request: HttpRequest) -> HttpResponse:
    """Store what visitors read beside the end."""
    form = WordsForm(request.POST, row=Closing.current())
    if not form.is_valid():
        return _page(request, words_form=form, status=UNPROCESSABLE)
    tell_result(request, services.tell(words=form.cleaned_data, organizer=organizer_of(request)), "Saved.")
    return SeeOther(reverse("desk-closing"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def edition(request: HttpRequest) -> HttpResponse:
    """Ask for the last edition once more."""
    done = services.ask_last_edition(organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "The last edition is asked for. It is built as soon as the worker is free.")
    return SeeOther(reverse("desk-closing"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def addresses(request: HttpRequest) -> HttpResponse:
    """Set the day on which addresses are deleted; with `keep` they stay until somebody sets one."""
    row, now = Closing.current(), timezone.now()
    if row.ended_at is None or row.addresses_are_going(now):
        return _page(request, status=CONFLICT)
    form = AddressesForm(request.POST, row=row, now=now)
    if "keep" not in request.POST and not form.is_valid():
        return _page(request, addresses_form=form, status=UNPROCESSABLE)
    day = None if "keep" in request.POST else form.cleaned_data["day"]
    done = services.keep_addresses_until(day=day, organizer=organizer_of(request), now=now)
    told = f"Mail addresses are deleted on {day:%-d %B %Y}." if day else "Mail addresses stay until you set a day."
    tell_result(request, done, f"{told} The page on privacy says so.")
    return SeeOther(f"{reverse('desk-closing')}#addresses")


def _page(request: HttpRequest, *, status: int = 200, **told: object) -> HttpResponse:
    now, row = timezone.now(), Closing.current()
    context: dict[str, object] = {"row": row, "now": now, "words_form": WordsForm(row=row)}
    context |= {"opened": is_open(request), "days": settings.END_DAYS}
    if row.ended_at:
        context |= {"end": row.end, "steps": steps.steps_of(row), "kept": steps.kept(row)}
        context["going"] = row.addresses_are_going(now)
        if not context["going"]:
            context["addresses_form"] = AddressesForm(row=row, now=now)
    return render(request, "desk/closing/closing.html", context | told, status=status)
