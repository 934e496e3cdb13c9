"""What the tests of the own page share."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from signatories.models import Signature
from signatories.signing import mails


@pytest.fixture
def own_page() -> Callable[[Signature], str]:
    """The address of somebody's own page, as a mail of today has it."""
    return lambda signature: f"/mine/{mails.own_link(signature, timezone.now().date())}/"
