"""Functions that several pages of the desk use."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from declaration.models import Text
from signatories.models import Act, Signature

# The history that an entry of the queue shows. Acts of the signer are left out: they were no decision of the desk.
ACTS_OF_THE_DESK = Prefetch("acts", Act.objects.of_the_desk().select_related("organizer").order_by("pk"))


def is_open(request: HttpRequest) -> bool:
    """Whether a text is published, so that people can sign; asked of the database once for each page."""
    if not hasattr(request, "is_open"):
        request.is_open = Text.objects.published().exists()  # type: ignore[attr-defined]
    return bool(request.is_open)  # type: ignore[attr-defined]


def signature_or_404(pk: int) -> Signature:
    """Load a signature with everything its entry shows. Raises Http404."""
    return get_object_or_404(Signature.objects.select_related("text").prefetch_related(ACTS_OF_THE_DESK), pk=pk)


def tell_result(request: HttpRequest, done: bool, words: str) -> None:
    """Show on the next page what was done, or that another organizer did it first."""
    messages.info(request, words if done else "Nothing was changed: somebody else was quicker, or it was so before.")
