"""What the pages of the desk share."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from signatories.models import Act, Signature

# What an entry of the queue shows of the history: not what the signer did.
ACTS_OF_THE_DESK = Prefetch("acts", Act.objects.of_the_desk().select_related("organizer").order_by("pk"))


def signature_or_404(pk: int) -> Signature:
    """A signature with what its entry shows. Raises Http404."""
    return get_object_or_404(Signature.objects.select_related("text").prefetch_related(ACTS_OF_THE_DESK), pk=pk)


def say(request: HttpRequest, done: bool, words: str) -> None:
    """Tell on the next page what was done, or that somebody was quicker."""
    messages.info(request, words if done else "Nothing was changed: somebody else was quicker, or it was so before.")
