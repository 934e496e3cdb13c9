"""`manage.py check_mail [ADDRESS]`: is our mail likely to arrive? Exit code 1 if something must be mended."""

import sys
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, mailers
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from declaration.ops.mail_check import Finding, Verdict, check_dns, check_relay


class Command(BaseCommand):
    """Look at the relay and at the domain of OPERATOR_EMAIL; send a test mail where an address is given."""

    help = "Checks the mail relay, and MX, SPF, DKIM and DMARC of the sender's domain."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom to write to, the DKIM key, another DNS server."""
        parser.add_argument("address", nargs="?", help="send a test mail there")
        parser.add_argument("--selector", default=settings.MAIL_DKIM_SELECTOR, help="name of the relay's DKIM key")
        parser.add_argument("--dns", default="", metavar="SERVER[:PORT]", help="ask this DNS server")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding as it comes. Raises SystemExit(1) if something must be mended."""
        message = _test_mail(options["address"]) if options["address"] else None
        findings = []
        for finding in check_relay(mailers.default, message=message):
            findings.append(self._say(finding))
        domain = settings.OPERATOR_EMAIL.rpartition("@")[2].lower()
        for finding in check_dns(domain, selector=options["selector"], server=options["dns"]):
            findings.append(self._say(finding))
        if Verdict.MEND in findings:
            self.stdout.write("Something must be mended: see the lines that begin with “mend”.")
            sys.exit(1)
        self.stdout.write("Nothing to mend, as far as can be seen from here.")

    def _say(self, finding: Finding) -> Verdict:
        self.stdout.write(str(finding))
        return finding.verdict


def _test_mail(address: str) -> EmailMessage:
    try:
        validate_email(address)
    except ValidationError as error:
        raise CommandError(f"“{address}” is not an address: {error.messages[0]}") from error
    return EmailMessage(
        subject=f"Test from {settings.SITE_URL}",
        body=f"Sent by `manage.py check_mail` at {timezone.now():%Y-%m-%d %H:%M} UTC. You need not do anything.\n",
        from_email=formataddr((settings.OPERATOR_NAME, settings.OPERATOR_EMAIL)),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
