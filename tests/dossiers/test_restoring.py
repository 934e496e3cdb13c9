"""A restored backup publishes nobody whose verification was stopped since."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from signatories.desk.dossiers import verification
from signatories.models import DossierProof, Verification
from signatories.models.signature import State
from tests.dossiers.moonwright import WORDS, proof, state_of, waiting
from tests.operations.backups import restore
from tests.operations.conftest import backed_up as backed_up
from tests.operations.conftest import keys as keys
from tests.operations.conftest import own_files as own_files
from tests.people import organizer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("moved", [False, True])
def test_an_agreement_that_was_stopped_after_the_backup_stays_stopped(
    backed_up: Callable[[], Path], moved: bool
) -> None:
    """After a move to another machine nothing has happened since the backup: the delay just goes on."""
    olga = organizer()
    signature, evidence = waiting(), proof(olga)
    now = timezone.now()
    verification.agree(signature_id=signature.pk, proof_id=evidence.pk, organizer=olga, alone=True, now=now)
    source = backed_up()
    verification.stop(signature_id=signature.pk, organizer=olga, now=now)
    restore(source, "--replace", *(["--send-waiting"] if moved else []))
    assert DossierProof.objects.get().words == WORDS
    assert Verification.objects.open().exists() is moved
    assert verification.publish_due(now + timedelta(hours=1)) == moved
    assert state_of(signature) == ((State.PUBLISHED, "person") if moved else (State.HELD, ""))
