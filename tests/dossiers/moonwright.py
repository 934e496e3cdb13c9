"""A watched name, invented; a signature that looks like it; and what organizers find out about it."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk.dossiers import services
from signatories.models import DossierProof, Presence, Signature, WatchedName
from signatories.models.signature import State
from tests.people import enter, organizer, signed

NAME = "Cassius Moonwright"
PRIVATE = "Zyxwprivate"  # in whatever a dossier holds
WORDS = f"{PRIVATE}: called the agency, and he took the telephone."


def watched(name: str = NAME) -> WatchedName:
    return WatchedName.objects.get_or_create(name=name)[0]


def waiting(**changes: Any) -> Signature:
    """A signature that looks like the watched name."""
    watched()
    signature = signed(**{"name": NAME, "address": "cassius@example.org"} | changes)
    assert (signature.state, signature.is_unverified) == (State.HELD, True)
    return signature


def proof(by: AbstractBaseUser, name: str = NAME) -> DossierProof:
    return services.add_proof(watched_id=watched(name).pk, kind="agent", words=WORDS, organizer=by)


def colleague(name: str = "boris", at: datetime | None = None) -> AbstractBaseUser:
    """Another organizer, who was at the desk just now, or at a moment."""
    account, moment = organizer(name), at or timezone.now()
    Presence.objects.create(account_id=account.pk, page="desk", seen_at=moment, opened_at=moment)
    return account


def browser_of(account: AbstractBaseUser) -> Client:
    return enter(Client(), account)


def state_of(signature: Signature) -> tuple[str, str]:
    """The state in the database, and as what it is verified."""
    found = Signature.objects.get(pk=signature.pk)
    return found.state, found.verified_as
