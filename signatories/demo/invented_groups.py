"""Two invented bands for the demo: of one all members have signed, of the other not yet."""

from collections import Counter
from datetime import datetime
from typing import Any

from declaration.models import Text
from signatories.demo.invented_people import DOMAIN, published
from signatories.identity.filing import guess_filing
from signatories.models import Membership, Signature
from signatories.models.profession import GroupKind, Role
from signatories.tally import services as tally

_BANDS = (("The Paper Lanterns", 5, 5), ("Hollow Reed", 4, 3))  # name, members, how many of them have signed


def bands(now: datetime) -> None:
    """Store the bands, with the first people of the list as their members."""
    text = Text.objects.filter(published_at__isnull=False).earliest("pk")
    people = iter(Signature.objects.public().people().order_by("number")[: sum(signed for _n, _m, signed in _BANDS)])
    for name, members, signed in _BANDS:
        said: dict[str, Any] = {"name": name, "profession": GroupKind.BAND, "named": True, "country": "IE"}
        said |= {"filed_under": guess_filing(name, of_group=True)}
        said |= {"representative": "Vera Quill", "representative_role": Role.SPEAKER}
        band = published(text, now, f"{name.casefold().replace(' ', '-')}@{DOMAIN}", **said)
        band.save()
        joined = [next(people, None) for _ in range(signed)] + [None] * (members - signed)
        Membership.objects.bulk_create(Membership(group=band, signature=person) for person in joined)
        tally.add(Counter(tally.facets(band)))
    tally.fold()
