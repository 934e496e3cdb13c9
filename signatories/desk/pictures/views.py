"""The pages of pictures for the press, and the one address at which a larger file is read."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from declaration.web.uploads import TOO_LARGE, UploadRefused, larger_upload
from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.pictures import services
from signatories.desk.pictures.forms import PictureForm, PlaceForm, WordsForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import PressPicture
from signatories.models.organizer import Power, may
from signatories.models.press_picture import MOST

LARGEST = 8_000_000  # bytes of the form with its file; the Caddyfile has this number, too


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # Django would read the whole form for its token, before anybody has asked who sends it
def pictures(request: HttpRequest) -> HttpResponseBase:
    """Show all pictures; POST adds one.

    Only who may add one is read beyond the bound of all forms, one at a time in a process; the session alone says who
    that is, and the token is looked at afterwards. For all others this is a form like any other.
    """
    if request.method != "POST" or not may(request.user, Power.EDIT_TEXTS):
        return _pictures(request)
    try:
        with larger_upload(request, LARGEST):
            return _pictures(request)
    except UploadRefused as refused:
        if refused.status == TOO_LARGE:
            return _refused(request, TOO_LARGE, "The file is larger than 8 MB. Nothing of it was read.")
        return _refused(request, refused.status, "Another file is being read. Please send yours again in a minute.")


@csrf_protect
@needs(Power.EDIT_TEXTS)
def _pictures(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, PictureForm())
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.add(drawn=form.drawn, values=form.values(), organizer=organizer_of(request))
        except services.AlreadyThere:
            form.add_error("file", "This picture is there already.")
        except services.TooMany:
            form.add_error(None, f"There are {MOST} pictures, the most that are possible. Please delete one first.")
        else:
            tell_result(request, True, "It stands on the page for the press now.")
            return SeeOther(reverse("desk-pictures"))
    return _page(request, form, UNPROCESSABLE)


@needs(Power.EDIT_TEXTS)
def _refused(request: HttpRequest, status: int, why: str) -> HttpResponse:
    return _page(request, PictureForm(), status, refused=why)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_TEXTS)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one picture; POST changes its words."""
    found = get_object_or_404(PressPicture.objects.in_order(), pk=pk)
    form = WordsForm(request.POST if request.method == "POST" else None, initial=WordsForm.words_of(found))
    if request.method == "POST" and form.is_valid():
        done = services.change(picture_id=pk, values=form.values(), organizer=organizer_of(request))
        return _back(request, done, "Saved.")
    context = {"picture": found, "form": form}
    return render(request, "desk/pictures/picture.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@needs(Power.EDIT_TEXTS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a picture another place."""
    form = PlaceForm(request.POST)
    done = form.is_valid() and services.set_place(
        picture_id=pk, to=form.cleaned_data["to"], organizer=organizer_of(request)
    )
    return _back(request, done, "Moved.")


@require_POST
@needs(Power.EDIT_TEXTS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a picture."""
    return _back(request, services.remove(picture_id=pk, organizer=organizer_of(request)), "Deleted, the file too.")


def _page(request: HttpRequest, form: PictureForm, status: int = 200, refused: str = "") -> HttpResponse:
    context = {"form": form, "pictures": PressPicture.objects.in_order(), "most": MOST, "refused": refused}
    return render(request, "desk/pictures/pictures.html", context, status=status)


def _back(request: HttpRequest, done: bool, words: str) -> HttpResponse:
    tell_result(request, done, words)
    return SeeOther(reverse("desk-pictures"))
