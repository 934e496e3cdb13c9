"""Pages of the reports of readers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk import looks
from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.forms import LookForm
from signatories.desk.reports import services
from signatories.desk.reports.forms import AnswerForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Report, Signature
from signatories.models.organizer import Power

ENTRIES_PAGE = 20
_MOST = (1, 2**31, 2**52, 2**63 - 1)  # of the numbers of a place
_ANSWER = {"take-down": services.take_down, "close": services.close}


@require_safe
@needs(Power.ANSWER_REPORTS)
def reports(request: HttpRequest) -> HttpResponse:
    """Show the entries with open reports, the most urgent first; `?after=` continues below a place."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    after = _place(request)
    context = services.page(ENTRIES_PAGE, after)._asdict() | {"total": services.total(), "after": after} | more
    return render(request, "desk/reports/reports.html", context, status=status)


@require_POST
@needs(Power.ANSWER_REPORTS)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer all reports about one entry."""
    signature = get_object_or_404(Signature, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, wrong_pk=pk, form=form)
    data = form.cleaned_data
    done = _ANSWER[data["answer"]](
        signature_id=pk, newest=data["newest"], reason=data["reason"], organizer=organizer_of(request),
        now=timezone.now(),
    )  # fmt: skip
    down = data["answer"] == "take-down"
    tell_result(request, done, f"{signature.name}: {'taken down; a new edition is made' if down else 'left as it is'}.")
    after = _place(request)
    return SeeOther(reverse("desk-reports", query={"after": str(after)} if after else None))


def _place(request: HttpRequest) -> services.Place | None:
    """Read after which entry the page begins; None for the first page, and for anything odd."""
    numbers = [read_number(part) for part in request.GET.get("after", "").split(".")]
    if len(numbers) != len(_MOST) or any(n is None or n > most for n, most in zip(numbers, _MOST, strict=True)):
        return None
    return services.Place(*(n or 0 for n in numbers))


@require_POST
@needs(Power.LOOK_AT_ADDRESSES)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the address a reader left, in this answer only."""
    report = get_object_or_404(Report.objects.exclude(address_sealed=b"").select_related("signature"), pk=pk)
    form = LookForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, not_revealed=pk, look_form=form)
    address = looks.reveal(row=report, organizer=organizer_of(request), reason=form.cleaned_data["reason"])
    return _page(request, revealed=pk, address=address)
