"""Checks of mail delivery that this machine can make: the relay, and the DNS records of the sender's domain.

Each check yields findings in plain words; no failure of the network raises here.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

import dns.exception
import dns.resolver
from django.core.mail import EmailMessage

SPF_LOOKUPS = 10  # RFC 7208, section 4.6.4: one more, and receivers treat the record as broken
DNS_SECONDS = 5.0
SMALLEST_SIZE = 100_000  # bytes; our mails are far below
_LOOKING_UP = {"include", "a", "mx", "ptr", "exists", "redirect"}


class Verdict(StrEnum):
    """Whether a finding is good, asks for a change, or could not be made."""

    FINE = "fine"
    MEND = "mend"
    UNSEEN = "unseen"


class Finding(NamedTuple):
    """The result of one check: what was checked, and what was found or is to be done."""

    verdict: Verdict
    about: str
    words: str

    def __str__(self) -> str:
        return f"{self.verdict:7} {self.about}: {self.words}"


class Unseen(Exception):
    """DNS gave no answer."""


class Records:
    """DNS look-ups: an empty list means that no such record exists, Unseen that DNS did not answer."""

    def __init__(self, server: str = "", seconds: float | None = None) -> None:
        """`server` is `ADDRESS` or `ADDRESS:PORT`; without it the machine's own resolver is asked."""
        try:
            self.resolver = dns.resolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration as error:
            raise Unseen("this machine names no DNS server") from error
        if server:
            address, _colon, port = server.partition(":") if server.count(":") == 1 else (server, "", "")
            try:
                self.resolver.nameservers, self.resolver.port = [address], int(port or 53)
            except ValueError as error:
                raise Unseen(f"“{server}” is not the address of a DNS server") from error
        self.resolver.lifetime = DNS_SECONDS if seconds is None else seconds

    def ask(self, name: str, kind: str) -> list[Any]:
        """Return the records of `kind` at `name`. Raises Unseen."""
        try:
            return list(self.resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise Unseen(f"DNS did not answer for {name} ({type(error).__name__})") from error

    def texts(self, name: str, beginning: str) -> list[str]:
        """Return the TXT records at `name` that start with `beginning`. Raises Unseen."""
        found = [b"".join(record.strings).decode(errors="replace") for record in self.ask(name, "TXT")]
        return [text for text in found if text.lower().startswith(beginning)]


def check_dns(domain: str, *, selector: str, server: str = "") -> Iterator[Finding]:
    """Check MX, SPF, DKIM and DMARC of `domain`, the part of OPERATOR_EMAIL behind the @."""
    checks = {"MX": _mx, "SPF": _spf, "DKIM": _dkim(selector), "DMARC": _dmarc}
    for about, check in checks.items():
        try:
            verdict, words = check(Records(server), domain)
            yield Finding(verdict, about, words)
        except Unseen as unseen:
            yield Finding(Verdict.UNSEEN, about, f"{unseen}. Try again, or ask another server with --dns 9.9.9.9.")


def _mx(records: Records, domain: str) -> tuple[Verdict, str]:
    hosts = sorted(str(record.exchange).rstrip(".") for record in records.ask(domain, "MX"))
    if any(hosts):
        return Verdict.FINE, f"answers to {domain} go to {', '.join(hosts)}"
    if not hosts and (records.ask(domain, "A") or records.ask(domain, "AAAA")):
        return Verdict.FINE, f"{domain} names no mail server, so answers go to the machine of that name itself"
    return Verdict.MEND, f"{domain} takes no mail: answers to OPERATOR_EMAIL bounce. Add an MX record."


def _spf(records: Records, domain: str) -> tuple[Verdict, str]:
    found = records.texts(domain, "v=spf1")
    if not found:
        return Verdict.MEND, f'none. Add a TXT record at {domain}: "v=spf1 include:(your relay’s name) -all".'
    if len(found) > 1:
        return Verdict.MEND, f"{len(found)} records at {domain}, which counts as none: join them into one."
    record = found[0]
    if (lookups := _lookups(records, record)) > SPF_LOOKUPS:
        return Verdict.MEND, f"needs {lookups} look-ups, {SPF_LOOKUPS} are allowed: leave out what you do not use."
    words = record.lower().split()
    if {"+all", "all", "?all"} & set(words):
        return Verdict.MEND, f'lets anyone send in your name: end it with "-all" or "~all" ("{record}").'
    if not ({"-all", "~all"} & set(words) or any(word.startswith("redirect=") for word in words)):
        return Verdict.MEND, f'says nothing of all others: end it with "-all" or "~all" ("{record}").'
    return Verdict.FINE, f'"{record}"; see for yourself that your relay is in it'


def _lookups(records: Records, record: str, seen: frozenset[str] = frozenset()) -> int:
    """Count the DNS look-ups that a receiver makes for an SPF record, with those of included records."""
    count = 0
    for word in record.lower().split()[1:]:
        mechanism, _sign, target = re.split(r"([:=/]|$)", word.lstrip("+-~?"), maxsplit=1)
        count += mechanism in _LOOKING_UP
        if mechanism in {"include", "redirect"} and target not in seen and count <= SPF_LOOKUPS:
            for included in records.texts(target, "v=spf1")[:1]:
                count += _lookups(records, included, seen | {target})
    return count


def _dkim(selector: str) -> Any:
    def check(records: Records, domain: str) -> tuple[Verdict, str]:
        if not selector:
            return Verdict.UNSEEN, "the name of the key is not known: give --selector or set MAIL_DKIM_SELECTOR."
        name = f"{selector}._domainkey.{domain}"
        parts = [part.strip().partition("=") for text in records.texts(name, "") for part in text.split(";")]
        keys = [value.strip() for tag, _equals, value in parts if tag.strip() == "p"]
        if not keys:
            return Verdict.MEND, f"no key at {name}: add the record that your relay shows you."
        if not any(keys):
            return Verdict.MEND, f"the key at {name} is revoked (p= is empty): ask your relay for the new one."
        return Verdict.FINE, f"a key stands at {name}"

    return check


def _dmarc(records: Records, domain: str) -> tuple[Verdict, str]:
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):  # the domain itself, then its parents
        place = f"_dmarc.{'.'.join(labels[start:])}"
        found = records.texts(place, "v=dmarc1")
        if len(found) > 1:
            return Verdict.MEND, f"{len(found)} records at {place}, which counts as none: keep one."
        if found:
            tags = dict(part.strip().lower().partition("=")[::2] for part in found[0].split(";"))
            weak = "; it only watches: go on to p=quarantine once mail arrives" if tags.get("p") == "none" else ""
            return Verdict.FINE, f'"{found[0]}"{weak}'
    return (
        Verdict.MEND,
        f'none. Add a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:(your address)".',
    )


