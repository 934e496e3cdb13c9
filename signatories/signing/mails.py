"""The mails of signing: one folder of templates each, in the signer's language, without advertising."""

import hashlib
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from signatories import links, mailbox
from signatories.models import Signature, Signup


def confirmation(signup: Signup, *, already: Signature | None) -> EmailMultiAlternatives:
    """The mail that proves a mailbox, or tells its owner (and nobody else) that it has signed before.

    The same message on each repeat: link, code and Message-ID are derived from the row.
    """
    link = links.make(links.Purpose.CONFIRM, signup.pk, signup.nonce)
    stop = links.make(links.Purpose.STOP, signup.pk, signup.nonce)
    code = links.make_code(signup.pk, signup.nonce)
    with translation.override(signup.language):
        context = {
            "signup": signup,
            "already": already,
            "confirm_url": settings.SITE_URL + reverse("signing-confirm", args=[link]),
            "stop_url": settings.SITE_URL + reverse("signing-stop", args=[stop]),
            "code_url": settings.SITE_URL + reverse("signing-code"),
            "code": f"{code[:4]} {code[4:]}",
            "link_days": settings.LINK_DAYS,
            "site_url": settings.SITE_URL,
            "operator_name": settings.OPERATOR_NAME,
            "operator_email": settings.OPERATOR_EMAIL,
            "operator_address": settings.OPERATOR_ADDRESS,
        }
        folder = "emails/already" if already else "emails/confirm"
        message = EmailMultiAlternatives(
            subject=" ".join(render_to_string(f"{folder}/subject.txt", context).split()),
            body=render_to_string(f"{folder}/body.txt", context),
            from_email=formataddr((settings.OPERATOR_NAME, settings.OPERATOR_EMAIL)),
            to=[mailbox.unseal(bytes(signup.address_sealed))],
            headers={
                "Message-ID": _message_id(link),
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{context['stop_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        message.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    return message


def _message_id(link: str) -> str:
    """The same for each repeat of a mail, so that a mailbox shows one; a digest, because headers end up in logs."""
    return f"<{hashlib.sha256(link.encode()).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"
