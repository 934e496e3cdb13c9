"""Organizers: the role of an account, and the one table that says which role may do what at the desk.

The table stands below the desk, because alarms are mailed to those who may answer them.
"""

from datetime import datetime
from enum import StrEnum, auto

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an organizer is there for."""

    VIEWER = "viewer", _("viewer")
    MODERATOR = "moderator", _("moderator")
    EDITOR = "editor", _("editor")
    ADMINISTRATOR = "administrator", _("administrator")


class Power(StrEnum):
    """Something that one may do at the desk. Templates ask for it as `request.can.decide`."""

    LOOK_AT_NUMBERS = auto()
    SEE_PEOPLE = auto()
    DECIDE = auto()
    HELP_SIGNERS = auto()
    LOOK_AT_ADDRESSES = auto()
    ANSWER_REPORTS = auto()
    ANSWER_ALARMS = auto()
    MERGE_DUPLICATES = auto()
    READ_TRAIL = auto()
    FEATURE_NAMES = auto()
    EDIT_TEXTS = auto()
    ASK_FOR_EDITIONS = auto()
    EDIT_RULES = auto()
    SWITCH = auto()
    MOVE_MANY = auto()
    MANAGE_ORGANIZERS = auto()
    EXPORT = auto()
    OPEN = auto()
    MANAGE_PARTNERS = auto()
    GATHER_NAMES = auto()
    SEND_NEWS = auto()


# Administrators may do everything, and so stand in no row.
_WHO_MAY: dict[Power, tuple[Role, ...]] = {
    Power.LOOK_AT_NUMBERS: (Role.VIEWER, Role.MODERATOR, Role.EDITOR),
    Power.SEE_PEOPLE: (Role.MODERATOR,),
    Power.DECIDE: (Role.MODERATOR,),
    Power.HELP_SIGNERS: (Role.MODERATOR,),
    Power.LOOK_AT_ADDRESSES: (Role.MODERATOR,),
    Power.ANSWER_REPORTS: (Role.MODERATOR,),
    Power.ANSWER_ALARMS: (Role.MODERATOR,),
    Power.MERGE_DUPLICATES: (Role.MODERATOR,),
    Power.READ_TRAIL: (Role.MODERATOR,),
    Power.FEATURE_NAMES: (Role.EDITOR,),
    Power.EDIT_TEXTS: (Role.EDITOR,),
    Power.ASK_FOR_EDITIONS: (Role.EDITOR,),
    Power.EDIT_RULES: (),
    Power.SWITCH: (),
    Power.MOVE_MANY: (),
    Power.MANAGE_ORGANIZERS: (),
    Power.EXPORT: (),
    Power.OPEN: (),
    Power.MANAGE_PARTNERS: (Role.EDITOR,),
    Power.GATHER_NAMES: (),
    Power.SEND_NEWS: (Role.EDITOR,),
}


class Organizer(models.Model):
    """The role of an account that may enter the desk."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    role = models.CharField(_("role"), max_length=15, choices=Role)
    created_at = models.DateTimeField(db_default=TransactionNow())  # of this role, not of the account

    def __str__(self) -> str:
        return str(self.get_role_display())


def role_of(account: AbstractBaseUser | AnonymousUser) -> Role | None:
    """Return the role of an account; None for strangers, for closed accounts, and for those that were given none.

    A superuser without a row is an administrator: createsuperuser makes the first one.
    """
    if not (account.is_active and getattr(account, "is_staff", False)):
        return None
    if organizer := getattr(account, "organizer", None):
        return Role(organizer.role)
    return Role.ADMINISTRATOR if getattr(account, "is_superuser", False) else None


def role_since(account: AbstractUser) -> datetime:
    """Return since when an account has its role, or is open again."""
    organizer = getattr(account, "organizer", None)
    return organizer.created_at if organizer else account.date_joined


def roles_that_may(power: Power) -> tuple[Role, ...]:
    """Return the roles that have a power."""
    return (*_WHO_MAY[power], Role.ADMINISTRATOR)


def may(account: AbstractBaseUser | AnonymousUser, power: Power) -> bool:
    """Return whether the role of an account has a power."""
    return role_of(account) in roles_that_may(power)


def who_may(power: Power) -> list[AbstractUser]:
    """Return the accounts that have a power. They are few: each is asked for its role."""
    staff = get_user_model().objects.filter(is_staff=True).select_related("organizer").order_by("pk")
    return [account for account in staff if may(account, power)]
