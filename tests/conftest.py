"""Fixtures that all tests may use; the servers behind them are started by tests/servers.py."""

from collections.abc import Iterator

import pytest

from tests.servers import MAIL_PORT
from tests.smtp import Catcher

_catcher = Catcher(MAIL_PORT)


@pytest.fixture
def mailbox() -> Iterator[Catcher]:
    """The SMTP server, empty and in order."""
    _catcher.reset()
    yield _catcher
    _catcher.stop()
