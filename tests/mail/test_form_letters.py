"""A form letter that is filled in says exactly what the same mail says that was made by itself."""

import email
import email.policy
from email.message import EmailMessage

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signatories.identity.mailbox import MailboxCache
from signatories.mail import messages, outbox
from signatories.mail.form_letters import FilledLetter
from signatories.models import Signup
from tests.people import post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200)
HOSTILE = [
    "=",
    "=\t",
    "a=\u00ad",
    " .",
    "z" * 200,
    "<b>&amp;",
    "'\"",
    "ﷺ" * 200,
    "\u202eabc",
    "e" + "\u0301" * 4,
    ".",
    "From me",
]


def read(row: Signup, *, alone: bool) -> EmailMessage:
    """The mail as its receiver reads it: filled in, or made alone."""
    boxes = MailboxCache()
    before = messages.look_up([row], boxes)
    made = messages.written(row, boxes.of(row).address or "", boxes, before) if alone else messages.message(row, boxes)
    assert isinstance(made, FilledLetter) is not alone
    content = made.message(policy=email.policy.SMTP).as_bytes()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    if not alone:
        body = content.partition(b"\r\n\r\n")[2]
        assert max(len(line) for line in body.split(b"\r\n")) <= 76
        assert b"\n" not in content.replace(b"\r\n", b"")
    return email.message_from_bytes(content, policy=email.policy.default)


def said(mail: EmailMessage) -> tuple[dict[str, str], list[str]]:
    """Its headers but for the moment and the way it is packed, and its two parts."""
    packed = {"date", "content-type", "mime-version", "content-transfer-encoding"}
    heads = {name.lower(): str(value).strip() for name, value in mail.items() if name.lower() not in packed}
    parts = [part for kind in ("plain", "html") if (part := mail.get_body((kind,)))]
    return heads, [str(part.get_content()).rstrip() for part in parts]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["Ann", *HOSTILE])
def test_a_confirmation_is_the_same_filled_in_or_made_alone(client: Client, language: str, name: str) -> None:
    text()
    post_form(client, "/sign/" if language == "en" else f"/{language}/sign/")
    row = Signup.objects.get()
    row.name = name
    filled, alone = said(read(row, alone=False)), said(read(row, alone=True))
    assert filled[0] == alone[0]
    assert filled[1] == alone[1]


@given(NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_any_name(client: Client, name: str) -> None:
    if not Signup.objects.exists():
        text()
        post_form(client)
    row = Signup.objects.get()
    row.name = name
    filled, alone = said(read(row, alone=False)), said(read(row, alone=True))
    assert filled[0] == alone[0]
    assert filled[1] == alone[1]


def test_who_has_signed_before_gets_a_mail_of_their_own(client: Client, mailbox: Catcher) -> None:
    signed()
    post_form(client, name="Somebody Else")
    outbox.drain()
    assert "already" in mailbox.mails[0].text


def test_a_second_request_has_another_subject(client: Client, mailbox: Catcher) -> None:
    text()
    for name in ("Ann Alder", "Ann Beech"):
        post_form(client, name=name)
    outbox.drain()
    assert len({str(mail.message["Subject"]) for mail in mailbox.mails}) == 2


def test_an_address_that_needs_care_gets_its_mail_too(client: Client, mailbox: Catcher) -> None:
    text()
    for address in ("o'brannick+list@example.org", '"o b"@example.org', "ann@bücher.example"):
        post_form(client, email=address)
    outbox.drain()
    assert len(mailbox.mails) == Signup.objects.count() >= 2
    assert all(mail.path("confirm") in mail.text for mail in mailbox.mails)
