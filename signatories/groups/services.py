"""The members of a group: their links, joining, and leaving. Each is one transaction, and harmless when repeated."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from signatories.identity import links, mailbox
from signatories.identity.links import Purpose
from signatories.models import Membership, Signature, Signup
from signatories.models.signature import State

MOST = 100  # members of a group who get a link


def add_places(*, group_id: int, count: int) -> bool:
    """Make so many more links. False if that would be more than MOST, or the group is not published."""
    with transaction.atomic():
        group = Signature.objects.select_for_update(of=("self",)).get(pk=group_id)
        places = Membership.objects.standing().filter(group=group).count()
        if group.state != State.PUBLISHED or not group.is_group or places + count > MOST:
            return False
        Membership.objects.bulk_create(Membership(group=group) for _ in range(count))
        return True


def remove(*, group_id: int, membership_id: int, now: datetime) -> bool:
    """Take a place back: its link opens nothing, and its member stands under the group no more. False if it is gone.

    Whoever had the place is not told that its link was taken: it was theirs.
    """
    places = Membership.objects.standing().filter(pk=membership_id, group=group_id)
    while (place := places.first()) is not None:  # anew whenever it has changed hands in between
        with transaction.atomic():
            # The signups first, as whoever confirms locks them: else the two could wait for each other.
            if place.signature_id:
                Signup.objects.filter(signature=place.signature_id, membership=place.pk).update(membership=None)
            if places.filter(signature=place.signature_id).update(removed_at=now):
                return True
            transaction.set_rollback(True)
    return False


def join(*, signature_id: int, membership_id: int) -> bool:
    """Let somebody who had signed before take the place whose link they have used. False if they cannot have it.

    Only then are they told that somebody else has it, and it is offered to them no more.
    """
    with transaction.atomic():
        signature = Signature.objects.live().select_for_update(of=("self",)).get(pk=signature_id)
        if signature.memberships.standing().filter(group__members=membership_id).exists():
            return True
        digests = mailbox.digests_of(signature)
        offered = Membership.objects.offered_to(signature, digests).filter(pk=membership_id).values("pk")
        if Membership.objects.free().filter(pk__in=offered).update(signature=signature):
            return True
    _unconfirmed(signature).filter(membership=membership_id).update(membership=None)
    return False


def leave(*, signature_id: int, membership_id: int) -> bool:
    """Let a member leave; their own signature stays. False if they have left already.

    The place stays, empty: if it were taken back, the speaker would see that somebody had signed by its link. Forms
    that the member has sent by a link of the group lead to it no more.
    """
    with transaction.atomic():
        places = Membership.objects.standing().filter(pk=membership_id, signature=signature_id)
        place = places.select_related("signature").first()
        if place is None or place.signature is None:
            return False
        # The signups first, as whoever confirms locks them: else the two could wait for each other.
        for sent in (_unconfirmed(place.signature), place.signature.signups.all()):
            sent.filter(membership__group=place.group_id).update(membership=None)
        return bool(places.update(signature=None))


def _unconfirmed(signature: Signature) -> QuerySet[Signup]:
    return Signup.objects.filter(address_digest__in=mailbox.digests_of(signature), confirmed_at=None)


def link_of(membership: Membership) -> str:
    """The last part of the address of a member's link."""
    return links.make(Purpose.JOIN, membership.pk, membership.nonce)


def find(link: str) -> Membership | None:
    """The place a link was made for, whatever became of it; None if it is not one of ours."""
    row = links.row_of(link, Purpose.JOIN)
    found = Membership.objects.select_related("group").filter(pk=row).first() if row else None
    return found if found and links.proves(link, Purpose.JOIN, found.pk, found.nonce) else None


def is_open(membership: Membership) -> bool:
    """Whether the link of this place shows the form."""
    return Membership.objects.open().filter(pk=membership.pk).exists()
