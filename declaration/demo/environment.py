"""The demo's folder, and the private file in it by which other commands find the servers of a running demo."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SHARED = (
    "DATABASE_URL", "REDIS_URL", "MAIL_URL", "SITE_URL", "STORAGE_URL", "SECRET_KEY", "MAILBOX_KEYS", "DIGEST_KEY",
    "SIGNING_KEY", "DEMO_MAIL_FOLDER", "LANGUAGES",
)  # fmt: skip


def folder() -> Path:
    """Return DEMO_DIR, or this user's folder in the temporary one (under root, PostgreSQL's user must reach it).

    The rehearsal has one of its own.
    """
    name = "rehearsal" if is_rehearsal() else "demo"
    return Path(os.environ.get("DEMO_DIR") or Path(tempfile.gettempdir()) / f"declaration-{name}-{os.getuid()}")


def is_rehearsal() -> bool:
    """Whether DEMO_REHEARSAL asks for an empty site, to go the whole way from the first hour to the archive."""
    return os.environ.get("DEMO_REHEARSAL", "") not in ("", "0")


def _file() -> Path:
    return folder() / "environment.json"


@contextmanager
def shared(env: Mapping[str, str]) -> Iterator[None]:
    """Write the demo's settings for other commands of the same user; delete them at the end."""
    _file().unlink(missing_ok=True)
    _file().touch(mode=0o600)
    _file().write_text(json.dumps({name: env[name] for name in SHARED if name in env} | {"PID": os.getpid()}))
    try:
        yield
    finally:
        _file().unlink(missing_ok=True)


def join() -> None:
    """Use the settings of the running demo, unless the environment names a database or a site itself."""
    if {"DATABASE_URL", "SITE_URL"} & set(os.environ) or not _file().exists() or _file().stat().st_uid != os.getuid():
        return
    kept = json.loads(_file().read_text())
    if _runs(kept.pop("PID")):
        for name, value in kept.items():
            os.environ.setdefault(name, value)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
