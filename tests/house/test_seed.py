"""`manage.py seed`: what a demo begins with is calm, however many have signed."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from signatories.models import Limits, Signature
from signatories.models.signature import State
from signatories.screening import alerts


@pytest.mark.django_db
def test_invented_signatories_set_off_no_alarm() -> None:
    Limits.objects.update_or_create(pk=1, defaults={"alarm_per_domain": 1})
    call_command("seed", signatures=200)
    assert Signature.objects.filter(state=State.PUBLISHED).count() == 200

    assert alerts.raise_alarms(timezone.now()) == []

    assert Signature.objects.filter(state=State.PUBLISHED).count() == 200
