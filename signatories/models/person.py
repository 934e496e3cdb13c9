"""The columns that signup and signature share: a person's own statements, and their mailbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from declaration import languages
from declaration.models import Text
from signatories.identity import language
from signatories.identity.names import LONGEST_NAME
from signatories.models.profession import GroupKind, Profession, Role, is_group, profession_label

SHORT = 120


class Person(models.Model):
    """Normalized input of a signer. The address is encrypted, found by its digest; its domain is plain text."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    name_latin = models.CharField(_("name in Latin letters"), max_length=LONGEST_NAME, blank=True)
    profession = models.CharField(_("profession"), max_length=20, choices=[*Profession.choices, *GroupKind.choices])
    profession_other = models.CharField(_("own word for the profession"), max_length=SHORT, blank=True)
    affiliation = models.CharField(_("band, ensemble or company"), max_length=SHORT, blank=True)
    country = CountryField(_("country"), blank=True)
    named = models.BooleanField(_("shown by name"))
    news = models.BooleanField(_("wants news"), default=False)
    language = models.CharField(_("language"), max_length=10, choices=languages.choices)
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+", verbose_name=_("text signed"))
    # The version of the consent sentence (see signatories/identity/consent.py), and where it was given.
    consent = models.CharField(_("consent"), max_length=20)
    source = models.CharField(_("source"), max_length=20, default="form", db_default="form")

    # By which channel of a partner somebody came; like membership of a union, it is shown to nobody.
    channel = models.ForeignKey(
        "signatories.Channel", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    address_sealed = models.BinaryField()
    address_digest = models.BinaryField(max_length=32)
    domain = models.CharField(_("mail domain"), max_length=255)
    # The representative who signs for the person (agent, estate, label): never shown; owns the mailbox. Else empty.
    representative = models.CharField(_("representative"), max_length=LONGEST_NAME, blank=True, db_default="")
    representative_role = models.CharField(
        _("role of the representative"), max_length=20, choices=Role, blank=True, db_default=""
    )
    nonce = models.BinaryField(max_length=16)

    class Meta:
        abstract = True

    @classmethod
    def shared_columns(cls) -> list[str]:
        """The columns a signature takes over from its signup: all of a person's but the nonce. Ask it of Person."""
        return [field.attname for field in cls._meta.concrete_fields if field.name != "nonce"]

    @property
    def is_group(self) -> bool:
        """Return whether a band, an ensemble, a company or an organisation signs."""
        return is_group(self.profession)

    @property
    def profession_text(self) -> str:
        """Return the profession in the active language."""
        return profession_label(self.profession, self.profession_other)

    @property
    def country_name(self) -> str:
        """Return the name of the country in the active language, "" without one."""
        return str(self.country.name)

    @property
    def name_language(self) -> str:
        """Return the language of the name, for `lang`."""
        return language.language_of(self.name, country=str(self.country), signed_in=self.language)

    @property
    def name_latin_language(self) -> str:
        """Return the language of the name in Latin letters, for `lang`."""
        return language.in_latin(self.name_language)
