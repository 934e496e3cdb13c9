"""The verbs of news: write and publish an update, mail it, stop news. Each is harmless when repeated."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet

from signatories.audit.services import BY_SIGNER, By, Changed, act, add, record_edit
from signatories.identity import links, mailbox
from signatories.identity.links import Purpose
from signatories.models import Mailing, OutboundMail, Signature, Update, UpdateText
from signatories.models.act import Verb
from signatories.models.embargo import hidden_until
from signatories.models.mailing import MailState
from signatories.models.news import MailingState, forget_updates
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.models.translated import written_over

AUDIENCE = ("profession", "country", "language", "partner_id")  # the columns that say whom a mailing is for
_OPEN = (MailingState.DRAFT, MailingState.GOING)
_PUBLIC = Q(update__published_at__isnull=False, update__taken_down_at=None)


class Words(NamedTuple):
    """An update in one language."""

    title: str
    body: str


class ChangedMeanwhile(Exception):
    """Somebody else has saved other words since they were read."""


# --- Updates ----------------------------------------------------------------------------------------------------------
def write(*, texts: Mapping[str, Words], organizer: AbstractBaseUser, now: datetime) -> Update:
    """Store a draft in one or more languages."""
    with transaction.atomic():
        update = Update.objects.create(words_at=now)
        _store(update, texts)
        record_edit(organizer, f"an update written ({', '.join(texts)})", about=f"update {update.pk}")
        return update


def rewrite(
    *, update_id: int, texts: Mapping[str, Words], read: datetime, organizer: AbstractBaseUser, now: datetime
) -> bool:  # fmt: skip
    """Change the words of an update; of a published one it is a correction, and readers see that. False if they are so.

    `read` is when the words were last changed as far as the organizer knew. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        update = Update.objects.select_for_update().get(pk=update_id)
        before = {text.language: Words(text.title, text.body) for text in update.texts.all()}
        texts = written_over(before, texts)
        if before == texts:
            return False
        if update.words_at != read:
            raise ChangedMeanwhile
        update.words_at = now
        what = "changed"
        if update.published_at:
            update.corrected_at, what = now, "corrected"
        update.save()
        update.texts.all().delete()
        _store(update, texts)
        record_edit(organizer, f"an update {what} ({', '.join(texts)})", about=f"update {update_id}")
        return True


def _store(update: Update, texts: Mapping[str, Words]) -> None:
    rows = [UpdateText(update=update, language=code, title=said.title, body=said.body) for code, said in texts.items()]
    UpdateText.objects.bulk_create(rows)


