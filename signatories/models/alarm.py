"""Alarms: events that organizers should look at now; shown at the desk, mailed to them, sent to a webhook."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.organizer import Power, may


class AlarmKind(models.TextChoices):
    DOMAIN = "domain", _("many signatures from one mail domain or mail server")
    NETWORK = "network", _("many signatures from one network")
    ARRIVALS = "arrivals", _("far more signatures than usual")
    WITHDRAWALS = "withdrawals", _("many withdrawals")
    REPORTS = "reports", _("many reports that entries are wrong")
    ASKED = "asked", _("links to own pages asked for by the hundred")
    TRAIL = "trail", _("the trail was changed")
    DRIFT = "drift", _("the number was wrong and has been repaired")
    MAIL = "mail", _("mail waits too long")
    REFUSED = "refused", _("mail to a domain is refused")
    HELD = "held", _("people wait too long for a decision")
    LOOKS = "looks", _("an organizer looks at many addresses")
    GATHERED = "gathered", _("people say that they never agreed to be asked")

    @property
    def answered_with(self) -> Power:
        """The power that answers alarms of this kind, and to whose holders they are mailed.

        Alarms about an organizer are for administrators: the one they are about puts none aside.
        """
        return Power.MANAGE_ORGANIZERS if self == AlarmKind.LOOKS else Power.ANSWER_ALARMS


def kinds_answered_by(account: AbstractBaseUser | AnonymousUser) -> list[AlarmKind]:
    """Return the kinds of alarms that an account may see and answer."""
    return [kind for kind in AlarmKind if may(account, kind.answered_with)]


class Alarm(models.Model):
    """An alarm; one open at a time for each kind and subject, until an organizer closes it."""

    kind = models.CharField(_("kind"), max_length=12, choices=AlarmKind)
    subject = models.CharField(_("about"), max_length=255, blank=True)
    words = models.CharField(_("what was seen"), max_length=300)
    size = models.PositiveIntegerField(default=0, db_default=0)
    raised_at = models.DateTimeField(_("raised"), db_default=TransactionNow())
    mailed_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(_("looked at"), null=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(closed_at=None), name="alarm_open_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
