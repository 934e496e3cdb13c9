"""The verbs of the own page: ask for its link, mend, show or hide, let others show, withdraw, undo.

Each is harmless when repeated.
"""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from signatories.audit.services import BY_SIGNER, By, Changed, act, add
from signatories.identity import consent, links, mailbox, names
from signatories.identity.filing import guess_filing, was_guessed
from signatories.identity.links import Purpose
from signatories.identity.repeats import same_form_digest
from signatories.identity.same_person import Likeness, likeness
from signatories.lifecycle import transitions
from signatories.lifecycle.mailboxes import lock_mailbox
from signatories.lifecycle.transitions import Locked
from signatories.models import Act, Card, OutboundMail, Signature, signer_fields
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.profession import is_group
from signatories.models.signature import State, VerifiedAs
from signatories.models.signer_fields import ConfirmedInput
from signatories.models.signup import new_nonce
from signatories.screening import holds, standing

RESTORED_SHOWN = timedelta(hours=1)  # after an undo, its page leads to the own page


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
    row = links.row_of(link, purpose)
    signature = Signature.objects.select_related("text").filter(pk=row).first() if row else None
    return signature if signature and links.proves(link, purpose, signature.pk, signature.nonce) else None


def update_of(signature: Signature) -> SignatureUpdate:
    """The signature as it stands: the start of the form."""
    return SignatureUpdate(**signer_fields.input_values(signature, SignatureUpdate))


def mend(*, signature_id: int, update: SignatureUpdate, now: datetime, by: By = BY_SIGNER) -> bool:
    """Change what the signer says of themselves; False if nothing changed or it is withdrawn.

    A changed name is told to the mailbox, and held again if it looks like a watched one, may be another person's, or is
    that of a group. What matches a rule about who comes, and did not before, is held for it, too.
    Raises Signature.DoesNotExist.
    """
    with transaction.atomic():
        locked = transitions.lock_one(Verb.CORRECT, by, signature_id)
        if locked is None:
            return False
        signature = locked.signature
        before = update_of(signature)
        update = _filed_anew(update, before, signature.language)
        if update == before:
            return False
        old_rules = standing.reasons(signature, b"", now)
        for field, value in asdict(update).items():
            setattr(signature, field, value)
        signature.set_keys()
        new_rules = [reason for reason in standing.reasons(signature, b"", now) if reason not in old_rules]
        _hold_again(signature, before, update, new_rules)
        transitions.store(locked, _verb(before, update), by=by, now=now, changed=_changed(before, update))
        if not update.named:
            Card.objects.filter(signature=signature).delete()
        if _is_told(before, update):
            tell(MailKind.CHANGED, signature)
        return True


def _is_told(before: SignatureUpdate, after: SignatureUpdate) -> bool:
    told = [field.column for field in signer_fields.FIELDS if field.told]
    return any(getattr(before, column) != getattr(after, column) for column in told)


def _changed(before: SignatureUpdate, after: SignatureUpdate) -> Changed:
    old, new = asdict(before), asdict(after)
    fields = [field for field in new if old[field] != new[field]]
    return Changed({field: old[field] for field in fields}, {field: new[field] for field in fields})


def _verb(before: SignatureUpdate, after: SignatureUpdate) -> Verb:
    if before.named == after.named:
        return Verb.CORRECT
    return Verb.SHOW if after.named else Verb.HIDE


def _filed_anew(update: SignatureUpdate, before: SignatureUpdate, language: str) -> SignatureUpdate:
    """What was guessed from a name that is mended now is guessed anew; a name that stays keeps its filing."""
    kept = update.filed_under and update.name == before.name
    group, country = is_group(before.profession), before.country
    if kept or not was_guessed(update.filed_under, before.name, language=language, country=country, of_group=group):
        return update
    filing = guess_filing(update.name, language=language, country=update.country, of_group=group)
    return SignatureUpdate(**asdict(update) | {"filed_under": filing})


def _hold_again(
    signature: Signature, before: SignatureUpdate, after: SignatureUpdate, new_rules: Iterable[str]
) -> None:
    """Hold what a person has not looked at yet; what was published with a reason once is not held for it twice.

    What was verified was another name then. A namesake is told from the well-known person by what stands beside it.
    A rejected signature keeps its state, but with the reason, so that no undo publishes it.
    """
    known = holds.name_reasons(holds.candidate(before))
    if signature.verified_as == VerifiedAs.NAMESAKE and not signature.has_words_beside:
        known = []
    new = [reason for reason in holds.name_reasons(holds.candidate(after)) if reason not in known]
    if _is_another(before, after):
        new.append(holds.RENAMED)
    new += new_rules
    if new:
        kept = [] if signature.state == State.PUBLISHED else signature.held_for
        signature.held_for = list(dict.fromkeys([*kept, *new]))
        signature.state = State.REJECTED if signature.state == State.REJECTED else State.HELD
        signature.verified_as = ""


