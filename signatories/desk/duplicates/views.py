"""Pages of the groups of signatures that may be one person's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.duplicates import services
from signatories.desk.duplicates.forms import GroupForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models.organizer import Power

GROUPS_PAGE = 10  # each is half a screen tall


@require_safe
@needs(Power.MERGE_DUPLICATES)
def groups(request: HttpRequest) -> HttpResponse:
    """Show a page of groups side by side, likeliest first; `?after=` continues below a place."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    after = _place(request)
    context = services.page(GROUPS_PAGE, after)._asdict() | {"total": services.total(), "after": after} | more
    return render(request, "desk/duplicates/duplicates.html", context, status=status)


@require_POST
@needs(Power.MERGE_DUPLICATES)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a group into one of it, or remember that it is different people; lead back to the page where it stood."""
    form = GroupForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, wrong_pk=pk, form=form)
    organizer, said = organizer_of(request), form.cleaned_data
    if said["answer"] == "merge":
        gone = services.merge(
            keep=said["keep"], others=form.others(), apart=form.apart(), organizer=organizer,
            reason=said["reason"], now=timezone.now(),
        )  # fmt: skip
        words = f"{gone} signature{pluralize(gone)} withdrawn; the mailboxes are told."
        tell_result(request, bool(gone), words)
    else:
        done = services.mark_distinct(members=said["member"], organizer=organizer, reason=said["reason"])
        tell_result(request, bool(done), "Remembered: different people.")
    after = _place(request)
    return SeeOther(reverse("desk-doubles", query={"after": str(after)} if after else None))


def _place(request: HttpRequest) -> services.Place | None:
    """Read after which group the page begins; None for the first page, and for anything odd."""
    score, dot, pk = request.GET.get("after", "").partition(".")
    numbers = read_number(score), read_number(pk)
    if not dot or numbers[0] is None or numbers[1] is None or numbers[0] > 2**15 - 1 or numbers[1] > 2**63 - 1:
        return None
    return services.Place(numbers[0], numbers[1])
