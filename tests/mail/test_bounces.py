"""The mail provider tells us that a mail came back. Only who knows the secret is heard, and always answered alike."""

import hashlib
import hmac
import importlib
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client
from django.urls import clear_url_caches
from django.utils import timezone
from pytest_django import Settings

from declaration import urls
from signatories.mail import bounces, outbox
from signatories.mine import services as mine
from signatories.models import OutboundMail, Signature, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from tests.people import ADDRESS, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
SECRET = "hooks:long-and-secret"
ROOT = Path(__file__).parents[2]
type Use = Callable[..., None]


@pytest.fixture
def provider(settings: Settings) -> Iterator[Use]:
    """Makes the site listen to a provider."""

    def use(name: str, **keys: str) -> None:
        settings.ANYMAIL_PROVIDER = name
        settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET} | keys
        importlib.reload(urls)
        clear_url_caches()

    yield use
    settings.ANYMAIL_PROVIDER = ""
    importlib.reload(urls)
    clear_url_caches()


def tell(client: Client, event: object, secret: str | None = SECRET) -> HttpResponse:
    """What the provider posts."""
    body = event if isinstance(event, str) else json.dumps(event)
    headers = {"authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    return client.post("/hooks/mail/", body, content_type="application/json", headers=headers)  # type: ignore[return-value]


def postmark(address: str = ADDRESS, **changes: Any) -> dict[str, Any]:
    """A bounce as Postmark's documentation shows it; it gives Message-IDs of its own."""
    return {
        "RecordType": "Bounce", "MessageStream": "outbound", "ID": 4323372036854775807, "Type": "HardBounce",
        "TypeCode": 1, "Name": "Hard bounce", "Tag": "Test", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {}, "ServerID": 23, "Description": "The server was unable to deliver your message (ex: unknown user).",
        "Details": "Test bounce details", "Email": address, "From": "sender@example.com",
        "BouncedAt": "2026-11-05T16:33:54.9070259Z", "DumpAvailable": True, "Inactive": True, "CanActivate": True,
        "Subject": "Test subject", "Content": "<Full dump of bounce>",
    } | changes  # fmt: skip


def mailgun(address: str, message_id: str, key: str) -> dict[str, Any]:
    """A permanent failure as Mailgun's documentation shows it; it keeps our Message-ID and signs."""
    stamp, token = "1534108637", "651869375b9df3c98fc15c4889b102119add1235c38fc92824"
    return {
        "signature": {
            "timestamp": stamp, "token": token,
            "signature": hmac.digest(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hex(),
        },
        "event-data": {
            "event": "failed", "severity": "permanent", "reason": "bounce", "id": "pVqXGJWhTzysS9GpwF2hlQ",
            "timestamp": 1534110422.389832, "log-level": "error", "recipient": address,
            "recipient-domain": "example.org", "tags": [], "user-variables": {},
            "delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": "", "attempt-no": 1},
            "message": {"headers": {"message-id": message_id.strip("<>"), "to": address, "subject": "x"}, "size": 512},
        },
    }  # fmt: skip


def test_a_bounce_marks_the_mail(client: Client, mailbox: Catcher, provider: Use) -> None:
    provider("postmark")
    path = sign_up(client, mailbox).path("confirm")
    for _ in range(2):
        assert tell(client, postmark()).status_code == 200
    row = Signup.objects.get()
    assert (row.mail_state, row.mail_error) == (MailState.UNDELIVERABLE, "came back: bounced")
    assert outbox.drain() == 0
    assert client.post(path).status_code == 303  # whoever has the mail all the same may confirm
    assert Signature.objects.public().count() == 1


def test_our_message_id_finds_the_mail_among_several(client: Client, mailbox: Catcher, provider: Use) -> None:
    provider("mailgun", MAILGUN_WEBHOOK_SIGNING_KEY="key-of-ours")
    signature = signed()
    Signup.objects.update(mail_state=MailState.SET_ASIDE)
    mine.ask(address=ADDRESS, language="en", now=timezone.now())
    outbox.drain()
    first = mailbox.mails[-1].message["Message-ID"]
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    outbox.drain()
    assert tell(client, mailgun(ADDRESS, first, "key-of-ours")).status_code == 200
    states = dict(OutboundMail.objects.values_list("kind", "mail_state"))
    assert states == {"link": MailState.UNDELIVERABLE, "withdrawn": MailState.SENT}
    assert tell(client, mailgun(ADDRESS, f"<{'0' * 32}@testserver>", "key-of-ours")).status_code == 200
    assert dict(OutboundMail.objects.values_list("kind", "mail_state")) == states
    assert tell(client, mailgun(ADDRESS, first, "another-key")).status_code == 400


@pytest.mark.parametrize("secret", [None, "hooks:wrong", "", ":", "hooks:long-and-secret "])
def test_nobody_else_is_heard(client: Client, mailbox: Catcher, provider: Use, secret: str | None) -> None:
    provider("postmark")
    sign_up(client, mailbox)
    assert tell(client, postmark(), secret).status_code == 400
    assert Signup.objects.get().mail_state == MailState.SENT


def test_unknown_known_and_repeated_are_answered_alike(client: Client, mailbox: Catcher, provider: Use) -> None:
    provider("postmark")
    sign_up(client, mailbox)
    addresses = (ADDRESS, ADDRESS, "nobody@example.org", "not an address", "", "ø@ø..ø", "a" * 500)
    answers = {(a.status_code, a.content) for a in (tell(client, postmark(address)) for address in addresses)}
    assert answers == {(200, b"")}


@pytest.mark.parametrize(
    "kind", ["Transient", "AutoResponder", "DnsError", "Subscribe", "SoftBounce", "VirusNotification"]
)
def test_what_may_still_arrive_changes_nothing(client: Client, mailbox: Catcher, provider: Use, kind: str) -> None:
    provider("postmark")
    sign_up(client, mailbox)
    assert tell(client, postmark(Type=kind)).status_code == 200
    assert Signup.objects.get().mail_state == MailState.SENT


def ses(kind: str, sub: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A bounce as Amazon's documentation shows it, in the envelope of its notifications; and the headers."""
    told = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [{"emailAddress": ADDRESS}]},
        "mail": {"messageId": "00000138111222aa", "destination": [ADDRESS]},
    }
    envelope = {"Type": "Notification", "MessageId": "22b80b92", "TopicArn": "arn:aws:sns:eu-west-1:1:x", "Message": json.dumps(told)}  # fmt: skip
    return envelope, {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "22b80b92"}


