"""A mail server that stores no mail: it logs the Message-ID and moment of each.

`python -m bench.sink PORT FILE AWAY`: it answers like a server with a round trip of AWAY seconds.
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

_ID = re.compile(rb"^Message-ID: *(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


class Sink:
    """Accepts every mail."""

    def __init__(self, file: Path, away: float) -> None:
        self._log = file.open("a", buffering=1)
        self._away = away

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Accept any sender."""
        await asyncio.sleep(self._away)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Accept any recipient."""
        await asyncio.sleep(self._away)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        """Log one line for each mail: its Message-ID and the moment, in seconds."""
        await asyncio.sleep(2 * self._away)  # for DATA, and for the mail itself
        content = envelope.content
        assert isinstance(content, bytes)
        found = _ID.search(content)
        self._log.write(f"{found[1].decode() if found else '-'} {time.time()}\n")
        return "250 OK"


async def _serve(port: int, file: Path, away: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(file, away), hostname="sink"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
