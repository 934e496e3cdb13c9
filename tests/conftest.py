"""Real parts for all tests: PostgreSQL, a Redis-protocol server, an SMTP server; one set a session.

The servers start when this file is read, before Django reads its settings from the environment.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from declaration import embedded
from tests.smtp import Catcher

FOLDER = Path(tempfile.mkdtemp(prefix="declaration-tests-"))
servers = embedded.Servers(FOLDER, durable=False)
servers.start()
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
atexit.register(servers.stop)

_mail_port = embedded.free_port()
os.environ |= {
    "DATABASE_URL": servers.database_url,
    "REDIS_URL": servers.redis_url,
    "MAIL_URL": f"smtp://127.0.0.1:{_mail_port}",
    "MAIL_TIMEOUT": "5",
    "SITE_URL": "http://testserver",
    "STORAGE_URL": (FOLDER / "files").as_uri(),
    "SECRET_KEY": "only-for-tests",
    "DIGEST_KEY": "only-for-tests",
    "MAILBOX_KEYS": Fernet.generate_key().decode(),
}
_catcher = Catcher(_mail_port)


@pytest.fixture
def mailbox() -> Iterator[Catcher]:
    """The SMTP server, empty and in order."""
    _catcher.reset()
    yield _catcher
    _catcher.reset()
    _catcher.stop()


@pytest.fixture(scope="session")
def redis_server() -> embedded.Servers:
    """The servers of the session, for tests that kill or freeze the Redis one."""
    return servers
