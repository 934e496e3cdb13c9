"""Fixtures that all tests may use; the servers behind them are started by tests/servers.py."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache, caches
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from declaration import settings as declared
from declaration.models import _current
from signatories.screening import limits
from tests.servers import MAIL_PORT
from tests.smtp import Catcher

_catcher = Catcher(MAIL_PORT)


@pytest.fixture(autouse=True)
def _nobody_was_here_before() -> None:
    """Every test begins with empty counters of visitors, and with the rules and the text of its own database."""
    cache.clear()
    _current.clear()
    limits.forget_rules()
    caches["counters"].clear()


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Catcher]:
    """The SMTP server, empty and in order; Django's test runner had replaced SMTP by a list in memory."""
    settings.MAILERS = declared.MAILERS
    _catcher.reset()
    yield _catcher
    _catcher.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Every row counts from 1,000,000 on, as after a launch: an identifier printed with a comma breaks a link here."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename FROM pg_sequences WHERE schemaname = 'public'")
        for (sequence,) in cursor.fetchall():
            cursor.execute("SELECT setval(%s, 1000000)", [sequence])
