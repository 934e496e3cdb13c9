"""Where traces of a person could be, and a search for them: the database, Redis, what is said to it, files."""

import base64
import re
import subprocess
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from django.db import connection

from declaration.demo import embedded
from signatories.identity import names

_GZIP = b"\x1f\x8b\x08"


@contextmanager
def overheard(url: str) -> Iterator[list[str]]:
    """Everything that is said to Redis, as it is said: keys, values, task arguments."""
    heard: list[str] = []
    client = redis.Redis.from_url(url, socket_timeout=None)  # as long as nothing is said, there is nothing to hear
    stop = threading.Event()

    def listen() -> None:
        with client.monitor() as monitor:  # type: ignore[no-untyped-call]
            while not stop.is_set():
                heard.append(str(monitor.next_command()["command"]))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        client.ping()  # one more thing to hear, so that listening ends
        thread.join(10)
        client.close()


def forms_of(words: Iterable[str]) -> list[bytes]:
    """What a search looks for: the words, plain and as hex, and what is derived from them."""
    found = [form.encode() for word in words for form in (word, names.skeleton(word), names.fold(word))]
    return [part.lower() for word in found for part in (word, word.hex().encode())]


def in_it(haystack: bytes, needles: list[bytes]) -> set[bytes]:
    """Which of the needles are found, whatever the case; what is base64 or packed in it is opened."""
    opened = [haystack.lower()]
    for coded in re.findall(rb"[A-Za-z0-9+/=]{24,}", haystack):
        try:
            opened.append(base64.b64decode(coded, validate=True).lower())
        except ValueError:
            continue
    opened += [packed.lower() for packed in _unpacked(haystack)]
    return {needle for needle in needles for text in opened if needle in text}


def _unpacked(haystack: bytes) -> Iterator[bytes]:
    """What was packed by gzip, as pages are that a cache keeps."""
    at = haystack.find(_GZIP)
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(haystack[at:])
        at = haystack.find(_GZIP, at + 1)


def dump() -> bytes:
    """The whole database as PostgreSQL's own tool writes it."""
    command = [str(embedded.BIN / "pg_dump"), "--data-only", "--no-owner", "-U", "postgres"]
    command += ["-h", str(connection.settings_dict["HOST"]), str(connection.settings_dict["NAME"])]
    return subprocess.run(command, check=True, capture_output=True).stdout


def kept_in_redis(url: str) -> bytes:
    """All keys and values, as Redis itself dumps them, but not compressed: it shortens what repeats."""
    client = redis.Redis.from_url(url)
    client.config_set("rdbcompression", "no")
    keys: list[bytes] = [bytes(key) for key in client.keys("*")]  # type: ignore[arg-type]
    found = b"\n".join(key + b" " + bytes(client.dump(key) or b"") for key in keys)
    client.close()
    return found


def written_in(folder: Path) -> bytes:
    """All files of a folder and of those in it, with their names."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return b"\n".join(str(path).encode() + b" " + path.read_bytes() for path in files)
