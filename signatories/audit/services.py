"""Writing acts: what organizers did and looked at. See signatories/models/act.py."""

from django.contrib.auth.models import AbstractBaseUser

from signatories.models import Act
from signatories.models.act import Verb


def record_edit(organizer: AbstractBaseUser, what: str) -> None:
    """Record an edit of a page, a rule or a switch. To be called in the transaction of the edit."""
    Act.objects.create(verb=Verb.EDIT, organizer_id=organizer.pk, reason=what)