@pytest.mark.parametrize(
    ("kind", "sub", "state"),
    [
        ("Transient", "General", MailState.SENT),  # also what an absent reader's mailbox answers
        ("Transient", "MailboxFull", MailState.SENT),
        ("Undetermined", "Undetermined", MailState.SENT),
        ("Permanent", "General", MailState.UNDELIVERABLE),
        ("Permanent", "NoEmail", MailState.UNDELIVERABLE),
    ],
)
def test_amazon_says_which_bounce_is_for_good(
    client: Client, mailbox: Catcher, provider: Use, kind: str, sub: str, state: str
) -> None:
    """C21: an out-of-office reply was shown as a wrong address, and ended the reminders."""
    provider("amazon_ses")
    sign_up(client, mailbox)
    event, headers = ses(kind, sub)
    headers |= {"authorization": f"Basic {b64encode(SECRET.encode()).decode()}"}
    assert client.post("/hooks/mail/", json.dumps(event), content_type="text/plain", headers=headers).status_code == 200
    assert Signup.objects.get().mail_state == state


BOUNCES: dict[str, tuple[object, ...]] = {
    "brevo": ({"event": "soft_bounce", "email": ADDRESS}, {"event": "hard_bounce", "email": ADDRESS}),
    "mailjet": tuple({"event": "bounce", "email": ADDRESS, "hard_bounce": hard} for hard in (False, True)),
    "sendgrid": tuple([{"event": "bounce", "type": kind, "email": ADDRESS}] for kind in ("blocked", "bounce")),
    "sparkpost": tuple(
        [{"msys": {"message_event": {"type": "bounce", "bounce_class": kind, "raw_rcpt_to": ADDRESS}}}]
        for kind in ("22", "10")
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:django-anymail has dropped")
@pytest.mark.parametrize("name", BOUNCES)
def test_each_provider_says_it_in_its_own_way(client: Client, mailbox: Catcher, provider: Use, name: str) -> None:
    provider(name)
    sign_up(client, mailbox)
    for event, state in zip(BOUNCES[name], (MailState.SENT, MailState.UNDELIVERABLE), strict=True):
        assert tell(client, event).status_code == 200
        assert Signup.objects.get().mail_state == state


def test_a_complaint_stops_mails_and_no_signature(client: Client, mailbox: Catcher, provider: Use) -> None:
    provider("postmark")
    client.post(sign_up(client, mailbox).path("confirm"))
    for _ in range(2):
        tell(client, postmark(RecordType="SpamComplaint", Type="SpamComplaint"))
    assert StoppedMailbox.objects.count() == 1
    assert Signature.objects.public().count() == 1


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "1", '"x"', '{"RecordType": []}', '{"Email": 3}', "\x00"])
def test_nonsense_is_refused_kindly(client: Client, provider: Use, body: str) -> None:
    provider("postmark")
    assert tell(client, body).status_code in (200, 400)
    assert client.get("/hooks/mail/").status_code == 405


def test_without_a_provider_there_is_no_such_page(client: Client) -> None:
    assert tell(client, postmark()).status_code == 404


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ImproperlyConfigured, match="postmark"):
        bounces.provider_view("pigeon")


def test_a_provider_without_a_secret_does_not_start() -> None:
    env = os.environ | {"ANYMAIL_PROVIDER": "postmark"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "MAIL_WEBHOOK_SECRET" in done.stderr
