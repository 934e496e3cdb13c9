"""The lists of networks and mail domains as files."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.lists import list_files
from signatories.gathering.reading import FileRefused
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models.organizer import Power


class _FileForm(forms.Form):
    file = forms.FileField()


@require_safe
@needs(Power.EDIT_RULES)
def export(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(list_files.exported(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="lists.csv"'
    return response


@require_POST
@needs(Power.EDIT_RULES)
def take(request: HttpRequest) -> HttpResponse:
    """List what stands in a file, all of it or nothing."""
    form = _FileForm(request.POST, request.FILES)
    words, wrong = "Please choose a file.", []
    if form.is_valid():
        try:
            new = list_files.take(content=form.cleaned_data["file"].read(), organizer=organizer_of(request))
        except FileRefused as refused:
            words = str(refused)
        except list_files.ListRefused as refused:
            words, wrong = "Nothing of this file is listed, because some lines are wrong:", refused.wrong
        else:
            tell_result(request, True, f"The file is listed; {new} were not before.")
            return SeeOther(reverse("desk-lists"))
    return render(request, "desk/lists/list_wrong.html", {"words": words, "wrong": wrong}, status=UNPROCESSABLE)
