"""A real DNS server on loopback that knows a few records, and keeps silent or fails when told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = dict[tuple[str, str], list[str]]
Mode = Literal["ok", "silent", "failing"]


@contextmanager
def serving(zone: Zone, mode: Mode = "ok") -> Iterator[str]:
    """Answer for `zone`, {(name, type): values}; other names are NXDOMAIN. Yields ADDRESS:PORT."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.1)
        closing = threading.Event()
        thread = threading.Thread(target=_serve, args=(door, zone, mode, closing))
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            closing.set()
            thread.join()


def _serve(door: socket.socket, zone: Zone, mode: Mode, closing: threading.Event) -> None:
    while not closing.is_set():
        try:
            wire, asker = door.recvfrom(4096)
        except TimeoutError:
            continue
        if mode != "silent":
            door.sendto(_answer(wire, zone, mode), asker)


def _answer(wire: bytes, zone: Zone, mode: Mode) -> bytes:
    query = dns.message.from_wire(wire)
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    question = query.question[0]
    name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
    if mode == "failing":
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif values := zone.get((name, kind)):
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
    elif not any(known == name for known, _kind in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()
