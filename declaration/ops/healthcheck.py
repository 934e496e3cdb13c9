"""Whether the process of this container is alive; without Django. `python -m declaration.health` asks it.

Where `ALIVE_FILE` is set (workers, beat), it must have been touched just now; elsewhere the web server must answer.
"""

import os
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

# A worker sends a heartbeat every two seconds, beat ticks every second; both stop while the broker is away.
STALE_SECONDS = 30


def alive(port: str = "8000") -> bool:
    """Whether the process of this container works: its file is fresh, or its web server answers on `port`."""
    if file := os.environ.get("ALIVE_FILE"):
        return Path(file).exists() and time.time() - Path(file).stat().st_mtime < STALE_SECONDS
    host = urlsplit(os.environ.get("SITE_URL", "http://localhost:8000")).netloc
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=4) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except OSError:
        return False
