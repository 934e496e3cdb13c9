"""Pages for those who check us: how signatures are verified, with live figures, and a sample of names."""

import csv
from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from signatories.editions import csv_file
from signatories.http import UNPROCESSABLE
from signatories.listing import explained
from signatories.models import Signature
from signatories.models.public_change import ChangeReason
from signatories.press import sample, verification

LONGEST_SEED = 100
_BIGGEST_NUMBER = 2**31 - 1
_LINKS = {
    "corrections": "listing-corrections", "sample": "press-sample",
    "presence": "press-presence", "verify": "press-verify",
}  # fmt: skip


class SampleForm(forms.Form):
    """Which names to draw. Without `up_to` they are drawn of all there are now."""

    size = forms.IntegerField(
        label=_("How many names"),
        min_value=1,
        max_value=sample.MOST,
        initial=50,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            format_lazy(_("Please type a number from 1 to {most}."), most=sample.MOST),
        ),
    )
    seed = forms.CharField(
        label=_("Seed"),
        max_length=LONGEST_SEED,
        help_text=_("Any word. The same word draws the same names again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            **dict.fromkeys(("required", "null_characters_not_allowed"), _("Please type a word.")),
            "max_length": _("This is too long."),
        },
    )
    up_to = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=_BIGGEST_NUMBER,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("This link to a sample is wrong. Draw a new one here.")
        ),
    )
    format = forms.ChoiceField(
        required=False,
        choices=[("csv", "CSV")],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("The format can be csv. Without one it is a page.")},
    )


@require_safe
def how_we_verify(request: HttpRequest) -> HttpResponse:
    """Show how a signature is verified, what that does not prove, and the figures."""
    figures = verification.latest()
    told = explained.of(figures) if figures else None
    if told is None:
        figures = None
    gone = told.gone if told else {}
    context: dict[str, object] = {
        "figures": figures,
        "explained": told,
        **{f"{name}_url": reverse(url) for name, url in _LINKS.items()},
        "gone": [(ChangeReason(reason).label, count) for reason, count in gone.items()],
        "domains": [(domain, share * 100) for domain, share in figures.found["domains"]] if figures else [],
    }
    if figures:
        now = figures.as_of
        context |= {
            "oldest": timesince(now - timedelta(seconds=figures.found["longest_wait"]), now),
            "average": timesince(now - timedelta(seconds=figures.found["average_wait"]), now),
        }
    return render(request, "press/verification.html", context)


@require_safe
def sample_names(request: HttpRequest) -> HttpResponse:
    """Show the form; with `?size=50&seed=word` the names, which `&up_to=` makes repeatable; `&format=csv` as a file.

    `up_to` is taken as it is, also when that number shows nobody by now: else the whole sample would change with it.
    """
    asked = any(name in request.GET for name in SampleForm.base_fields)
    form = SampleForm(request.GET if asked else None)
    context: dict[str, object] = {"form": form}
    if asked and form.is_valid():
        chosen = form.cleaned_data
        up_to = chosen["up_to"] or sample.highest()
        found = sample.draw(chosen["size"], chosen["seed"], up_to)
        if chosen["format"]:
            return _as_csv(found)
        context |= {"found": found, "up_to": up_to, "as_of": timezone.now()}
    response = render(request, "press/sample.html", context, status=UNPROCESSABLE if form.errors else 200)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _as_csv(found: Sequence[Signature]) -> HttpResponse:
    """Return the sample as the columns that the page shows; nothing is read as a formula."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="sample.csv"'
    written = csv.writer(response, lineterminator="\r\n")
    written.writerow(["number", "name", "profession", "affiliation", "country", "address"])
    for one in found:
        address = f"{settings.SITE_URL}{one.get_absolute_url()}"
        shown = (one.name, str(one.profession_text), one.affiliation, str(one.country.name))
        written.writerow([one.number, *map(csv_file.cell, shown), address])
    return response
