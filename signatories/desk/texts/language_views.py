"""The page of the languages: which are on, and what of the site is there in each."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from declaration import languages as known
from declaration.models import PressPage, Text
from signatories.desk.access import needs
from signatories.desk.texts import versions
from signatories.models import settings as site
from signatories.models.organizer import Power


@require_safe
@needs(Power.EDIT_TEXTS)
def languages(request: HttpRequest) -> HttpResponse:
    """Show for each language that has a catalogue: interface, doubts, text, page for the press."""
    newest = max((text.version for text in Text.objects.published().only("version")), default=0)
    state = {each.code: each for each in known.translations()}
    press = set(PressPage.objects.values_list("language", flat=True))
    rows = [
        {
            "code": code, "name": name, "is_on": known.is_on(code), "interface": state.get(code),
            "text": Text.objects.current(code), "press": code in press,
        }
        for code, name in known.known()
    ]  # fmt: skip
    context = {
        "rows": rows, "newest": newest, "original": known.name_of(site.current(timezone.now()).original_language),
        "main": known.name_of(settings.LANGUAGE_CODE), "next": versions.next_number(versions.newest_first()),
    }  # fmt: skip
    return render(request, "desk/texts/languages.html", context)
