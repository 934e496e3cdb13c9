"""The verbs of signing. Each is one statement or one transaction, and harmless when repeated."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from declaration.models import Text, lock
from signatories.identity import consent, links, mailbox, names
from signatories.identity.filing import guess_filing
from signatories.identity.repeats import same_form_digest
from signatories.lifecycle import transitions
from signatories.lifecycle.mailboxes import PLACES, GivenBefore, lock_mailbox
from signatories.mail import slow
from signatories.models import AnnouncedMailbox, Channel, Membership, Signature, Signup, StoppedMailbox
from signatories.models import settings as site
from signatories.models.closing import signing_end
from signatories.models.person import Person
from signatories.models.signature import State, VerifiedAs
from signatories.models.signer_fields import ConfirmedInput, SignerInput, input_values
from signatories.models.signup import new_nonce
from signatories.screening import announced, holds, standing


@dataclass(frozen=True, kw_only=True)
class Representative:
    """Who signs in another's name: recorded, never shown."""

    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """On which page somebody signed, if it was not our own: of a partner's channel, or of a place in a group."""

    channel: Channel | None = None
    membership: Membership | None = None

    def columns(self) -> dict[str, int]:
        """The columns of the signup that tell it."""
        found = {"channel_id": self.channel, "membership_id": self.membership}
        return {column: row.pk for column, row in found.items() if row}


OURS = Origin()


def sign(
    *,
    signer: SignerInput,
    address: str,
    news: bool,
    language: str,
    text: Text,
    now: datetime,
    representative: Representative | None = None,
    held_for: Sequence[str] = (),
    network: bytes = b"",
    consent_version: str = consent.VERSION,
    origin: Origin = OURS,
) -> None:
    """Store a signup. One INSERT, no look-up: it takes the same time whoever is in the database.

    The confirmation mail is due at once; the row itself is the outbox. `held_for` are reasons to hold it once it is
    confirmed, `network` the digest of where it came from, `consent_version` the sentence that was read, `origin`
    whose page it was. Raises TextChanged.
    """
    lock(text=text, now=now)
    typed = (vars(signer), address.casefold(), news, language, text.pk)
    _insert(
        columns(signer=signer, address=address, language=language, text=text)
        | {"consent": consent_version, "news": news}
        | {"form_digest": same_form_digest(b"form", typed, now), "network": network}
        | ({"held_for": list(held_for)} if held_for else {})
        | ({"mail_due_at": slow.due(now)} if holds.UNSOLVED in held_for else {})
        | origin.columns()
        | _represented(representative)
    )  # fmt: skip


def columns(*, signer: SignerInput, address: str, language: str, text: Text) -> dict[str, Any]:
    """The columns of a new signup, with a nonce of its own, that follow from what was typed and read."""
    return vars(signer) | {
        "language": language, "text_id": text.pk, "consent": consent.VERSION,
        "address_sealed": mailbox.seal(address), "address_digest": mailbox.digest(address),
        "domain": mailbox.domain_of(address), "nonce": new_nonce(),
    }  # fmt: skip


def _represented(by: Representative | None) -> dict[str, Any]:
    return {"representative": by.name, "representative_role": by.role} if by else {}


