"""What allauth asks us about second factors: their words, their names, and how their secrets are stored."""

from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatories.identity import mailbox

SECRETS = ("secret", "seed")  # in the data of an app, and of recovery codes; those of a passkey are public


def is_sealed(text: str) -> bool:
    """Whether a secret is encrypted: no secret begins as every token of Fernet does."""
    return text.startswith("gAAAA")


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth brings no types
    """allauth's second factors, their secrets encrypted: who reads the database cannot compute codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not the right code. Please look again: a code works once, for half a minute."),
        "cannot_generate_recovery_codes": _("Recovery codes stand in for a second factor. Please add one first."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt with the first of MAILBOX_KEYS, as addresses are."""
        return mailbox.seal(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt; secrets stored before they were encrypted are returned as they are.

        Raises ValidationError if no key opens it: then the factor opens nothing, and must be reset.
        """
        if not is_sealed(encrypted_text):
            return encrypted_text
        try:
            return mailbox.unseal(encrypted_text.encode())
        except InvalidToken as error:
            raise self.validation_error("incorrect_code") from error

    def get_totp_issuer(self) -> str:
        """The name that an authenticator app shows beside the code."""
        return settings.DECLARATION_NAME or _host()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that a passkey is for: as SITE_URL says, not the request."""
        return {"id": _host(), "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """The name that is suggested for a new passkey."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""
