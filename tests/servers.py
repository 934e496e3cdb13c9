"""Starts the real parts of all tests: PostgreSQL and a Redis-protocol server, and names a port for mail.

A pytest plugin (`-p tests.servers`), because pytest-django reads the settings before any conftest is read. Each
process of pytest-xdist has its own servers; with servers of yours (DATABASE_URL, REDIS_URL) run one: ARGS=-n0.
"""

import atexit
import os
import random
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from declaration.demo import embedded


def _port_of_mail() -> int:
    """Find a port that no system gives to whoever asks for a free one: mail has it only while a test looks at mail."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


# The processes of pytest-xdist inherit the environment of the first, and with it the addresses of its servers.
inherited = os.environ.get("TEST_SERVERS", "").split()
for name in inherited:
    del os.environ[name]

FOLDER = Path(tempfile.mkdtemp(prefix="declaration-tests-"))
# Of the first process: for what is made once for all of them.
COMMON = Path(os.environ.setdefault("TESTS_COMMON_FOLDER", str(FOLDER)))
MAIL_PORT = _port_of_mail()
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # dozens of processes are started: none should compile everything anew
servers = embedded.Servers(FOLDER, durable=False)
servers.start()
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
atexit.register(servers.stop)

os.environ |= {
    "TEST_SERVERS": " ".join(name for name in ("DATABASE_URL", "REDIS_URL") if name not in os.environ),
    "DATABASE_URL": servers.database_url,
    "REDIS_URL": servers.redis_url,
    "MAIL_URL": f"smtp://127.0.0.1:{MAIL_PORT}",
    "MAIL_TIMEOUT": "5",
    "SITE_URL": "http://testserver",
    "PAGE_SECONDS": "0",  # tests look at what they have just done; tests/house/test_page_cache.py sets it
    "PAGE_STALE_SECONDS": "0",
    "STORAGE_URL": (FOLDER / "files").as_uri(),
    "SECRET_KEY": "only-for-tests",
    "DIGEST_KEY": "only-for-tests",
    "MAILBOX_KEYS": Fernet.generate_key().decode(),
}
