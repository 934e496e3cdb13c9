"""`manage.py seed`: create the demo's declaration, invented signatories, an organizer. Refused outside this machine."""

import base64
import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from declaration.demo import text as demo_text
from signatories.accounts import second_factor
from signatories.demo import invented_groups, invented_news, invented_partners, invented_people
from signatories.desk.featured import services as featured
from signatories.editions import services as editions
from signatories.models import Listed, Signature, WatchedName
from signatories.models.limits import ListKind

WATCHED = ["Aurelia Vantongeren", "Cassius Moonwright", "Ísaura Fjellheim", "Тамара Зоряна"]
LOOK_ALIKES = ["Cassius Moonwrigth", "Aurelia van Tongeren", "Ísaura Fjellheim"]
FEATURED = 6
ORGANIZER = "organizer@declaration.example"


def _let_in(account: AbstractBaseUser) -> None:
    """Give an account the password of the demo, and an authenticator app whose code is shown beside the mails."""
    if password := os.environ.get("DEMO_PASSWORD"):
        account.set_password(password)
        account.save()
    if settings.DEMO_MAIL_FOLDER and not second_factor.has_one(account):
        second_factor.add_app(account, base64.b32encode(secrets.token_bytes(20)).decode())


class Command(BaseCommand):
    """Fill an empty installation; one with signatures is left as it is."""

    help = "Fills an empty demo: text, invented signatories, watched names, an organizer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--signatures", type=int, default=500)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed; DEMO_PASSWORD is the organizer's password."""
        if not settings.LOCAL:
            raise CommandError("Invented people are for demos: SITE_URL is not this machine.")
        demo_text.publish()
        organizer, _made = get_user_model().objects.get_or_create(
            username="organizer", defaults={"email": ORGANIZER, "is_staff": True, "is_superuser": True}
        )
        _let_in(organizer)
        for name in WATCHED:
            WatchedName.objects.get_or_create(name=name)
        Listed.objects.get_or_create(kind=ListKind.DOMAIN, value=invented_people.DOMAIN)  # no burst of strangers
        if not Signature.objects.exists():
            brought = invented_partners.partners(organizer)
            invented_people.signatures(options["signatures"], until=timezone.now(), channels=brought)
            invented_groups.bands(timezone.now())
            _let_in(invented_partners.hands_names_over(organizer, timezone.now()))
            invented_people.waiting(LOOK_ALIKES, until=timezone.now())
            demo_text.write_press_page()
            for signature in Signature.objects.public().order_by("number")[:FEATURED]:
                featured.feature(number=signature.number or 0, organizer=organizer)
            invented_news.update(organizer, timezone.now())
            editions.ask()
