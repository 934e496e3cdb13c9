"""Invented news for the demo: one published update, in English and in French."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from signatories.news import services
from signatories.news.services import Words

_TEXTS = {
    "en": Words(
        "The declaration is open",
        "Since this morning **everybody may sign**. Thank you to those who wrote the text with us.\n\n"
        "What comes next:\n\n- the first printed edition,\n- a meeting with those who make the tools.\n",
    ),
    "fr": Words(
        "La déclaration est ouverte",
        "Depuis ce matin, **tout le monde peut signer**. Merci à celles et ceux qui ont écrit le texte avec nous.\n\n"
        "La suite :\n\n- la première édition imprimée,\n- une rencontre avec celles et ceux qui font les outils.\n",
    ),
}


def update(organizer: AbstractBaseUser, now: datetime) -> None:
    """Publish the update."""
    written = services.write(texts=_TEXTS, organizer=organizer, now=now)
    services.publish(update_id=written.pk, organizer=organizer, now=now)
