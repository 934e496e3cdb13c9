"""Many people sign, without HTTP; who has been mailed."""

from django.utils import timezone

from declaration.models import Text
from signatories.models.signer_fields import SignerInput
from signatories.signing import services
from tests.people import text
from tests.smtp import Catcher


def sign_all(addresses: list[str]) -> list[str]:
    """People sign, without HTTP."""
    declaration: Text = text()
    for address in addresses:
        said = SignerInput(name=f"Person {address.partition('@')[0]}", profession="singer", named=True)
        services.sign(
            signer=said, address=address, news=False, language="en", text=declaration, now=timezone.now()
        )  # fmt: skip
    return addresses


def at(domain: str, count: int) -> list[str]:
    return [f"p{n}@{domain}" for n in range(count)]


def to(mailbox: Catcher) -> list[str]:
    return [mail.to[0] for mail in mailbox.mails]
