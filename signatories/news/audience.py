"""Who gets a mailing: those who stand on the list or are counted, asked for news, and whose mailbox takes our mail."""

from django.db.models import Exists, OuterRef

from signatories.models import Mailing, OutboundMail, Signature, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import SignatureQuerySet


def audience(mailing: Mailing) -> SignatureQuerySet:
    """Filter the signatures that a mailing reaches, without the mailboxes that this update was mailed to before."""
    chosen = {field: value for field in ("profession", "country", "language") if (value := getattr(mailing, field))}
    if mailing.partner_id:
        chosen["channel__partner"] = mailing.partner_id
    of_mailbox = OutboundMail.objects.filter(address_digest=OuterRef("address_digest"))
    mailed = of_mailbox.filter(kind=MailKind.NEWS, mailing__update=mailing.update_id, signature__isnull=False)
    return Signature.objects.counted().filter(
        ~Exists(StoppedMailbox.objects.filter(pk=OuterRef("address_digest"))),
        ~Exists(of_mailbox.filter(mail_state=MailState.UNDELIVERABLE)),
        ~Exists(mailed),
        news=True,
        **chosen,
    )


def count(mailing: Mailing) -> int:
    """How many mailboxes a mailing reaches: two people who share one get one mail. The worker counts, no page."""
    return audience(mailing).order_by().values("address_digest").distinct().count()
