"""Cards with a signer's own name, which they made to show around."""

import secrets

from django.db import models
from django.urls import reverse

from declaration import languages
from signatories.models.signature import Signature, State

IN_ADDRESS = r"[A-Za-z0-9_-]{22}"


def new_token() -> str:
    """Return 128 random bits, as they stand in the address."""
    return secrets.token_urlsafe(16)


class CardQuerySet(models.QuerySet["Card"]):
    def shown(self) -> "CardQuerySet":
        """Filter those whose signer stands on the list by name and lets others show it."""
        return self.filter(signature__in=Signature.objects.shown_elsewhere()).select_related("signature")

    def taken_back(self) -> "CardQuerySet":
        """Filter those that nobody can see again: their signer has left, is unnamed, or lets nobody show the name."""
        left = models.Q(signature__state=State.WITHDRAWN)
        return self.filter(left | models.Q(signature__named=False) | models.Q(signature__shown_elsewhere=False))


class Card(models.Model):
    """That a signer has made a card, in which language. What stands on it is read from the signature of now."""

    signature = models.OneToOneField(Signature, on_delete=models.CASCADE, primary_key=True, related_name="card")
    token = models.CharField(max_length=22, unique=True, default=new_token)
    language = models.CharField(max_length=10, choices=languages.choices)
    made_at = models.DateTimeField()

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(token__regex=f"^{IN_ADDRESS}$"), name="card_token")]

    def __str__(self) -> str:
        return f"card of {self.signature_id}"

    def get_absolute_url(self) -> str:
        """Return the page to hand on, in the language of the card."""
        return reverse("sharing-card-page", args=[self.token])

    @property
    def picture_url(self) -> str:
        """Return the path of the picture."""
        return reverse("sharing-card", args=[self.token])
