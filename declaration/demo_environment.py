"""How commands typed beside a running demo find its servers: a private file in the project's folder."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / ".demo.json"
SHARED = (
    "DATABASE_URL", "REDIS_URL", "MAIL_URL", "SITE_URL", "STORAGE_URL", "SECRET_KEY", "MAILBOX_KEYS", "DIGEST_KEY",
    "DEMO_MAIL_FOLDER",
)  # fmt: skip


@contextmanager
def shared(env: Mapping[str, str]) -> Iterator[None]:
    """Write the demo's settings for others of the same user to read; take them away at the end."""
    FILE.unlink(missing_ok=True)
    FILE.touch(mode=0o600)
    FILE.write_text(json.dumps({name: env[name] for name in SHARED if name in env} | {"PID": os.getpid()}))
    try:
        yield
    finally:
        FILE.unlink(missing_ok=True)


def join() -> None:
    """Take the settings of the demo that runs from this folder, unless the environment names a database itself."""
    if "DATABASE_URL" in os.environ or not FILE.exists():
        return
    kept = json.loads(FILE.read_text())
    if _runs(kept.pop("PID")):
        for name, value in kept.items():
            os.environ.setdefault(name, value)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