def _insert(values: dict[str, Any]) -> None:
    """Insert in one statement, committed by itself, values as the database takes them.

    A model's `save` would make a transaction of three round trips. What is not given, such as the moment and the state
    of the mail, the database fills in.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(values)), list(values.values()))


@cache
def _statement(columns: tuple[str, ...]) -> str:
    places = ", ".join(["%s"] * len(columns))
    table = Signup._meta.db_table
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def find(*, link: str, purpose: links.Purpose) -> Signup | None:
    """The signup a link was made for, or None if the link is not one of ours."""
    row = links.row_of(link, purpose)
    signup = Signup.objects.select_related("signature", "text").filter(pk=row).first() if row else None
    if signup and links.proves(link, purpose, signup.pk, signup.nonce):
        return signup
    return None


def expired(signup: Signup, now: datetime) -> bool:
    """Whether the link of an unconfirmed signup is too old; its age counts from the sending of the mail.

    While signing or confirming is paused it grows no older. END_DAYS after the end of signing none is valid.
    """
    if is_over(now) and not signup.rehearsal:
        return signup.confirmed_at is None
    since = signup.sent_at or signup.created_at
    return signup.confirmed_at is None and since < site.opened_until(now, links.Purpose.CONFIRM.lifetime)


def is_over(now: datetime) -> bool:
    """Whether signing has ended so long ago that nobody can confirm any more."""
    end = signing_end()
    return end is not None and now >= end.confirming_until


def find_by_code(*, address: str, code: str, now: datetime) -> Signup | None:
    """The signup whose mail carried `code`, asked together with the address.

    A wrong try of eight characters counts against every open code of the mailbox; after CODE_TRIES the codes are dead,
    the links are not.
    The rows are locked while they are compared and counted, so a race cannot buy more tries. A wrong code costs the
    same statements whoever is in the database, and no wait for the disk that would tell that something was counted.
    """
    if len(code) != links.CODE_LENGTH:  # cut while copying, or another number of the mail
        return None
    open_codes = Signup.objects.filter(
        address_digest__in=mailbox.digests(address),
        sent_at__gt=site.opened_until(now, links.Purpose.CODE.lifetime),
        code_tries__lt=settings.CODE_TRIES,
    )
    if is_over(now):
        open_codes = open_codes.filter(rehearsal=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        for signup in open_codes.order_by("-created_at").select_for_update():
            if links.same_code(code, signup.pk, signup.nonce):
                _instead_of_puzzle(signup)
                return signup
        open_codes.update(code_tries=F("code_tries") + 1)
    return None


def _instead_of_puzzle(signup: Signup) -> None:
    """Who typed the code of the mail need not have solved the puzzle."""
    if holds.UNSOLVED in signup.held_for:
        signup.held_for = [reason for reason in signup.held_for if reason != holds.UNSOLVED]
        signup.save(update_fields=["held_for"])


def said_by(signup: Signup) -> ConfirmedInput:
    """What was typed, with the guessed filing: the start of the confirm page."""
    said = input_values(signup, SignerInput)
    return ConfirmedInput(**said, filed_under=_filing(signup, signup.name, said["country"]))


def _filing(signup: Signup, name: str, country: str) -> str:
    """The word under which a name is filed, as guessed."""
    return guess_filing(name, language=signup.language, country=country, of_group=signup.is_group)


def confirm(*, signup_id: int, corrections: ConfirmedInput, now: datetime, another: bool = False) -> Signature:
    """Turn a signup into a signature: published at once, or held when a rule says so.

    Repeating it, at the same time or later, returns the same signature and counts nothing twice. A mailbox that has
    signed before keeps its signature; only a second person under another name is taken besides, and held. Where only
    the signer knows whether it is one person, `another` says that they are two.
    Raises Signup.DoesNotExist.
    """
    with transaction.atomic():
        signup = (
            Signup.objects.of_signers().select_for_update(of=("self",)).select_related("signature").get(pk=signup_id)
        )
        if signup.signature is not None:
            return signup.signature
        lock_mailbox(mailbox.digests_of(signup))
        for _ in range(PLACES + 1):  # each failure means that another signup of this mailbox was quicker
            places = _places(signup)
            signature = _existing(places, corrections.name, another) or _create(signup, corrections, now, places)
            if signature:
                break
        else:  # others were quicker each time, and are withdrawn within this very moment
            raise IntegrityError("signature_one_per_mailbox_place")
        signup.signature, signup.confirmed_at = signature, now
        signup.save(update_fields=["signature", "confirmed_at"])
        if signup.membership_id:
            _join(signup.membership_id, signature)
        return signature


def _join(membership_id: int, signature: Signature) -> None:
    """Put a member under the group whose link led here, unless somebody was quicker, or the place was taken back."""
    if not Membership.objects.standing().filter(group__members=membership_id, signature=signature).exists():
        Membership.objects.free().filter(pk=membership_id).update(signature=signature)


def _places(signup: Signup) -> list[Signature]:
    """What the mailbox of a signup has signed; nothing when it signs for somebody else, or rehearses."""
    if signup.representative or signup.rehearsal:
        return []
    return list(Signature.objects.of_mailbox(mailbox.digests_of(signup)))


def _existing(places: list[Signature], name: str, another: bool) -> Signature | None:
    """The signature already given for `name`; the likest one when there is no third place."""
    given = GivenBefore(places, name)
    return None if given.leaves_room and (another or not given.is_doubtful) else given.likest


def listed_already(signup: Signup) -> Signature | None:
    """Who stands on the list under this name and profession: perhaps the same person with another address."""
    if not signup.named or signup.rehearsal:
        return None
    skeleton = names.keys(name=signup.name).skeleton
    return Signature.objects.listed_as(skeleton, signup.profession).first()


def given_before(signup: Signup) -> GivenBefore:
    """What the mailbox of an open signup has signed, and what its owner is therefore asked."""
    return GivenBefore(_places(signup), signup.name)


def _create(signup: Signup, corrections: ConfirmedInput, now: datetime, places: list[Signature]) -> Signature | None:
    """Insert the signature beside those of `places`; None if another signup of the same mailbox was quicker.

    The place follows from the very rows that were compared: a row read later could be the same person's.
    """
    shared = {column: getattr(signup, column) for column in Person.shared_columns()}
    said = asdict(corrections)
    # What was guessed from a name that is mended now is guessed anew.
    if said["filed_under"] in ("", said_by(signup).filed_under):
        said["filed_under"] = _filing(signup, corrections.name, corrections.country)
    signature = Signature(**shared | said, nonce=new_nonce(), signed_at=signup.created_at, confirmed_at=now)
    signature.address_digest = mailbox.digest_now(signup)[0]
    signature.shown_elsewhere = consent.allows_elsewhere(signup.consent)
    signature.mailbox_place = 2 if any(s.mailbox_place == 1 for s in places) else 1
    signature.set_keys()
    looks_like = holds.name_reasons(holds.candidate(signature))
    announcements = announced.found(signup, looks_like)
    signature.held_for = _still_to_verify(signature, looks_like, announcements)
    if signature.representative:
        signature.held_for.append(holds.GROUP if signature.is_group else holds.REPRESENTED)
    signature.held_for += [holds.SECOND] if places else []
    signature.held_for += [*signup.held_for, *holds.network_reasons(signup, now), *holds.mailbox_reasons(signup, now)]
    signature.held_for += holds.review_reasons(now)
    signature.held_for += standing.reasons(signature, bytes(signup.network), now)
    signature.state = State.HELD if signature.held_for else State.PUBLISHED
    try:
        transitions.create(signature, now=now)
    except IntegrityError as error:
        if "signature_one_per_mailbox_place" in str(error):
            return None
        raise
    announced.use(announcements, signature, now=now)
    return signature


def _still_to_verify(
    signature: Signature, looks_like: Sequence[str], announcements: Sequence[AnnouncedMailbox]
) -> list[str]:
    """The watched names whose person has not announced this mailbox; without any, the signature is verified."""
    told = {holds.code_of(each.watched) for each in announcements}
    left = [code for code in looks_like if code not in told]
    signature.verified_as = VerifiedAs.PERSON if told and not left else ""
    return left


def stop_mails(*, signup: Signup, now: datetime) -> None:
    """Send this mailbox nothing more that strangers can cause. Harmless when repeated; touches no signature."""
    digest, key = mailbox.digest_now(signup)
    stopped = StoppedMailbox(
        address_digest=digest, stopped_at=now, digest_key=key, signup_id=signup.pk, nonce=bytes(signup.nonce)
    )
    StoppedMailbox.objects.bulk_create([stopped], ignore_conflicts=True)


def stopped_by(link: str) -> StoppedMailbox | None:
    """The stop that was said by this link, also when its signup is deleted; None for any other link."""
    row = links.row_of(link, links.Purpose.STOP)
    for stopped in StoppedMailbox.objects.filter(signup_id=row) if row else ():
        if links.proves(link, links.Purpose.STOP, row or 0, stopped.nonce):
            return stopped
    return None


def allow_mails(digests: Sequence[bytes]) -> None:
    """Undo `stop_mails` for the mailbox of these digests."""
    StoppedMailbox.objects.filter(pk__in=digests).delete()


def mails_stopped(digests: Sequence[bytes]) -> bool:
    """Whether the owner of the mailbox of these digests said "stop"."""
    return StoppedMailbox.objects.filter(pk__in=digests).exists()
