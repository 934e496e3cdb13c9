"""Invented organisations for the demo: three partners with their channels. None is real."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from signatories.desk.partners import services
from signatories.gathering import services as gathering
from signatories.models import Channel, Partner, PartnerAccount
from signatories.partners import channels

_PARTNERS = (
    {
        "name": "Union of Stage Hands", "slug": "stage-hands", "stance": "supports", "site": "", "duties": {},
        "sentence": {
            "en": "What our members make by night is not raw material by day.",
            "fr": "Ce que nos membres créent le soir n’est pas une matière première le lendemain.",
        },
    },
    {
        "name": "Paper Lantern Records", "slug": "paper-lantern", "stance": "supports", "site": "", "duties": {},
        "sentence": {"en": "We ask our artists before we use their work. So should everybody."},
    },
    {
        "name": "House of Open Letters", "slug": "open-letters", "stance": "collects", "site": "", "duties": {},
        "sentence": {"en": "We bring letters to those who may want to sign them, whatever they say."},
    },
)  # fmt: skip
_CHANNELS = {"newsletter": "Newsletter", "hall": "Poster in the hall"}


OFFICER = "officer@stage-hands.example"


def hands_names_over(organizer: AbstractBaseUser, now: datetime) -> AbstractBaseUser:
    """Let the union hand names over, as in docs/gathered-names/members.csv; returns the account of its officer."""
    union = Partner.objects.get(slug="stage-hands")
    values = {"signed_by": "Olive Tarnbrook", "signed_on": now.date()}
    gathering.grant(partner_id=union.pk, values=values, account=organizer, now=now)
    account, made = get_user_model().objects.get_or_create(username="officer", defaults={"email": OFFICER})
    if made:
        PartnerAccount.objects.create(account=account, partner=union)
    return account


def partners(organizer: AbstractBaseUser) -> list[Channel]:
    """Store the partners; returns their channels."""
    for values in _PARTNERS:
        made = services.add(values=dict(values), organizer=organizer)
        for slug, name in _CHANNELS.items():
            channels.add(partner_id=made.pk, name=name, slug=slug, account=organizer)
    return list(Channel.objects.order_by("pk"))
