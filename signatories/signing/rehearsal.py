"""The rehearsal of a signature: an organizer tries the whole way before the declaration is open, and nothing remains.

The signup goes the real way, through outbox, worker and mail to the page with the button. It locks no text, is left out
of all counts (`SignupQuerySet.of_signers`), and the database refuses to make a signature of it.
"""

import os
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from declaration.models import Text
from signatories.audit.services import by_organizer, record
from signatories.identity import links
from signatories.models import Setup, Signup
from signatories.models.act import Verb
from signatories.models.signer_fields import SignerInput
from signatories.signing import services


def begin(*, signer: SignerInput, language: str, text: Text, organizer: User) -> Signup:
    """Store a rehearsal for the address of the organizer's account; an earlier one ends. Its mail is due at once."""
    with transaction.atomic():
        setup = Setup.locked()
        Signup.objects.filter(rehearsal=True).delete()
        typed = services.columns(signer=signer, address=organizer.email, language=language, text=text)
        made = Signup.objects.create(**typed, rehearsal=True, form_digest=os.urandom(32))
        setup.rehearsal_signup, setup.rehearsal_nonce = made.pk, bytes(made.nonce)
        setup.rehearsal_by, setup.rehearsed_at = organizer, None
        setup.save()
        return made


def confirm(*, signup_id: int, now: datetime) -> bool:
    """Delete the signup, and write down that the rehearsal was done, and by whom. False if it has ended already."""
    with transaction.atomic():
        setup = Setup.locked()
        deleted, _by_model = Signup.objects.filter(pk=signup_id, rehearsal=True).delete()
        if not deleted or setup.rehearsal_signup != signup_id or setup.rehearsal_by is None:
            return False
        setup.rehearsed_at = now
        setup.save(update_fields=["rehearsed_at"])
        record(Verb.EDIT, by=by_organizer(setup.rehearsal_by, "a rehearsal signature was confirmed"))
        return True


def was_confirmed_by(link: str) -> bool:
    """Whether this link has confirmed the rehearsal: for a second press of the button, or an old mail."""
    row = links.row_of(link, links.Purpose.CONFIRM)
    setup = Setup.objects.filter(rehearsal_signup=row or 0).exclude(rehearsed_at=None).first()
    nonce = bytes(setup.rehearsal_nonce or b"") if setup else b""
    return bool(setup and links.proves(link, links.Purpose.CONFIRM, setup.rehearsal_signup or 0, nonce))
