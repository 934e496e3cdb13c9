"""The nouns of signing; one file a noun."""

from signatories.models.decision import Decision
from signatories.models.edition import Edition
from signatories.models.mailing import MailAllowance, StoppedMailbox
from signatories.models.profession import Profession
from signatories.models.signature import Signature
from signatories.models.signup import Signup
from signatories.models.tally import Tally, TallyDelta
from signatories.models.watched import WatchedName

__all__ = [
    "Decision",
    "Edition",
    "MailAllowance",
    "Profession",
    "Signature",
    "Signup",
    "StoppedMailbox",
    "Tally",
    "TallyDelta",
    "WatchedName",
]
