"""What the tests of changing keys share."""

from io import StringIO
from itertools import count

from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import links
from signatories.identity import mailbox as sealing
from signatories.listing import services as listing
from signatories.models import Signature, Signup
from signatories.models.report import ReportKind
from tests.people import ADDRESS


class Keys:
    """The three keys of a house, as its operator changes them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.drawn = settings, count(1)

    def draw(self) -> None:
        """Step 1: new keys in front, those of before as fallbacks."""
        n = next(self.drawn)
        self.settings.SECRET_KEY_FALLBACKS = [self.settings.SECRET_KEY, *self.settings.SECRET_KEY_FALLBACKS]
        self.settings.DIGEST_KEY_FALLBACKS = [self.settings.DIGEST_KEY, *self.settings.DIGEST_KEY_FALLBACKS]
        self.settings.MAILBOX_KEYS = [Fernet.generate_key().decode(), *self.settings.MAILBOX_KEYS]
        self.settings.SECRET_KEY, self.settings.DIGEST_KEY = f"a new secret {n}", f"a new digest key {n}"

    def forget_old(self) -> None:
        """Step 3: only the new ones."""
        self.settings.SECRET_KEY_FALLBACKS, self.settings.DIGEST_KEY_FALLBACKS = [], []
        self.settings.MAILBOX_KEYS = self.settings.MAILBOX_KEYS[:1]


def rotate(*flags: str) -> str:
    """Step 2; what the command said."""
    out = StringIO()
    call_command("rotate_keys", *flags, stdout=out)
    return out.getvalue()


def live(address: str = ADDRESS) -> int:
    """How many live signatures a mailbox has, whatever key they are under: by the opened addresses."""
    return sum(sealing.unseal(bytes(s.address_sealed)) == address for s in Signature.objects.live())


def newest_link() -> str:
    """The confirm link of the newest form, also where the mail rightly holds none: the mailbox has signed."""
    signup = Signup.objects.latest("pk")
    return f"/confirm/{links.make(links.Purpose.CONFIRM, signup.pk, signup.nonce)}/"


def report(signature: Signature) -> None:
    """Somebody says that an entry is wrong, and leaves an address."""
    listing.report(
        number=signature.number or 0, wrong=ReportKind.MISSPELT, words="One p.", address="reader@example.org", language="en",
        now=timezone.now(),
    )  # fmt: skip
