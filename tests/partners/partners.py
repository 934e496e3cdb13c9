"""Partners for tests, and the accounts of their people."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from signatories.desk.partners import services
from signatories.models import Channel, Partner, PartnerAccount
from signatories.partners import channels
from tests.people import enter, organizer


def partner(name: str = "Union of Stage Hands", slug: str = "stage-hands", **values: Any) -> Partner:
    """A partner with the channel of a newsletter."""
    given: dict[str, Any] = {"name": name, "slug": slug, "stance": "supports", "site": "", "sentence": {}, "duties": {}}
    desk = organizer(f"editor-of-{slug}")
    made = services.add(values=given | values, organizer=desk)
    channels.add(partner_id=made.pk, name="The newsletter", slug="newsletter", account=desk)
    return made


def channel(of: Partner, slug: str = "newsletter") -> Channel:
    """One of its channels."""
    return of.channels.get(slug=slug)


def officer(of: Partner, name: str = "otto") -> Client:
    """The browser of somebody who works for it, signed in."""
    account = get_user_model().objects.create_user(name, f"{name}@union.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=of)
    return enter(Client(), account)
