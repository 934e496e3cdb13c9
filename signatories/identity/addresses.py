"""Addresses as people type and paste them: what is meant is taken, what cannot be mailed is refused."""

import re
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import OSA

from signatories.identity.characters import as_meant

LONGEST_LOCAL, LONGEST_ADDRESS = 64, 254  # RFC 5321, 4.5.3.1.1 and 4.5.3.1.3
# Mailbox providers whose names are often mistyped, and real domains that differ from them by one letter. Providers of
# which many signatures are normal are another list, edited at the desk (models/limits.py).
_PROVIDERS = {
    "gmail.com", "googlemail.com", "gmx.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "hotmail.com", "hotmail.co.uk",
    "hotmail.fr", "hotmail.it", "outlook.com", "outlook.fr", "live.com", "live.fr", "live.co.uk", "yahoo.com",
    "yahoo.fr", "yahoo.co.uk", "yahoo.de", "yahoo.co.jp", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "web.de", "t-online.de", "orange.fr", "free.fr", "wanadoo.fr", "laposte.net", "sfr.fr", "libero.it",
    "btinternet.com", "proton.me", "protonmail.com", "mail.com", "email.com", "mail.ru", "yandex.ru", "posteo.de",
    "bluewin.ch", "gmx.fr",
}  # fmt: skip
# Mobile carriers of Japan gave out addresses with two dots in a row, or one before the @, for years.
_DOTTED = {"docomo.ne.jp", "ezweb.ne.jp", "au.com"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # the general category Cc
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]*)>")  # Orla Fen <orla@example.org>
_valid = EmailValidator(message=_("Please enter an e-mail address like name@example.org."), allowlist=[])


def check(address: str) -> str:
    """The address to which mail is sent: as meant, with its domain in punycode.

    Raises ValidationError with a text for the signer. Quoted and non-ASCII local parts are refused: most relays
    cannot deliver to them, so a link mailed there would be lost. So are this machine and bare numbers of machines.
    """
    if len(address) > 4 * LONGEST_ADDRESS:  # before any work that grows with its length
        raise ValidationError(_("This address is too long to be real."), "invalid")
    if _CONTROL.search(address.strip()):  # no page or mail program copies these
        raise ValidationError(_valid.message, "invalid")
    local, _at, domain = _peeled(as_meant(address)).rpartition("@")
    if "=?" in local:  # an encoded word: mail programs, and Python's own library, decode it
        raise ValidationError(_valid.message, "invalid")
    if local and not local.isascii():
        raise ValidationError(_("Before the @ we can only send to plain letters, digits and signs."), "invalid")
    if local.startswith('"'):
        raise ValidationError(_("We cannot send to an address in quotation marks."), "invalid")
    try:
        domain = punycode(domain)
    except UnicodeError:
        raise ValidationError(_valid.message, "invalid") from None
    if domain.startswith("["):
        raise ValidationError(_valid.message, "invalid")
    dots_allowed = domain.casefold() in _DOTTED
    _valid(f"{re.sub(r'[.]+', '.', local).removesuffix('.') if dots_allowed else local}@{domain}")
    if len(f"{local}@{domain}") > LONGEST_ADDRESS or len(local) > LONGEST_LOCAL:
        raise ValidationError(_("This address is too long to be real."), "invalid")
    return f"{local}@{domain}"


def _peeled(typed: str) -> str:
    """The address within what is copied from a mail program, a page or a sentence."""
    if inner := _IN_BRACKETS.fullmatch(typed.rstrip(" .,;")):
        typed = inner[1]
    typed = re.sub(r"\s*@\s*", "@", typed.strip(" ,;").replace("\u3002", "."))
    if typed[:7].casefold() == "mailto:":
        typed = typed[7:].partition("?")[0]
    return typed.rstrip(" .,;>")


def meant(address: str) -> str:
    """The address that was probably meant, if its domain differs by one typing error from a provider's; else ""."""
    local, _at, domain = address.rpartition("@")
    near = _provider_near(domain.casefold())
    return f"{local}@{near}" if local and near else ""


@lru_cache(maxsize=1000)
def _provider_near(domain: str) -> str:
    """The provider whose domain differs from this one by one typing error; "" for none, and for a provider's own."""
    if domain in _PROVIDERS:
        return ""
    near = min(_PROVIDERS, key=lambda provider: OSA.distance(domain, provider))
    return near if OSA.distance(domain, near) == 1 else ""
