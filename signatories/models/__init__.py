"""The nouns of signing; one file a noun."""

from signatories.models.act import Act
from signatories.models.correction import Correction
from signatories.models.edition import Edition
from signatories.models.letter import Letter
from signatories.models.mailing import MailAllowance, MailSlot, StoppedMailbox
from signatories.models.profession import Profession
from signatories.models.signature import Apart, Signature
from signatories.models.signup import Signup
from signatories.models.tally import Tally, TallyDelta
from signatories.models.watched import WatchedName

__all__ = [
    "Act",
    "Apart",
    "Correction",
    "Edition",
    "Letter",
    "MailAllowance",
    "MailSlot",
    "Profession",
    "Signature",
    "Signup",
    "StoppedMailbox",
    "Tally",
    "TallyDelta",
    "WatchedName",
]
