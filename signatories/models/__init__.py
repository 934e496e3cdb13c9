"""The nouns of signing; one file a noun."""

from signatories.models.act import Act
from signatories.models.alarm import Alarm
from signatories.models.correction import Correction
from signatories.models.edition import Edition
from signatories.models.fairness import Limits, Listed, MailServer
from signatories.models.letter import Letter
from signatories.models.mailing import MailAllowance, MailGate, MailPace, MailSlot, StoppedMailbox
from signatories.models.profession import Profession
from signatories.models.pulse import Pulse
from signatories.models.signature import Apart, Signature
from signatories.models.signup import Signup
from signatories.models.tally import Tally, TallyDelta
from signatories.models.watched import WatchedName

__all__ = [
    "Act",
    "Alarm",
    "Apart",
    "Correction",
    "Edition",
    "Letter",
    "Limits",
    "Listed",
    "MailAllowance",
    "MailGate",
    "MailPace",
    "MailServer",
    "MailSlot",
    "Profession",
    "Pulse",
    "Signature",
    "Signup",
    "StoppedMailbox",
    "Tally",
    "TallyDelta",
    "WatchedName",
]
