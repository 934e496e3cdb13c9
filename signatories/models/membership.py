"""Members of groups: a personal link for each, which its speaker hands on, and the signature that was given by it."""

from collections.abc import Sequence

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Exists, OuterRef, Q

from signatories.identity import links
from signatories.models import settings as site
from signatories.models.embargo import hidden_until
from signatories.models.signature import Signature, State
from signatories.models.signup import Signup, new_nonce


class MembershipQuerySet(models.QuerySet["Membership"]):
    def standing(self) -> "MembershipQuerySet":
        """Filter those that the speaker has not taken back."""
        return self.filter(removed_at=None)

    def free(self) -> "MembershipQuerySet":
        """Filter those that nobody has, or somebody who withdrew. May be updated: it looks at no other place."""
        withdrawn = Signature.objects.filter(state=State.WITHDRAWN)
        return self.standing().filter(Q(signature=None) | Q(signature__in=withdrawn.values("pk")))

    def open(self) -> "MembershipQuerySet":
        """Filter those whose link shows the form: all of a published group but those of members who are public by name.

        A place that somebody without a public name has taken is among them: the speaker, who knows to whom each link
        was handed, must not see the difference.
        """
        found = self.standing().filter(group__state=State.PUBLISHED)
        return found.exclude(signature__in=Signature.objects.public().values("pk")) if _names_are_told() else found

    def offered_to(self, signature: Signature, digests: Sequence[bytes]) -> "MembershipQuerySet":
        """Filter the open places by whose links somebody has signed for this mailbox, without confirming anew.

        None of a group to which the signature belongs.
        """
        asked = Signup.objects.filter(address_digest__in=digests, membership=OuterRef("pk"), confirmed_at=None)
        has = Membership.objects.standing().filter(signature=signature, group=OuterRef("group"))
        return self.open().filter(Exists(asked), ~Exists(has)).select_related("group").order_by("pk")

    def missed_by(self, signature: Signature) -> "MembershipQuerySet":
        """Filter a place of each group by whose link this signature was given, and under which it does not stand.

        Whether the place was taken, taken back, or is free again is not told: nobody learns who has it.
        """
        used = signature.signups.filter(confirmed_at__isnull=False, membership__isnull=False)
        has = signature.memberships.standing()
        missed = self.filter(pk__in=used.values("membership")).exclude(group__in=has.values("group"))
        return missed.select_related("group").order_by("group", "pk").distinct("group")

    def shown(self) -> "MembershipQuerySet":
        """Filter those who stand under their group: members who are public by name."""
        found = self.standing().filter(signature__in=Signature.objects.public())
        return found.select_related("signature").order_by("signature__sort_key", "signature__number")

    def told(self) -> "MembershipQuerySet":
        """Filter those who stand under their group on a list that everybody can read at this moment."""
        return self.shown().filter(group__state=State.PUBLISHED) if _names_are_told() else self.none()


def _names_are_told() -> bool:
    return hidden_until() is None and site.current().list_public


class Membership(models.Model):
    """A place in a group. `signature` is that of the member who has confirmed by the link of this place.

    It is emptied again when they leave or are erased.
    """

    group = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="members")
    nonce = models.BinaryField(max_length=16, default=new_nonce)
    signature = models.ForeignKey(Signature, on_delete=models.SET_NULL, null=True, related_name="memberships")
    created_at = models.DateTimeField(db_default=TransactionNow())
    removed_at = models.DateTimeField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "signature"], condition=models.Q(removed_at=None), name="membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"member {self.pk} of {self.group_id}"

    @property
    def hidden_id(self) -> str:
        """The id as the pages of signers and speakers name it: bare ones count the places of all groups."""
        return links.hidden(links.Purpose.JOIN, self.pk)

    @classmethod
    def all_have_signed(cls, group: Signature) -> int:
        """Return how many members a group has, if all of them stand under it; else 0.

        Before that nobody is told their number: it would point at the one who has not signed.
        """
        standing = cls.objects.standing().filter(group=group).count()
        return standing if standing > 1 and cls.objects.filter(group=group).shown().count() == standing else 0
