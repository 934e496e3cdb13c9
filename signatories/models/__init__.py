"""The models of signing, one file for each or for a few that belong together."""

from signatories.models.act import Act
from signatories.models.alarm import Alarm
from signatories.models.card import Card
from signatories.models.claim import Claim
from signatories.models.closing import Closing
from signatories.models.dossier import (
    AnnouncedMailbox,
    DossierContact,
    DossierEnquiry,
    DossierProof,
    Verification,
    WatchedFile,
)
from signatories.models.duplicate import DuplicateGroup, DuplicateSearch
from signatories.models.edition import Edition, EditionFile, EditionHistory, EditionPart
from signatories.models.embargo import Embargo, PressAccount
from signatories.models.export import Export
from signatories.models.figures import Figures, HourlyFigure
from signatories.models.gathering import GatheredBatch, GatheringGrant, Invitee
from signatories.models.heartbeat import Heartbeat
from signatories.models.invitation import Invitation
from signatories.models.limits import Limits, Listed, MailServer
from signatories.models.mailing import MailCircuit, MailQuota, MailRate, MailSlot, StoppedMailbox
from signatories.models.mass_move import MassMove, MassMoveBatch
from signatories.models.membership import Membership
from signatories.models.news import Mailing, Update, UpdateText
from signatories.models.organizer import Organizer
from signatories.models.outbound_mail import OutboundMail
from signatories.models.partner import Channel, Partner, PartnerAccount, PartnerSheet
from signatories.models.presence import Presence
from signatories.models.press_picture import PressPicture
from signatories.models.profession import Profession
from signatories.models.public_change import PublicChange
from signatories.models.quote import Quote
from signatories.models.report import Report
from signatories.models.rule import PreviewedPart, PreviewedSet, Rule
from signatories.models.seal import ActDetail, Seal, TrailCheck, UnsealedAct
from signatories.models.settings import Pause, Setting
from signatories.models.setup import Setup
from signatories.models.signature import KnownDistinct, Signature
from signatories.models.signup import Signup
from signatories.models.tally import Tally, TallyDelta, TallyHistory
from signatories.models.watched import WatchedName

__all__ = [
    "Act",
    "ActDetail",
    "Alarm",
    "AnnouncedMailbox",
    "Card",
    "Channel",
    "Claim",
    "Closing",
    "DossierContact",
    "DossierEnquiry",
    "DossierProof",
    "DuplicateGroup",
    "DuplicateSearch",
    "Edition",
    "EditionFile",
    "EditionHistory",
    "EditionPart",
    "Embargo",
    "Export",
    "Figures",
    "GatheredBatch",
    "GatheringGrant",
    "Heartbeat",
    "HourlyFigure",
    "Invitation",
    "Invitee",
    "KnownDistinct",
    "Limits",
    "Listed",
    "MailCircuit",
    "MailQuota",
    "MailRate",
    "MailServer",
    "MailSlot",
    "Mailing",
    "MassMove",
    "MassMoveBatch",
    "Membership",
    "Organizer",
    "OutboundMail",
    "Partner",
    "PartnerAccount",
    "PartnerSheet",
    "Pause",
    "Presence",
    "PressAccount",
    "PressPicture",
    "PreviewedPart",
    "PreviewedSet",
    "Profession",
    "PublicChange",
    "Quote",
    "Report",
    "Rule",
    "Seal",
    "Setting",
    "Setup",
    "Signature",
    "Signup",
    "StoppedMailbox",
    "Tally",
    "TallyDelta",
    "TallyHistory",
    "TrailCheck",
    "UnsealedAct",
    "Update",
    "UpdateText",
    "Verification",
    "WatchedFile",
    "WatchedName",
]
