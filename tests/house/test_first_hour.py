"""The first hour on real parts: a worker mails the rehearsal, and answers who has the mail tested."""

from pathlib import Path

import pytest
from django.test import Client

from declaration.demo import embedded
from signatories.models import Setup, Signature
from tests.desk.start import MAIL, OLGA, draft, rehearse, step
from tests.smtp import Catcher
from tests.waiting import wait_for
from tests.workers import celery

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rehearsal_and_the_test_of_the_mail(
    desk: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    draft("en")
    with celery(redis_server, tmp_path) as parts:
        assert rehearse(desk).status_code == 303
        assert desk.post(MAIL).status_code == 303
        wait_for(lambda: len(mailbox.of(OLGA)) == 2, kept=parts)
        wait_for(lambda: Setup.current().mail_checked_at is not None, 90, kept=parts)
    (mail,) = [each for each in mailbox.of(OLGA) if str(each.message["Subject"]).startswith("Rehearsal")]
    assert Client().post(mail.path("confirm"))["Location"] == "/sign/rehearsed/"
    assert step(desk, "rehearsal").startswith("A rehearsal done")
    assert "mail in order: sent" in step(desk, "mail")  # DNS is what this machine sees of it
    assert not Signature.objects.exists()
