"""The verbs of the own page: ask for its link, mend, show or hide, withdraw, undo. Each is harmless when repeated."""

import os
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from signatories.identity import links, mailbox, names
from signatories.identity.links import Purpose
from signatories.identity.repeats import same_form_digest
from signatories.lifecycle.mailboxes import lock_mailbox
from signatories.models import OutboundMail, Signature
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.models.signup import new_nonce
from signatories.screening import holds
from signatories.signing.services import ConfirmedInput
from signatories.tally import services as tally

# What the mailbox is told of when it changes; the rest is seen on the page.
_TOLD = ("name", "name_latin", "named")


@dataclass(frozen=True, kw_only=True)
class SignatureUpdate(ConfirmedInput):
    """What a signer may change on the own page."""

    news: bool = False


def ask(*, address: str, language: str, now: datetime) -> None:
    """Have the link to the own page mailed to `address`. One INSERT, no look-up, whoever is in the database."""
    OutboundMail.objects.bulk_create(
        [
            OutboundMail(
                kind=MailKind.LINK, language=language,
                once=same_form_digest(b"ask", (mailbox.fold(address), language), now),
                address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
                domain=mailbox.domain_of(address),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def find(*, link: str, purpose: Purpose) -> Signature | None:
    """The signature a link was made for, however old; None if it is not one of ours or was revoked."""
    row = links.row_of(link)
    signature = Signature.objects.select_related("text").filter(pk=row).first() if row else None
    return signature if signature and links.proves(link, purpose, signature.pk, signature.nonce) else None


def mended_by(signature: Signature) -> SignatureUpdate:
    """The signature as it stands: the start of the form."""
    fields = {field: getattr(signature, field) for field in SignatureUpdate.__dataclass_fields__}
    return SignatureUpdate(**fields | {"country": signature.country.code or ""})


def mend(*, signature_id: int, mended: SignatureUpdate, now: datetime) -> bool:
    """Change what the signer says of themselves; False if nothing changed or it is withdrawn.

    A changed name is told to the mailbox, and held again if it looks like a watched one or like another person.
    Raises Signature.DoesNotExist.
    """
    with transaction.atomic():
        signature = _locked(signature_id)
        before = mended_by(signature)
        mended = _filed_anew(mended, before)
        if signature.state == State.WITHDRAWN or mended == before:
            return False
        tally.record(signature, -1)
        for field, value in asdict(mended).items():
            setattr(signature, field, value)
        signature.set_keys()
        _hold_again(signature, before, mended)
        signature.changed_at = now
        signature.save()
        tally.record(signature, +1)
        if any(getattr(before, field) != getattr(mended, field) for field in _TOLD):
            tell(MailKind.CHANGED, signature)
        return True


def _filed_anew(mended: SignatureUpdate, before: SignatureUpdate) -> SignatureUpdate:
    """What was guessed from a name that is mended now is guessed anew."""
    if mended.filed_under in ("", names.guess_filing(before.name)):
        return SignatureUpdate(**asdict(mended) | {"filed_under": names.guess_filing(mended.name)})
    return mended


def _hold_again(signature: Signature, before: SignatureUpdate, after: SignatureUpdate) -> None:
    """Hold what a person has not looked at yet; what was published with a reason once is not held for it twice."""
    known = holds.reasons(holds.candidate(before))
    new = [reason for reason in holds.reasons(holds.candidate(after)) if reason not in known]
    if not names.may_be_one_person(before.name, after.name):
        new.append(holds.RENAMED)
    if new and signature.state in (State.PUBLISHED, State.HELD):
        kept = signature.held_for if signature.state == State.HELD else []
        signature.held_for = list(dict.fromkeys([*kept, *new]))
        signature.state = State.HELD


def withdraw(*, signature_id: int, now: datetime) -> bool:
    """Take a signature off every page at once; False if it was withdrawn before. Told to the mailbox.

    The private links of before are dead; the mail holds one that undoes this for UNDO_DAYS, after which the person is
    erased (see signatories/privacy/retention.py). Raises Signature.DoesNotExist.
    """
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature.state == State.WITHDRAWN:
            return False
        take_off(signature, nonce=new_nonce(), now=now)
        tell(MailKind.WITHDRAWN, signature)
        return True


def take_off(signature: Signature, *, nonce: bytes, now: datetime) -> None:
    """Withdraw a locked, live signature without a word to anybody; `nonce` makes the link that undoes it."""
    tally.record(signature, -1)
    signature.withdrawn_from, signature.state = signature.state, State.WITHDRAWN
    signature.withdrawn_at = signature.changed_at = now
    signature.nonce, signature.featured = nonce, None
    signature.save()
    tally.record(signature, +1)


def undoable(signature: Signature, now: datetime) -> bool:
    """Whether the withdrawal can still be undone."""
    return (
        signature.state == State.WITHDRAWN
        and signature.erased_at is None
        and not links.is_expired(Purpose.UNDO, signature.withdrawn_at, now)
    )


def signed_anew(signature: Signature) -> bool:
    """Whether the mailbox has given another signature since, which keeps the withdrawn one from coming back."""
    if signature.representative:
        return False
    places = Signature.objects.of_mailbox(mailbox.digests_of(signature))
    return places.filter(mailbox_place=signature.mailbox_place).exists()


def undo(*, signature_id: int, now: datetime) -> bool:
    """Put a withdrawn signature back to the state it was in; False if it is too late or the mailbox has signed anew.

    Raises Signature.DoesNotExist.
    """
    try:
        with transaction.atomic():
            lock_mailbox(mailbox.digests_of(Signature.objects.get(pk=signature_id)))
            signature = _locked(signature_id)
            if not undoable(signature, now) or signed_anew(signature):
                return False
            tally.record(signature, -1)
            signature.address_digest = mailbox.digest_now(signature)[0]
            signature.state, signature.withdrawn_from = signature.withdrawn_from, ""
            signature.withdrawn_at, signature.changed_at = None, now
            signature.save()
            tally.record(signature, +1)
            return True
    except IntegrityError as error:
        if "signature_one_per_mailbox_place" in str(error):
            return False
        raise


def tell(kind: MailKind, signature: Signature) -> None:
    """Write to the mailbox of a signature. To be called in the transaction of what is told."""
    OutboundMail.objects.create(
        kind=kind, signature=signature, language=signature.language, once=os.urandom(32),
        address_sealed=signature.address_sealed, address_digest=signature.address_digest,
        domain=signature.domain,
    )  # fmt: skip


def _locked(signature_id: int) -> Signature:
    return Signature.objects.select_for_update(of=("self",)).get(pk=signature_id)