def check_relay(backend: Any, *, message: EmailMessage | None = None) -> Iterator[Finding]:
    """Connect with Django's SMTP `backend` as the outbox does: TLS, login, size; hand over `message` if given."""
    server = f"{backend.host}:{backend.port}"
    try:
        backend.open()
        yield Finding(Verdict.FINE, "relay", f"{server} answers{' and takes our login' if backend.username else ''}")
        yield _encryption(backend)
        yield _size(backend.connection)
        if message:
            backend.send_messages([message])
            yield Finding(Verdict.FINE, "mail", f"handed over for {message.to[0]}; see that it arrives, and where")
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        yield Finding(Verdict.MEND, "mail", f"{server} refuses this recipient: {code} {_said(words)}")
    except OSError as error:  # smtplib's errors are OSErrors too
        yield Finding(Verdict.MEND, "relay", f"{server}: {_why(error)}")
    finally:
        with suppress(OSError):
            backend.close()


def _encryption(backend: Any) -> Finding:
    if backend.use_tls or backend.use_ssl:
        return Finding(Verdict.FINE, "TLS", f"{backend.connection.sock.version()}, certificate valid")
    if backend.host in {"localhost", "127.0.0.1", "::1"}:
        return Finding(Verdict.FINE, "TLS", "none, and none needed: the relay is on this machine")
    return Finding(Verdict.MEND, "TLS", "mails and login travel readable: use smtp+tls:// or smtps:// in MAIL_URL.")


def _size(connection: smtplib.SMTP) -> Finding:
    connection.ehlo_or_helo_if_needed()
    size = int(connection.esmtp_features.get("size") or 0)
    if 0 < size < SMALLEST_SIZE:
        return Finding(Verdict.MEND, "size", f"only {size:,} bytes a mail are taken: ask your relay for more.")
    return Finding(Verdict.FINE, "size", f"up to {size:,} bytes a mail" if size else "no limit told")


def _why(error: OSError) -> str:
    """Return what an organizer can do about it."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid for that name ({error.verify_message}). Use your relay’s own name."
        case ssl.SSLError():
            return "no TLS there: smtps:// is for port 465, smtp+tls:// for 587."
        case smtplib.SMTPAuthenticationError():
            return f"login refused ({error.smtp_code} {_said(error.smtp_error)}). Check user and password in MAIL_URL."
        case smtplib.SMTPNotSupportedError():
            return f"{error} Is this the right port?"
        case smtplib.SMTPSenderRefused():
            return f"does not let us send as {error.sender} ({error.smtp_code} {_said(error.smtp_error)})."
        case smtplib.SMTPResponseException():
            return f"said {error.smtp_code} {_said(error.smtp_error)}."
        case TimeoutError():
            return "no answer in time. Does the host of this server block the port? Many block 25."
        case ConnectionRefusedError():
            return "nobody listens there. Check host and port in MAIL_URL."
    return f"cannot be reached ({error}). Check host and port in MAIL_URL."


def _said(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
