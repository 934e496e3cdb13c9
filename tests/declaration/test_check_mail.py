"""`manage.py check_mail` against a real DNS server and real SMTP servers: what is fine, what to mend, what is unseen."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from declaration.demo import embedded
from declaration.ops import mail_check
from tests.dns import Mode, Zone, serving
from tests.smtp import Catcher

DOMAIN = "declaration.example"
KEY = '"v=DKIM1; k=rsa; " "p=MIIBIjANBg"'
GOOD: Zone = {
    (DOMAIN, "MX"): ["10 mx.relay.example."],
    (DOMAIN, "TXT"): ['"google-site-verification=x"', '"v=spf1 include:relay.example -all"'],
    ("relay.example", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"'],
    (f"key1._domainkey.{DOMAIN}", "TXT"): [KEY],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=quarantine"'],
}


def check(zone: Zone, *args: str, mode: Mode = "ok", selector: str = "key1") -> tuple[int, dict[str, str]]:
    """Run the command; the exit code, and each line by what it is about."""
    out, code = StringIO(), 0
    with serving(zone, mode) as server:
        try:
            call_command("check_mail", *args, f"--dns={server}", f"--selector={selector}", stdout=out)
        except SystemExit as end:
            code = int(str(end.code))
    lines = out.getvalue().splitlines()
    return code, {line[8:].partition(":")[0]: line for line in lines[:-1]} | {"last": lines[-1]}


def test_all_is_fine(mailbox: Catcher) -> None:
    code, said = check(GOOD, "ann@example.org")
    assert code == 0
    assert all(
        said[about].startswith("fine ") for about in ("relay", "TLS", "size", "mail", "MX", "SPF", "DKIM", "DMARC")
    )
    assert said["last"] == "Nothing to mend, as far as can be seen from here."
    assert "mx.relay.example" in said["MX"]
    assert (
        mailbox.of("ann@example.org")[0].message["From"]
        == '"The Declaration Office (demo)" <hello@declaration.example>'
    )


def test_without_an_address_nothing_is_sent(mailbox: Catcher) -> None:
    assert check(GOOD)[0] == 0
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("name", "kind", "values", "about", "words"),
    [
        (DOMAIN, "MX", [], "MX", "takes no mail"),
        (DOMAIN, "MX", ["0 ."], "MX", "takes no mail"),
        (DOMAIN, "TXT", [], "SPF", "Add a TXT record"),
        (DOMAIN, "TXT", ['"v=spf1 a -all"', '"v=spf1 mx -all"'], "SPF", "2 records"),
        (DOMAIN, "TXT", ['"v=spf1 +all"'], "SPF", "lets anyone send"),
        (DOMAIN, "TXT", ['"v=spf1 ip4:192.0.2.1"'], "SPF", "says nothing of all others"),
        (DOMAIN, "TXT", [f'"v=spf1 {" ".join(f"a:h{n}.example" for n in range(11))} -all"'], "SPF", "11 look-ups"),
        (f"key1._domainkey.{DOMAIN}", "TXT", [], "DKIM", "no key at"),
        (f"key1._domainkey.{DOMAIN}", "TXT", ['"v=DKIM1; p="'], "DKIM", "revoked"),
        (f"_dmarc.{DOMAIN}", "TXT", [], "DMARC", "Add a TXT record"),
        (f"_dmarc.{DOMAIN}", "TXT", ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "DMARC", "2 records"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_dns_is_told(
    mailbox: Catcher, name: str, kind: str, values: list[str], about: str, words: str
) -> None:
    code, said = check({key: value for key, value in (GOOD | {(name, kind): values}).items() if value})
    assert code == 1
    assert said[about].startswith("mend ")
    assert words in said[about]
    assert {line[:5] for key, line in said.items() if key not in {about, "last"}} == {"fine "}


def test_the_domain_above_answers_for_dmarc_and_watching_is_allowed(
    mailbox: Catcher, settings: Settings
) -> None:  # fmt: skip
    settings.OPERATOR_EMAIL = f"office@mail.{DOMAIN}"
    zone = {(name.replace(DOMAIN, f"mail.{DOMAIN}"), kind): values for (name, kind), values in GOOD.items()}
    del zone[f"_dmarc.mail.{DOMAIN}", "TXT"]
    code, said = check(zone | {(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"']})
    assert code == 0
    assert "only watches" in said["DMARC"]


def test_a_domain_without_mx_but_with_a_machine(mailbox: Catcher) -> None:
    zone = {key: values for key, values in GOOD.items() if key[1] != "MX"} | {(DOMAIN, "A"): ["192.0.2.9"]}
    assert check(zone)[0] == 0


@pytest.mark.parametrize(("others", "code", "words"), [(6, 0, "see for yourself"), (7, 1, "11 look-ups")])
def test_records_that_include_each_other_are_counted_once(
    mailbox: Catcher, others: int, code: int, words: str
) -> None:  # fmt: skip
    """Four look-ups: a, b, a once more, and the mail server; ten are allowed."""
    machines = " ".join(f"a:h{n}.example" for n in range(others))
    zone: Zone = GOOD | {
        (DOMAIN, "TXT"): [f'"v=spf1 include:a.example {machines} ip4:192.0.2.1 -all"'],
        ("a.example", "TXT"): ['"v=spf1 include:b.example -all"'],
        ("b.example", "TXT"): ['"v=spf1 include:a.example mx -all"'],
    }
    ended, said = check(zone)
    assert ended == code
    assert words in said["SPF"]


@pytest.mark.parametrize("mode", ["silent", "failing"])
def test_dns_that_does_not_answer_is_no_verdict(
    mailbox: Catcher, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:  # fmt: skip
    monkeypatch.setattr(mail_check, "DNS_SECONDS", 0.5)
    code, said = check(GOOD, mode=mode)
    assert code == 0
    assert {said[about][:7] for about in ("MX", "SPF", "DKIM", "DMARC")} == {"unseen "}
    assert "DNS did not answer" in said["MX"]


def test_an_unknown_key_and_an_odd_server_are_told_kindly(mailbox: Catcher) -> None:
    assert "give --selector" in check(GOOD, selector="")[1]["DKIM"]
    out = StringIO()
    call_command("check_mail", "--dns=nowhere", stdout=out)
    assert "“nowhere” is not the address of a DNS server" in out.getvalue()
    with pytest.raises(CommandError, match="is not an address"):
        call_command("check_mail", "ann at example", stdout=out)


def test_a_relay_that_is_away_or_refuses(mailbox: Catcher) -> None:
    assert "550" in check(GOOD, "bounce@example.org")[1]["mail"]
    mailbox.down()
    code, said = check(GOOD)
    assert code == 1
    assert "nobody listens there" in said["relay"]


@contextmanager
def relay(settings: Settings, folder: Path, *, password: str = "right", **more: Any) -> Iterator[Path]:
    """A relay with STARTTLS and login; yields its certificate, which nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(form, kind, serialization.NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, private)
    door = Controller(
        object(), hostname="127.0.0.1", port=embedded.free_port(), tls_context=context, auth_required=True,
        authenticator=lambda *said: AuthResult(success=said[-1].password == b"right", handled=False), **more,
    )  # fmt: skip
    options = {
        "host": "localhost",
        "port": door.port,
        "username": "u",
        "password": password,
        "use_tls": True,
        "timeout": 5,
    }
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    door.start()
    try:
        yield certificate
    finally:
        door.stop()


def test_tls_and_login(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with relay(settings, tmp_path) as certificate:
        code, said = check(GOOD)
        assert code == 1
        assert "its certificate is not valid" in said["relay"]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        code, said = check(GOOD)
    assert code == 0
    assert "takes our login" in said["relay"]
    assert "TLSv1.3" in said["TLS"]


def test_a_wrong_password_and_a_tight_limit(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    with relay(settings, tmp_path, password="wrong") as certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert "login refused (535" in check(GOOD)[1]["relay"]
    with relay(settings, tmp_path, data_size_limit=2000) as certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert "only 2,000 bytes" in check(GOOD)[1]["size"]


@pytest.mark.parametrize(
    ("kind", "words"), [("use_tls", "Is this the right port?"), ("use_ssl", "smtps:// is for port 465")]
)
def test_no_tls_where_it_is_asked_for(settings: Settings, mailbox: Catcher, kind: str, words: str) -> None:
    default = settings.MAILERS["default"]
    settings.MAILERS = {"default": default | {"OPTIONS": default["OPTIONS"] | {"use_tls": False, kind: True}}}
    assert words in check(GOOD)[1]["relay"]
