"""A TCP proxy that stands before a server and can be in trouble by itself."""

import socket
import threading
import time
from contextlib import suppress
from typing import Literal

Mode = Literal["pass", "refuse", "hang"]


class Proxy:
    """Passes on what it is sent; "refuse" cuts every line and lets nobody in, "hang" takes all and answers nothing."""

    def __init__(self, to: int | str) -> None:
        """Before a port of this machine, or a Unix socket."""
        self._to = to
        self._mode: Mode = "pass"
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._accept(self._door)

    def become(self, mode: Mode) -> None:
        """From now on behave like this."""
        if self._mode == "refuse" and mode != "refuse":
            self._door = socket.create_server(("127.0.0.1", self.port))
            self._accept(self._door)
        self._mode = mode
        if mode == "refuse":
            self.stop()

    def stop(self) -> None:
        """Cut every line and close the door."""
        self._mode = "refuse"
        _cut(self._door)
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            _cut(line)

    def _accept(self, door: socket.socket) -> None:
        threading.Thread(target=self._let_in, args=(door,), daemon=True).start()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                line, _address = door.accept()
                with self._lock:
                    self._lines.add(line)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError):
            self._wait_while_hanging()
            with self._connect() as server:
                server.settimeout(None)
                with self._lock:
                    self._lines.add(server)
                threading.Thread(target=self._pump, args=(server, line), daemon=True).start()
                self._pump(line, server)
        _cut(line)

    def _connect(self) -> socket.socket:
        if isinstance(self._to, int):
            return socket.create_connection(("127.0.0.1", self._to), timeout=5)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._to)
        return server

    def _pump(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65536):
                self._wait_while_hanging()
                to.sendall(said)
        _cut(source)
        _cut(to)
        with self._lock:
            self._lines -= {source, to}

    def _wait_while_hanging(self) -> None:
        while self._mode == "hang":
            time.sleep(0.05)


def _cut(line: socket.socket) -> None:
    """Also wakes whoever waits for it."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
