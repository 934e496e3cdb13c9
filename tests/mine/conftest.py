"""What the tests of the own page share."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from signatories.mail import messages
from signatories.models import Signature


@pytest.fixture
def own_page() -> Callable[[Signature], str]:
    """The address of somebody's own page, as a mail of today has it."""
    return lambda signature: f"/mine/{messages.own_link(signature, timezone.now().date())}/"
