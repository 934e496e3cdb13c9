"""A time stamping authority of our own: openssl behind HTTP, which can also hang, drip, refuse, or answer nonsense."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
[req]
distinguished_name = dn
[dn]
"""


class Authority:
    """`mode`: "right", "hangs", "drips" (a byte of the headers now and then), "nonsense", "another" (stamps another
    file), "refuses", "long" or "fails". `reached` counts the questions, `asked` those that were answered."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mode, self.asked, self.reached = folder, "right", 0, 0
        self.over = threading.Event()
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        self.url = ""
        self._write_config("sha256")
        key = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.pem")]
        config = ["-config", str(folder / "tsa.cnf"), "-extensions", "stamping", "-subj", "/CN=Our authority"]
        subprocess.run(["openssl", "req", "-x509", "-days", "2", *key, *config], check=True, capture_output=True)

    @property
    def certificate(self) -> Path:
        return self.folder / "tsa.pem"

    def answer(self, question: bytes) -> bytes:
        """What the authority says, as DER."""
        self.asked += 1
        if self.mode == "another":
            other = self._run(["-query", "-sha256", "-cert", "-digest", "ab" * 32], b"")
            question = other
        self._write_config("sha512" if self.mode == "refuses" else "sha256")
        (self.folder / "question").write_bytes(question)
        reply = ["-reply", "-config", str(self.folder / "tsa.cnf"), "-queryfile", str(self.folder / "question")]
        return self._run(reply, b"")

    def _run(self, words: list[str], given: bytes) -> bytes:
        return subprocess.run(["openssl", "ts", *words], input=given, check=True, capture_output=True).stdout

    def _write_config(self, digests: str) -> None:
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder, digests=digests))


@contextmanager
def serving(folder: Path) -> Iterator[Authority]:
    """An authority that answers at its `url`."""
    authority = Authority(folder)

    def drip(out: BufferedIOBase) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with suppress(OSError):  # the other side has gone
            while not authority.over.wait(0.1):
                out.write(b"x")
                out.flush()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            authority.reached += 1
            if authority.mode == "hangs":
                authority.over.wait(20)
                return
            if authority.mode == "drips":
                drip(self.wfile)
                return
            answer = {"nonsense": b"<html>no</html>", "long": b"0" * 1_000_000}.get(authority.mode)
            self.send_response(500 if authority.mode == "fails" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer or authority.answer(question))

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield authority
    finally:
        authority.over.set()
        server.shutdown()
        server.server_close()
