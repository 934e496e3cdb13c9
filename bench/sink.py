"""A mail server that stores no mails: it writes down when each Message-ID arrived.

`python -m bench.sink PORT FILE AWAY`: it answers as one that is AWAY seconds of way (there and back) from us.
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
    """Takes every mail."""

    def __init__(self, file: Path, away: float) -> None:
        self._log = file.open("a", buffering=1)
        self._away = away

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Any sender."""
        await asyncio.sleep(self._away)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Any recipient."""
        await asyncio.sleep(self._away)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        """One line for each mail: its Message-ID and the moment, in seconds."""
        await asyncio.sleep(2 * self._away)  # to DATA, and to the mail itself
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
