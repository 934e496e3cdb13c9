"""What the pages of the desk share."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from signatories.models import Signature


def signature_or_404(pk: int) -> Signature:
    """A signature with what its entry shows. Raises Http404."""
    return get_object_or_404(Signature.objects.select_related("text").prefetch_related("acts__organizer"), pk=pk)


def say(request: HttpRequest, done: bool, words: str) -> None:
    """Tell on the next page what was done, or that somebody was quicker."""
    messages.info(request, words if done else "Nothing was changed: somebody else was quicker, or it was so before.")
