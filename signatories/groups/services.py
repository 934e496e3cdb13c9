"""The members of a group: their links, joining, and leaving. Each is one transaction, and harmless when repeated."""

from datetime import datetime

from django.db import transaction

from signatories.identity import links, mailbox
from signatories.identity.links import Purpose
from signatories.models import Membership, Signature
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
    """Take a place back: its link opens nothing, and its member stands under the group no more. False if it is gone."""
    places = Membership.objects.standing().filter(pk=membership_id, group=group_id)
    return bool(places.update(removed_at=now))


def join(*, signature_id: int, membership_id: int) -> bool:
    """Let somebody who had signed before take the place whose link they have used. False if it is not theirs."""
    with transaction.atomic():
        signature = Signature.objects.live().select_for_update(of=("self",)).get(pk=signature_id)
        if signature.memberships.standing().filter(group__members=membership_id).exists():
            return False
        offered = Membership.objects.offered_to(mailbox.digests_of(signature)).filter(pk=membership_id).values("pk")
        return bool(Membership.objects.filter(pk__in=offered, signature=None).update(signature=signature))


def leave(*, signature_id: int, membership_id: int, now: datetime) -> bool:
    """Let a member leave; their own signature stays. False if they have left already."""
    places = Membership.objects.standing().filter(pk=membership_id, signature=signature_id)
    return bool(places.update(removed_at=now))


def link_of(membership: Membership) -> str:
    """The last part of the address of a member's link."""
    return links.make(Purpose.JOIN, membership.pk, membership.nonce)


def find(link: str) -> Membership | None:
    """The place a link was made for, whatever became of it; None if it is not one of ours."""
    row = links.row_of(link)
    found = Membership.objects.select_related("group").filter(pk=row).first() if row else None
    return found if found and links.proves(link, Purpose.JOIN, found.pk, found.nonce) else None


def is_open(membership: Membership) -> bool:
    """Whether somebody can still join by this place."""
    group = membership.group
    return membership.removed_at is None and membership.signature_id is None and group.state == State.PUBLISHED
