"""The channels of a partner: which one a link names, registering and removing them."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatories.audit.services import record_edit
from signatories.models import Channel, Partner, PartnerSheet
from signatories.models.partner import INVITED, LONGEST_CHANNEL, SLUG
from signatories.partners import numbers
from signatories.partners.forms import ChannelForm

MOST = 20  # that a partner registers, besides its page itself and invitations: each is a line of its numbers
MOST_EVER = 100  # with those that were removed, whose rows stay


@dataclass(frozen=True)
class Link:
    """A channel with the address that people are given."""

    channel: Channel
    address: str


def links(partner: Partner) -> list[Link]:
    """The links of a partner, that of its page first, in the active language."""
    page = settings.SITE_URL + partner.get_absolute_url()
    return [
        Link(channel, f"{page}?by={channel.slug}" if channel.slug else page)
        for channel in partner.channels.with_link().order_by("slug")
    ]


def of_link(partner: Partner, by: str) -> Channel:
    """The channel that a link names by `?by=`; for one that the partner has not registered, its page itself."""
    asked = by if len(by) <= LONGEST_CHANNEL and re.fullmatch(SLUG, by) else ""
    found = {channel.slug: channel for channel in partner.channels.with_link().filter(slug__in={asked, ""})}
    return found.get(asked) or found[""]


def of_invitations(partner_id: int) -> Channel:
    """The channel by which the signatures of gathered names are counted; it is made where there is none."""
    return Channel.objects.get_or_create(partner_id=partner_id, slug=INVITED, defaults={"name": "Invitations"})[0]


def add(*, partner_id: int, name: str, slug: str, account: AbstractBaseUser) -> Channel:
    """Register a channel, or one that was removed again. Raises ValidationError where there is one, or too many."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().get(pk=partner_id)
        if slug == INVITED:
            raise ValidationError({"slug": _("This word is kept for invitations. Please choose another.")})
        if partner.channels.kept().filter(slug=slug).exists():
            raise ValidationError({"slug": _("There is one with this link.")})
        if partner.channels.own().count() >= MOST:
            raise ValidationError({"name": _("There are %(most)d, the most that are possible.") % {"most": MOST}})
        if partner.channels.exclude(slug=slug).count() >= MOST_EVER:
            words = _("%(most)d were registered, with those that were removed: no more are possible.")
            raise ValidationError({"name": words % {"most": MOST_EVER}})
        record_edit(account, f"channel {slug} added", about=f"partner {partner_id}")
        return Channel.objects.update_or_create(partner=partner, slug=slug, defaults={"name": name})[0]


def take(form: ChannelForm, *, partner_id: int, account: AbstractBaseUser) -> bool:
    """Register the channel of a form; False where it has errors now."""
    if form.is_valid():
        try:
            add(partner_id=partner_id, account=account, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
    return form.is_valid()


def remove(*, partner_id: int, channel_id: int, account: AbstractBaseUser) -> bool:
    """Remove a channel; False if it is gone or not of this partner, or if its numbers tell that people came by it.

    Whether nobody or some came by it makes no difference: neither to the answer, nor to what is left.
    """
    with transaction.atomic():
        channel = Channel.objects.own().filter(pk=channel_id, partner=partner_id).select_for_update().first()
        if channel is None or numbers.of_channel(channel) is not None:
            return False
        record_edit(account, f"channel {channel.slug} removed", about=f"partner {partner_id}")
        PartnerSheet.objects.filter(channel=channel).delete()
        channel.name = ""
        channel.save(update_fields=["name"])
        return True
