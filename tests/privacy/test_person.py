"""A data-protection request, answered at the command line: export and erase all that is kept of a mailbox."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import mailbox
from signatories.mail import outbox
from signatories.mine import services
from signatories.models import Act, MailQuota, OutboundMail, Report, Signature, Signup, StoppedMailbox
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.privacy import erasure_log
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.people import ADDRESS, post_form, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
OTHER = "bram@example.org"


@pytest.fixture(autouse=True)
def _own_ledger(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")


def person(*arguments: str) -> str:
    out = StringIO()
    call_command("person", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def known(client: Client, mailbox: Catcher) -> Signature:
    """Somebody of whom every kind of row is kept, and somebody else beside."""
    client.post(sign_up(client, mailbox).path("confirm"))
    post_form(client, name="Second Person", affiliation="")
    services.ask(address="ANN+tag@example.org", language="en", now=timezone.now())
    outbox.drain()
    signing.stop_mails(signup=Signup.objects.latest("pk"), now=timezone.now())
    signature = Signature.objects.get()
    other = signed(name="Bram Bellweather", address=OTHER)
    for address, words in ((ADDRESS, "mine"), (OTHER, "theirs")):
        report(other, address, words)
    return signature


def report(about: Signature, address: str, words: str) -> None:
    Report.objects.create(
        signature=about, wrong="other", words=words, language="en", address_sealed=mailbox.seal(address)
    )


def exported(address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(person("export", address))
    return found


def test_export_holds_everything_and_of_nobody_else(known: Signature) -> None:
    found = exported("Ann+other@Example.org")
    assert [s["name"] for s in found["signatures"]] == ["Aveline Ashgrove"]
    assert {s["name"] for s in found["signups"]} == {"Aveline Ashgrove", "Second Person"}
    assert {row["address"] for row in (*found["signups"], *found["letters"])} == {ADDRESS, "ANN+tag@example.org"}
    assert [r["words"] for r in found["reports"]] == ["mine"]
    assert found["mails_a_day"][0]["sent"] >= 2
    assert found["wants_no_mail_since"]
    assert found["signatures"][0]["affiliation"] == "The Paper Lanterns"
    whole = json.dumps(found)
    assert "Bellweather" not in whole and OTHER not in whole
    assert "nonce" not in whole and bytes(known.nonce).hex() not in whole


def test_export_is_on_record_without_the_address(known: Signature) -> None:
    exported(ADDRESS)
    act = Act.objects.of_the_desk().get(verb=Verb.EXPORT)
    assert act.organizer is None
    assert act.signature is None
    assert act.reason == ""


def test_an_unknown_mailbox_has_an_empty_export(known: Signature) -> None:
    found = exported("nobody@example.org")
    assert [key for key, value in found.items() if value] == ["mailbox"]


def test_erase_leaves_a_bare_row_and_everybody_else(known: Signature, client: Client) -> None:
    number = known.number
    assert "rows erased" in person("erase", "Ann+other@example.org", "--reason", "asked by letter")
    known.refresh_from_db()
    assert (known.state, known.name, bytes(known.address_sealed)) == (State.WITHDRAWN, "", b"")
    assert known.erased_at
    assert not Signup.objects.exclude(name="Bram Bellweather").exists()
    assert not OutboundMail.objects.exists()
    assert [correction.words for correction in Report.objects.all()] == ["theirs"]
    assert not MailQuota.objects.exists()
    assert StoppedMailbox.objects.exists()  # who wanted no mail still wants none
    assert client.get(f"/signatories/{number}/").status_code == 404
    assert [s.name for s in Signature.objects.public()] == ["Bram Bellweather"]
    assert tally.repair() == {}
    assert {line.model for line in erasure_log.read()} == {"signature", "signup", "letter", "correction"}
    act = Act.objects.of_the_desk().get(verb=Verb.ERASE)
    assert (act.organizer, act.signature, act.reason) == (None, known, "asked by letter")
    assert outbox.drain() == 0
    found = exported(ADDRESS)
    assert [bool(found[key]) for key in ("signups", "letters", "reports", "mails_a_day")] == [False] * 4
    assert "Aveline" not in json.dumps(found)


def test_erasing_twice_is_one_erasure(known: Signature) -> None:
    person("erase", ADDRESS, "--reason", "asked by letter")
    kept = erasure_log.path().read_text()
    assert "Nothing is kept" in person("erase", ADDRESS, "--reason", "asked by letter")
    assert Act.objects.filter(verb=Verb.ERASE).count() == 1
    assert erasure_log.path().read_text() == kept


def test_who_had_withdrawn_is_erased_before_the_week_is_over() -> None:
    signature = signed()
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    person("erase", ADDRESS, "--reason", "asked by letter")
    signature.refresh_from_db()
    assert signature.erased_at
    assert tally.repair() == {}


def test_who_never_confirmed_is_erased_and_on_record(client: Client, mailbox: Catcher) -> None:
    sign_up(client, mailbox)
    person("erase", ADDRESS, "--reason", "asked by letter")
    assert not Signup.objects.exists()
    assert Act.objects.of_the_desk().get().signature is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("erase", ADDRESS), "--reason"),
        (("erase", ADDRESS, "--reason", "  "), "--reason"),
        (("erase", ADDRESS, "--reason", f"asked by {ADDRESS}"), "leave the address out"),
        (("erase", "ann", "--reason", "x"), "name@example.org"),
        (("export", "a\0b@example.org"), "name@example.org"),
    ],
)
def test_what_is_not_understood_changes_nothing(arguments: tuple[str, ...], words: str) -> None:
    signed()
    with pytest.raises(CommandError, match=words):
        person(*arguments)
    assert Signature.objects.public().count() == 1
    assert not Act.objects.of_the_desk().exists()


def test_a_ledger_that_cannot_be_written_erases_nobody(settings: Settings, tmp_path: Path) -> None:
    signed()
    settings.ERASURE_LEDGER = str(tmp_path)
    with pytest.raises(OSError, match="directory"):
        person("erase", ADDRESS, "--reason", "asked by letter")
    assert Signature.objects.public().count() == 1
    assert not Act.objects.of_the_desk().exists()


def test_a_report_under_a_lost_key_stops_no_erasure(
    known: Signature, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    lost = Report.objects.get(words="theirs")
    key, settings.MAILBOX_KEYS = settings.MAILBOX_KEYS, [Fernet.generate_key().decode()]
    Report.objects.filter(pk=lost.pk).update(address_sealed=mailbox.seal(OTHER))
    settings.MAILBOX_KEYS = key
    assert [r["words"] for r in exported(ADDRESS)["reports"]] == ["mine"]
    assert "rows erased" in person("erase", ADDRESS, "--reason", "asked by letter")
    assert list(Report.objects.all()) == [lost]
    assert f"not looked at: [{lost.pk}]" in caplog.text
