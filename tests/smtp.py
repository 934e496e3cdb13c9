"""A real SMTP server on loopback that keeps what it is sent and fails when told to."""

import asyncio
import email
import email.policy
import re
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Mode = Literal["ok", "down", "slow", "drop"]


@dataclass
class Mail:
    """One received mail."""

    sender: str
    to: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())

    def path(self, name: str) -> str:
        """The path of the link to /confirm/… or /stop/… in the text."""
        found = re.search(rf"https?://[^/\s]+(/(?:\w\w/)?{name}/[\w.-]+/)", self.text)
        assert found, self.text
        return found[1]

    @property
    def code(self) -> str:
        """The code to type."""
        found = re.search(r"\b([0-9A-Z]{4} [0-9A-Z]{4})\b", self.text)
        assert found, self.text
        return found[1]


@dataclass
class Catcher:
    """The server: `mails` holds what arrived; local part `later` gets 451, `bounce` 550.

    Modes: "down" refuses connections, "slow" takes `delay` seconds a mail, "drop" keeps the mail and cuts the line
    before answering, as when a server dies right after accepting.
    """

    port: int
    mails: list[Mail] = field(default_factory=list)
    mode: Mode = "ok"
    delay: float = 0.2
    connections: int = 0
    _controller: Controller | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def reset(self) -> None:
        """Forget everything and work again."""
        self.mode = "ok"
        self.mails.clear()
        if self._controller is None:
            self.start()

    def down(self) -> None:
        """As if the mail server were switched off."""
        self.stop()

    def of(self, address: str) -> list[Mail]:
        """The mails to one address."""
        return [mail for mail in self.mails if address in mail.to]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:  # fmt: skip
        """Refuse the two test addresses, accept all others."""
        if address.startswith("later"):
            return "451 try again"
        if address.startswith("bounce"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail; fail as the mode says."""
        if self.mode == "slow":
            await asyncio.sleep(self.delay)
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._lock:
            self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), message))
        if self.mode == "drop":
            assert server.transport is not None
            server.transport.close()
        return "250 OK"
