"""A real SMTP server on loopback that keeps what it is sent and fails when told to."""

import asyncio
import email
import email.policy
import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Mode = Literal["ok", "slow", "drop", "few", "spent"]
FEW = 5


@dataclass
class Mail:
    """One received mail; `answered` unless the line was cut before we said so."""

    sender: str
    to: list[str]
    message: EmailMessage
    answered: bool = True

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

    @property
    def is_thanks(self) -> bool:
        """Whether it is the mail of thanks, which follows by itself."""
        return (
            str(self.message["Subject"])
            .strip()
            .startswith(("Your name stands", "Your group stands", "You are counted", "Your signature is acc"))
        )

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
    """The server: `mails` holds what arrived; local part `later` gets 451, `bounce` 550, `policy` 550 5.7.1.

    Modes: "slow" takes `delay` seconds a mail, "drop" keeps the mail and cuts the line before answering, as when a
    server dies right after accepting, "few" cuts the line after FEW mails, "spent" refuses us as a sender. `answers`
    holds what is said to every recipient of a domain; `asked` holds every recipient that was named.
    """

    port: int
    mails: list[Mail] = field(default_factory=list)
    mode: Mode = "ok"
    delay: float = 0.2
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
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
        self.asked.clear()
        self.answers.clear()
        if self._controller is None:
            self.start()

    def down(self) -> None:
        """As if the mail server were switched off."""
        self.stop()

    def of(self, address: str) -> list[Mail]:
        """The mails to one address."""
        return [mail for mail in self.mails if address in mail.to]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:  # fmt: skip
        """Take mail from us, unless we have used up what we may send."""
        if self.mode == "spent":
            return "450 4.7.1 too many mails from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:  # fmt: skip
        """Refuse the test addresses and what `answers` says, accept all others."""
        self.asked.append(address)
        if said := self.answers.get(address.rpartition("@")[2]):
            return said
        if address.startswith("later"):
            return "451 try again"
        if address.startswith("bounce"):
            return "550 no such mailbox"
        if address.startswith("policy"):
            return "550 5.7.1 relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail; fail as the mode says."""
        if self.mode == "slow":
            await asyncio.sleep(self.delay)
        taken = session.__dict__["taken"] = session.__dict__.get("taken", 0) + 1
        if self.mode == "few" and taken > FEW:
            assert server.transport is not None
            server.transport.close()
            return "421 enough for one line"
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._lock:
            dropped = self.mode == "drop"
            self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), message, not dropped))
        if dropped:
            assert server.transport is not None
            server.transport.close()
        return "250 OK"


class Knocks:
    """A server in trouble: it counts who comes, says 421 and hangs up."""

    def __init__(self, port: int) -> None:
        self.at: list[float] = []
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.settimeout(0.2)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Refuse connections from now on."""
        self._over.set()
        self._thread.join(5)
        self._listening.close()

    def _answer(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                line, _address = self._listening.accept()
                self.at.append(time.monotonic())
                with line:
                    line.sendall(b"421 out of order\r\n")
