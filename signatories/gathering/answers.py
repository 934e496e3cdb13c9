"""What an invitee answers: they sign, or say no, or say that they never agreed to be asked. One press each."""

import hashlib
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from declaration.models import Text, lock
from signatories.gathering import people
from signatories.identity import links, mailbox
from signatories.identity.links import Purpose
from signatories.models import GatheredBatch, Invitee, Signup, StoppedMailbox
from signatories.models.gathering import FILES, Answer
from signatories.models.mailing import MailState
from signatories.models.signer_fields import ConfirmedInput, SignerInput
from signatories.partners import channels
from signatories.signing import services as signing

# From so many, and such a share of those asked, a batch is paused, and organizers are told.
FEWEST_DOUBTS, SHARE_OF_DOUBTS = 5, 0.02


def find(link: str) -> Invitee | None:
    """The invitation a link was made for, whatever became of it; None if it is not one of ours."""
    row = links.row_of(link, Purpose.GATHERED)
    asked = Invitee.objects.select_related("batch__partner").defer(*FILES).filter(asked_at__isnull=False)
    found = asked.filter(pk=row).first() if row else None
    return found if found and links.proves(link, Purpose.GATHERED, found.pk, found.nonce) else None


def is_over(invitee: Invitee, now: datetime) -> bool:
    """Whether an invitation takes no answer any more: it has one, or LINK_DAYS have passed, pauses included."""
    if invitee.answer != Answer.NONE or invitee.asked_at is None:
        return True
    return ends_at(invitee.asked_at) <= now


def ends_at(asked_at: datetime) -> datetime:
    """When an invitation takes no answer any more, and what we were told of the person is deleted.

    It is the day that the person was told: unlike other mailed links it lives no longer when signing is paused.
    """
    return asked_at + Purpose.GATHERED.lifetime


def sign(
    *, invitee_id: int, said: ConfirmedInput, news: bool, text: Text, consent_version: str, now: datetime
) -> Signup | None:
    """Sign: the mailbox is proven, because its mail led here. Returns the signup, whose page tells everything else.

    Where the mailbox has signed before, that page asks what is meant, and nothing is confirmed yet. A repeat returns
    the same signup; None if it is forgotten, or another answer was given. Raises TextChanged.
    """
    lock(text=text, now=now)
    with transaction.atomic():
        invitee = Invitee.objects.select_for_update(of=("self",)).select_related("batch").get(pk=invitee_id)
        if invitee.answer != Answer.NONE:
            return signup_of(invitee)
        address = mailbox.unseal(bytes(invitee.address_sealed))
        typed = SignerInput(**{field: value for field, value in asdict(said).items() if field != "filed_under"})
        signup = Signup.objects.create(
            **signing.columns(signer=typed, address=address, language=invitee.language, text=text)
            | {"consent": consent_version, "news": news, "source": "invited", "form_digest": _form_digest(invitee)},
            channel=channels.of_invitations(invitee.batch.partner_id),
            mail_state=MailState.SENT, sent_at=now, created_at=now,
        )  # fmt: skip
        people.forget(Invitee.objects.filter(pk=invitee.pk), answer=Answer.SIGNED, now=now)
        if not signing.given_before(signup).signatures:
            signing.confirm(signup_id=signup.pk, corrections=said, now=now)
        return signup


def signup_of(invitee: Invitee) -> Signup | None:
    """The signup with which an invitee has signed, as long as it is kept."""
    return Signup.objects.filter(form_digest=_form_digest(invitee)).first()


def refuse(*, invitee_id: int, never: bool, now: datetime) -> bool:
    """Forget somebody who says no; their mailbox gets no mail any more that others cause. False if they answered."""
    with transaction.atomic():
        invitee = Invitee.objects.select_for_update().get(pk=invitee_id)
        if invitee.answer != Answer.NONE or invitee.is_test:
            return False
        digest, key = mailbox.digest_now(invitee)
        stopped = StoppedMailbox(address_digest=digest, stopped_at=now, digest_key=key)
        StoppedMailbox.objects.bulk_create([stopped], ignore_conflicts=True)
        said = Answer.NEVER if never else Answer.DECLINED
        people.forget(Invitee.objects.filter(pk=invitee.pk), answer=said, now=now)
    if never:
        _doubt(invitee.batch_id, now)
    return True


def allow_again(invitee: Invitee) -> None:
    """Allow mails again to somebody who said no and has changed their mind."""
    signing.allow_mails([bytes(invitee.address_digest)])


def _doubt(batch_id: int, now: datetime) -> None:
    """Pause a batch of which too many say that they never agreed; the alarm is raised from the row."""
    asked = Invitee.objects.filter(batch=batch_id, asked_at__isnull=False)
    doubts = asked.filter(answer=Answer.NEVER).count()
    if doubts >= FEWEST_DOUBTS and doubts >= SHARE_OF_DOUBTS * asked.count():
        GatheredBatch.objects.filter(pk=batch_id, doubted_at=None).update(doubted_at=now, paused_at=now)


def _form_digest(invitee: Invitee) -> bytes:
    return hashlib.sha256(b"invited\0" + str(invitee.pk).encode() + bytes(invitee.nonce)).digest()