def _is_another(before: SignatureUpdate, after: SignatureUpdate) -> bool:
    """Whether the name is not the one any more that stood before.

    A person may mend a few letters. Of a group one letter is another organisation, so only what says the same stays:
    capitals, accents, spaces and punctuation may change, also of the name in Latin letters, which stands beside it.
    """
    if is_group(before.profession):
        columns = ((before.name, after.name), (before.name_latin, after.name_latin))
        return any(names.spelling(old) != names.spelling(new) for old, new in columns)
    return likeness(before.name, after.name) is Likeness.DIFFERENT


def show_elsewhere(*, signature_id: int, agreed: str, by: By = BY_SIGNER) -> bool:
    """Let others show the name in data and widgets, if the consent `agreed` to allows it; with "" no more.

    False if it is so already or the signature is withdrawn. Who takes it back keeps the version on the row: what was
    agreed to before stays, less this, and a card is deleted.
    """
    wanted = consent.allows_elsewhere(agreed)
    changes: dict[str, Any] = {"shown_elsewhere": wanted} | ({"consent": agreed} if wanted else {})
    with transaction.atomic():
        rows = Signature.objects.live().filter(pk=signature_id, shown_elsewhere=not wanted)
        before = rows.select_for_update(of=("self",)).first()
        if before is None:
            return False
        Signature.objects.filter(pk=signature_id).update(**changes)
        if not wanted:
            Card.objects.filter(signature=signature_id).delete()
        told = Changed({name: getattr(before, name) for name in changes}, changes)
        state = State(before.state)
        add([act(Verb.CONSENT, by=by, signature=before, before=state, after=state, changed=told)])
        return True


def withdraw(*, signature_id: int, now: datetime, by: By = BY_SIGNER) -> bool:
    """Take a signature off every page at once; False if it was withdrawn before. Told to the mailbox.

    The private links of before are dead; the mail holds one that undoes this for UNDO_DAYS, after which the person is
    erased (see signatories/privacy/retention.py). Raises Signature.DoesNotExist.
    """
    with transaction.atomic():
        locked = transitions.lock_one(Verb.WITHDRAW, by, signature_id)
        if locked is None:
            return False
        take_off(locked, Verb.WITHDRAW, by=by, nonce=new_nonce(), now=now)
        tell(MailKind.WITHDRAWN, locked.signature)
        return True


def take_off(locked: Locked, verb: Verb, *, by: By, nonce: bytes, now: datetime) -> None:
    """Withdraw a locked signature without a word to anybody; `nonce` makes the link that undoes it."""
    signature = locked.signature
    signature.withdrawn_from, signature.state = signature.state, State.WITHDRAWN
    signature.withdrawn_at = now
    signature.nonce, signature.featured = nonce, None
    transitions.store(locked, verb, by=by, now=now)
    Card.objects.filter(signature=signature).delete()


def undoable(signature: Signature, now: datetime) -> bool:
    """Whether the withdrawal can still be undone."""
    return (
        signature.state == State.WITHDRAWN
        and signature.erased_at is None
        and not links.is_expired(Purpose.UNDO, signature.withdrawn_at, now)
    )


def restored_lately(signature: Signature, now: datetime) -> bool:
    """Whether a withdrawal was undone within the last hour: who undid it is shown the way on, others are not."""
    restored = Act.objects.filter(signature=signature, verb=Verb.RESTORE).order_by("-pk").first()
    return restored is not None and now - restored.acted_at < RESTORED_SHOWN


def signed_anew(signature: Signature) -> bool:
    """Whether the mailbox has given another signature since, which keeps the withdrawn one from coming back."""
    if signature.representative:
        return False
    places = Signature.objects.of_mailbox(mailbox.digests_of(signature))
    return places.filter(mailbox_place=signature.mailbox_place).exists()


def undo(*, signature_id: int, now: datetime, by: By = BY_SIGNER) -> bool:
    """Put a withdrawn signature back to the state it was in; False if it is too late or the mailbox has signed anew.

    Raises Signature.DoesNotExist.
    """
    try:
        with transaction.atomic():
            lock_mailbox(mailbox.digests_of(Signature.objects.get(pk=signature_id)))
            locked = transitions.lock_one(Verb.RESTORE, by, signature_id)
            if locked is None or not undoable(locked.signature, now) or signed_anew(locked.signature):
                return False
            signature = locked.signature
            signature.address_digest = mailbox.digest_now(signature)[0]
            signature.state, signature.withdrawn_from = signature.withdrawn_from, ""
            signature.withdrawn_at = None
            transitions.store(locked, Verb.RESTORE, by=by, now=now)
            return True
    except IntegrityError as error:
        if "signature_one_per_mailbox_place" in str(error):
            return False
        raise


def tell(kind: MailKind, signature: Signature) -> None:
    """Write to the mailbox of a signature, if its address is kept. Call it in the transaction of what is told."""
    if not signature.address_sealed:
        return
    OutboundMail.objects.create(
        kind=kind, signature=signature, language=signature.language, once=os.urandom(32),
        address_sealed=signature.address_sealed, address_digest=signature.address_digest,
        domain=signature.domain,
    )  # fmt: skip
