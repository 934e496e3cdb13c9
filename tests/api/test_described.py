"""Schemathesis calls the API with what its description allows, and with what it does not, and checks every answer."""

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import negative_data_rejection

from declaration.web.application import application
from signatories.api.views import api
from signatories.models import Edition
from signatories.models.edition import EditionState
from signatories.tally import services as tally
from tests.people import from_everywhere, signed

schema = from_dict(api.get_openapi_schema())
schema.app = application


@pytest.fixture
def _somebody(transactional_db: None) -> None:
    from_everywhere()
    signed(affiliation="The Paper Lanterns", country="IE")
    tally.fold()
    Edition.objects.create(number=1, state=EditionState.READY, as_of=timezone.now(), named=1)


@schema.parametrize()
@pytest.mark.usefixtures("_somebody")
@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Case[Any]) -> None:
    """In front an empty parameter counts as none, and of one that is named twice the last counts (web/page_cache.py)."""
    loose = any(value in ("", None) or isinstance(value, list | dict) for value in (case.query or {}).values())
    case.call_and_validate(
        headers={"Accept-Encoding": "identity"}, excluded_checks=[negative_data_rejection] if loose else None
    )
