"""Fixtures that all tests may use; the servers behind them are started by tests/servers.py."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from declaration import settings as declared
from tests.servers import MAIL_PORT
from tests.smtp import Catcher

_catcher = Catcher(MAIL_PORT)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Catcher]:
    """The SMTP server, empty and in order; Django's test runner had replaced SMTP by a list in memory."""
    settings.MAILERS = declared.MAILERS
    _catcher.reset()
    yield _catcher
    _catcher.stop()
