"""Partners: organisations that bring signatures, the channels they use, and their accounts."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from declaration import languages
from signatories.models import translated

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_SLUG, LONGEST_CHANNEL = 40, 30
INVITED = "invited"  # the channel of gathered names: the system keeps it, and no link leads to it


class Stance(models.TextChoices):
    """What a partner says of the declaration."""

    SUPPORTS = "supports", _("supports this declaration")
    COLLECTS = "collects", _("only helps to collect signatures")


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> "PartnerQuerySet":
        """Filter those that still bring signatures."""
        return self.filter(ended_at=None)


class Partner(models.Model):
    """An organisation. `sentence` and `duties` hold a text for each language that has one, by its code."""

    slug = models.CharField(_("address"), max_length=LONGEST_SLUG, unique=True)
    name = models.CharField(_("name"), max_length=120)
    skeleton = models.TextField(unique=True)  # of the name, so that no partner's name looks like another's
    site = models.URLField(_("web site"), blank=True)
    stance = models.CharField(_("stance"), max_length=10, choices=Stance)
    sentence = models.JSONField(default=dict, db_default={})
    duties = models.JSONField(default=dict, db_default={})  # who is responsible for what, where not as usual
    logo = models.BinaryField(default=b"", db_default=b"")  # PNG
    logo_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=TransactionNow())
    ended_at = models.DateTimeField(null=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(slug__regex=SLUG), name="partner_slug")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page on which people sign, in the active language."""
        return reverse("partners-page", args=[self.slug])

    def told(self, texts: dict[str, str]) -> tuple[str, str]:
        """Return one of `texts`, and its language: that of the page, else that of the site, else any."""
        return translated.best(texts)

    def gathers(self) -> bool:
        """Return whether it may hand over names of people who agreed to be asked."""
        return hasattr(self, "gathering") and self.gathering.ended_at is None

    def told_duties(self) -> dict[str, str]:
        """Return who is responsible for what, and the language of these words, for templates/partners/duties.html."""
        duties, language = self.told(self.duties)
        return {"duties": duties, "duties_language": language}


class ChannelQuerySet(models.QuerySet["Channel"]):
    def kept(self) -> "ChannelQuerySet":
        """Filter those that were not removed."""
        return self.filter(models.Q(slug="") | ~models.Q(name=""))

    def with_link(self) -> "ChannelQuerySet":
        """Filter those by which anybody can come: all that are kept, but the one of invitations."""
        return self.kept().exclude(slug=INVITED)

    def own(self) -> "ChannelQuerySet":
        """Filter those that a partner registers and removes: neither its page itself nor invitations."""
        return self.with_link().exclude(slug="")


class Channel(models.Model):
    """A way by which a partner reaches people. The one without a slug is its page itself.

    One with a slug and without a name was removed. Its row stays, whether or not somebody came by it: otherwise its
    partner could tell by what is deleted.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="channels")
    slug = models.CharField(_("in the link"), max_length=LONGEST_CHANNEL, blank=True)
    name = models.CharField(_("name"), max_length=60, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "slug"], name="channel_once"),
            models.CheckConstraint(condition=models.Q(slug="") | models.Q(slug__regex=SLUG), name="channel_slug"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.slug}"


class PartnerAccount(models.Model):
    """An account of somebody who works for a partner. It sees the numbers of that partner, and nothing else."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="partner_account"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="accounts")
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        return f"{self.account_id} of {self.partner_id}"


def partner_of(account: AbstractBaseUser | AnonymousUser) -> Partner | None:
    """Return the partner that an account works for; None for organizers, strangers and closed accounts."""
    if not account.is_active:
        return None
    found = PartnerAccount.objects.select_related("partner").filter(account=account.pk).first()
    return found.partner if found else None


class SheetKind(models.TextChoices):
    """What a partner prints."""

    HANDOUT = "handout", _("hand-out with the text")
    POSTER = "poster", _("poster for the door")


class PartnerSheet(models.Model):
    """A PDF for a channel in a language. The row asks for it; the worker of the editions makes it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sheets")
    language = models.CharField(max_length=10, choices=languages.choices)
    kind = models.CharField(max_length=10, choices=SheetKind)
    text = models.ForeignKey("declaration.Text", on_delete=models.CASCADE, related_name="+")  # what stands in it
    asked_at = models.DateTimeField(db_default=TransactionNow())
    pdf = models.BinaryField(default=b"", db_default=b"")
    failed = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "language", "kind"], name="partner_sheet_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel_id} ({self.language})"
