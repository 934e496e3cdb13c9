"""Two invented bands for the demo: of one all members have signed, of the other not yet."""

from collections import Counter
from datetime import datetime

from declaration.models import Text
from signatories.demo.invented_people import DOMAIN
from signatories.identity import consent, mailbox
from signatories.identity.filing import guess_filing
from signatories.lifecycle.transitions import next_number
from signatories.models import Membership, Signature
from signatories.models.profession import GroupKind, Role
from signatories.models.signature import State
from signatories.models.signup import new_nonce
from signatories.tally import services as tally

_BANDS = (("The Paper Lanterns", 5, 5), ("Hollow Reed", 4, 3))  # name, members, how many of them have signed


def bands(now: datetime) -> None:
    """Store the bands, with the first people of the list as their members."""
    text = Text.objects.filter(published_at__isnull=False).earliest("pk")
    people = iter(Signature.objects.public().people().order_by("number")[: sum(signed for _n, _m, signed in _BANDS)])
    for name, members, signed in _BANDS:
        band = _row(name, text, now)
        band.save()
        joined = [next(people, None) for _ in range(signed)] + [None] * (members - signed)
        Membership.objects.bulk_create(Membership(group=band, signature=person) for person in joined)
        tally.add(Counter(tally.facets(band)))
    tally.fold()


def _row(name: str, text: Text, moment: datetime) -> Signature:
    address = f"{name.casefold().replace(' ', '-')}@{DOMAIN}"
    band = Signature(
        name=name, profession=GroupKind.BAND, named=True, filed_under=guess_filing(name, of_group=True), country="IE",
        representative="Vera Quill", representative_role=Role.SPEAKER, language=text.language, text=text,
        consent=consent.VERSION, shown_elsewhere=True, source="demo", state=State.PUBLISHED,
        address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
        domain=mailbox.domain_of(address), nonce=new_nonce(), signed_at=moment, confirmed_at=moment, changed_at=moment,
    )  # fmt: skip
    band.first_published(number=next_number(), now=moment)
    band.set_keys()
    return band