def publish(*, update_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Show an update to everybody, also one that was taken down. False if it is shown, or has no words."""
    with transaction.atomic():
        update = Update.objects.select_for_update().get(pk=update_id)
        if update.is_public or not update.texts.exists():
            return False
        update.published_at, update.taken_down_at = update.published_at or now, None
        update.save()
        record_edit(organizer, "an update published", about=f"update {update_id}")
    forget_updates()
    return True


def take_down(*, update_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Show an update to nobody any more, and cancel its mailings. False if it is not shown."""
    with transaction.atomic():
        if not Update.objects.public().filter(pk=update_id).update(taken_down_at=now):
            return False
        record_edit(organizer, "an update taken down", about=f"update {update_id}")
        for pk in Mailing.objects.filter(update=update_id, state__in=_OPEN).order_by("pk").values_list("pk", flat=True):
            cancel(mailing_id=pk, organizer=organizer, now=now)
    forget_updates()
    return True


def delete(*, update_id: int, organizer: AbstractBaseUser) -> bool:
    """Delete a draft. False if it was ever published."""
    with transaction.atomic():
        deleted, _rows = Update.objects.filter(pk=update_id, published_at=None).delete()
        if deleted:
            record_edit(organizer, "a draft of an update deleted", about=f"update {update_id}")
        return bool(deleted)


# --- Mailings ---------------------------------------------------------------------------------------------------------
def prepare(*, update_id: int, values: Mapping[str, Any], organizer: AbstractBaseUser) -> Mailing | None:
    """Store a mailing that is not started; None if its update is not public."""
    with transaction.atomic():
        if not Update.objects.public().filter(pk=update_id).exists():
            return None
        mailing = Mailing.objects.create(update_id=update_id, **values)
        record_edit(organizer, f"a mailing of update {update_id} prepared", about=f"mailing {mailing.pk}")
        return mailing


def change(*, mailing_id: int, values: Mapping[str, Any]) -> bool:
    """Change whom a mailing is for, and its pace, before it starts. The worker counts anew."""
    return bool(_in(mailing_id, MailingState.DRAFT).update(**values, people=None))


def set_pace(*, mailing_id: int, pace: int, organizer: AbstractBaseUser) -> bool:
    """Send so many mails a minute from now on."""
    with transaction.atomic():
        done = _in(mailing_id, *_OPEN).exclude(pace=pace).update(pace=pace)
        if done:
            record_edit(organizer, f"{pace} mails a minute", about=f"mailing {mailing_id}")
        return bool(done)


def send_test(*, mailing_id: int, address: str, now: datetime) -> bool:
    """Have the mail sent to the organizer's own address, once in each language of the update."""
    with transaction.atomic():
        if not _in(mailing_id, MailingState.DRAFT).filter(_PUBLIC).update(tested_at=now):
            return False
        codes = UpdateText.objects.filter(update__mailings=mailing_id).order_by("language")
        OutboundMail.objects.bulk_create(
            OutboundMail(
                kind=MailKind.NEWS, mailing_id=mailing_id, language=code, once=os.urandom(32), created_at=now,
                address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
                domain=mailbox.domain_of(address),
            )
            for code in codes.values_list("language", flat=True)
        )  # fmt: skip
        return True


def unsent_tests(mailing: Mailing) -> QuerySet[OutboundMail]:
    """The mails of the last test that have not gone yet."""
    of_test = OutboundMail.objects.filter(mailing=mailing, signature=None, created_at__gte=mailing.tested_at)
    return of_test.exclude(mail_state=MailState.SENT)


def start(*, mailing_id: int, at: datetime, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Start a mailing, now or at a moment. False unless the words as they are now were tested, and nothing is hidden.

    It reaches whoever has signed and asked for news when it begins.
    """
    with transaction.atomic():
        tested = _in(mailing_id, MailingState.DRAFT).filter(_PUBLIC, tested_at__gte=F("update__words_at"))
        mailing = tested.select_for_update(of=("self",)).first()
        if mailing is None or hidden_until(now) or unsent_tests(mailing).exists():
            return False
        Mailing.objects.filter(pk=mailing_id).update(state=MailingState.GOING, starts_at=at)
        people = f"{mailing.people} people" if mailing.people is not None else "people not counted yet"
        when = "" if at <= now else f", from {at:%Y-%m-%d %H:%M} UTC"
        told = f"a mailing of update {mailing.update_id} started: {people}, {mailing.pace} a minute{when}"
        record_edit(organizer, told, about=f"mailing {mailing_id}")
        return True


def pause(*, mailing_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Send nothing more for the moment: what waits in the outbox stays there."""
    return _set(_in(mailing_id, MailingState.GOING).filter(paused_at=None), "paused", organizer, paused_at=now)


def resume(*, mailing_id: int, organizer: AbstractBaseUser) -> bool:
    """Go on with those who had no turn."""
    return _set(_in(mailing_id, MailingState.GOING).exclude(paused_at=None), "goes on", organizer, paused_at=None)


def cancel(*, mailing_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """End a mailing: whoever has not got the mail gets none. What is being sent this moment may still arrive."""
    with transaction.atomic():
        done = _set(
            _in(mailing_id, *_OPEN), "cancelled", organizer, state=MailingState.CANCELLED, ended_at=now, waiting=0
        )
        if done:
            unsent = OutboundMail.objects.filter(mailing=mailing_id, mail_state=MailState.WAITING)
            gone = unsent.filter(signature__isnull=False, claimed_until=None).delete()[0]
            Mailing.objects.filter(pk=mailing_id).update(turns=F("turns") - gone)
        return done


def _set(rows: QuerySet[Mailing], what: str, organizer: AbstractBaseUser, **values: Any) -> bool:
    with transaction.atomic():
        mailing = rows.select_for_update(of=("self",)).first()
        if mailing is None:
            return False
        Mailing.objects.filter(pk=mailing.pk).update(**values)
        record_edit(organizer, f"a mailing of update {mailing.update_id} {what}", about=f"mailing {mailing.pk}")
        return True


def _in(mailing_id: int, *states: MailingState) -> QuerySet[Mailing]:
    return Mailing.objects.filter(pk=mailing_id, state__in=states)


def after_restore(now: datetime) -> None:
    """Pause what was going on at the backup: who was mailed since then is not known any more."""
    Mailing.objects.filter(state=MailingState.GOING, paused_at=None).update(paused_at=now)


# --- Stopping ---------------------------------------------------------------------------------------------------------
def find(link: str) -> Signature | None:
    """The signature that a link to stop news was made for; None if it is not ours, or the signature was withdrawn."""
    row = links.row_of(link, Purpose.NEWS)
    signature = Signature.objects.filter(pk=row).first() if row else None
    return signature if signature and links.proves(link, Purpose.NEWS, signature.pk, signature.nonce) else None


def is_of_test(link: str) -> bool:
    """Whether a link stands in the test of a mailing: it stops nothing."""
    return links.proves(link, Purpose.NEWS, 0, b"test")


def stop(*, signature_id: int, by: By = BY_SIGNER) -> int:
    """Send no more news to the mailbox of a signature; returns how many signatures it changed. They stand as before."""
    with transaction.atomic():
        signature = Signature.objects.filter(pk=signature_id).first()
        digests = mailbox.digests_of(signature) if signature and signature.address_digest else []
        rows = Signature.objects.filter(address_digest__in=digests, news=True, erased_at=None).order_by("pk")
        changed = list(rows.select_for_update(of=("self",)))
        told = Changed({"news": True}, {"news": False})
        add(
            act(Verb.CORRECT, by=by, signature=row, before=State(row.state), after=State(row.state), changed=told)
            for row in changed
        )
        Signature.objects.filter(pk__in=[row.pk for row in changed]).update(news=False)
        return len(changed)


def wants_news(signature: Signature) -> bool:
    """Whether a signature of this mailbox gets news."""
    return Signature.objects.live().filter(address_digest__in=mailbox.digests_of(signature), news=True).exists()
