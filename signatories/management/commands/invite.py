"""`manage.py invite`: print a link with which somebody makes an account; nothing is mailed."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from signatories.accounts import invitations
from signatories.audit.services import by_command
from signatories.models.organizer import Role


class Command(BaseCommand):
    """Invite, and print the link once: it is stored nowhere."""

    help = "Invites an organizer, and prints the link. Also the way to the first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the address of the account")
        parser.add_argument("--role", choices=Role.values, default=Role.ADMINISTRATOR)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where the address is none, or has an account."""
        role = Role(options["role"])
        try:
            validate_email(options["address"])
            made = invitations.invite(
                address=options["address"], role=role, language=settings.LANGUAGE_CODE,
                by=by_command(f"invited as {role}"), now=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError("This is no address.") from error
        except invitations.AccountExists as error:
            raise CommandError("This address has an account; see /desk/organizers/.") from error
        self.stdout.write(invitations.link_of(made))
