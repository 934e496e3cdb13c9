"""Limits against floods of signatures, edited at the desk: one row, and lists of networks and mail domains."""

import ipaddress

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.identity import mailbox

LONGEST_NOTE = 200  # characters


def _at_least_one(default: int) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(default=default, db_default=default, validators=[MinValueValidator(1)])


class Limits(models.Model):
    """Numbers of signatures by origin before a puzzle must be solved, and before a person reviews; one row.

    A network is an IPv4 address or an IPv6 /64, a wider one a /24 or a /48. Windows are ten minutes, unless stated.
    """

    slow = models.BooleanField(_("a puzzle for everyone"), default=False)
    free_per_network = models.PositiveIntegerField(default=30)
    free_per_wider_network = models.PositiveIntegerField(default=300)
    free_per_minute = models.PositiveIntegerField(default=4000)
    most_per_network = models.PositiveIntegerField(default=600)
    most_per_domain = models.PositiveIntegerField(default=10)
    alarm_per_domain = models.PositiveIntegerField(default=50)
    release_hours = models.PositiveSmallIntegerField(default=12)
    # Thresholds of alarms; by the hour, unless stated.
    alarm_per_network = _at_least_one(500)
    alarm_arrivals = _at_least_one(500)
    alarm_times_usual = _at_least_one(10)
    alarm_withdrawals = _at_least_one(30)
    alarm_reports = _at_least_one(30)
    alarm_asked = _at_least_one(200)
    alarm_held_hours = _at_least_one(24)
    alarm_quiet_hours = _at_least_one(6)

    class Meta:
        verbose_name = verbose_name_plural = _("limits")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="limits_one_row")]

    def __str__(self) -> str:
        return str(_("limits"))

    @classmethod
    def current(cls) -> "Limits":
        """Return the row; the defaults if it was never saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ListKind(models.TextChoices):
    """Kind of a listed value."""

    NETWORK = "network", _("exempt network")
    DOMAIN = "domain", _("mail domain known to us")
    PROVIDER = "provider", _("large mail provider")
    DISPOSABLE = "disposable", _("disposable mail domain")
    SERVER = "server", _("large mail server")


class Listed(models.Model):
    """A network (`192.0.2.0/24`, `2001:db8::/32`), mail domain or mail server with rules of its own."""

    kind = models.CharField(_("kind"), max_length=10, choices=ListKind)
    value = models.CharField(_("network or domain"), max_length=255)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)

    class Meta:
        verbose_name = _("listed network or domain")
        verbose_name_plural = _("listed networks and domains")
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="listed_once")]

    def __str__(self) -> str:
        return self.value


class MailServer(models.Model):
    """The mail server of an unknown mail domain, from DNS; see signatories/screening/mail_servers.py.

    `server` is the registered domain of the server; empty if DNS named none or did not answer.
    """

    domain = models.CharField(max_length=255, primary_key=True)
    server = models.CharField(max_length=255, blank=True)
    looked_up_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["server"], name="mail_server_of")]

    def __str__(self) -> str:
        return self.domain


def tidy_value(kind: str, value: str) -> str:
    """Normalize a network or a domain. Raises ValidationError."""
    value = value.strip().lower()
    if kind == ListKind.NETWORK:
        try:
            return str(ipaddress.ip_network(value, strict=False))
        except ValueError:
            raise ValidationError("Please enter a network like 192.0.2.0/24 or 2001:db8::/48.") from None
    try:
        domain = value.rpartition("@")[2].strip(".").encode("idna").decode()
    except UnicodeError:
        domain = ""
    if "." not in domain or not domain.replace(".", "").replace("-", "").isalnum():
        raise ValidationError("Please enter a mail domain like example.org.")
    return mailbox.registered(domain) if kind == ListKind.SERVER else domain
