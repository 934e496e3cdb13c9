"""Redis refuses, then hangs: visitors are answered as ever, and their mails arrive when it is back (F1)."""

import time
from collections import Counter
from pathlib import Path

from tests.faults.house import House, house, wait_for


def post(whole: House, address: str) -> float:
    """Somebody signs and is told so; returns the seconds it took."""
    form = {"name": "Aveline Ashgrove", "profession": "singer", "email": address, "appearance": "named"}
    began = time.monotonic()
    answer = whole.ask("POST", "/sign/", form)
    assert answer.status == 303, (address, answer.status)
    return time.monotonic() - began


def test_visitors_are_answered_and_mailed_later(tmp_path: Path) -> None:
    addresses = [f"p{n}@example.org" for n in range(50)]
    with house(tmp_path, webs=1, proxied=True) as whole:
        assert whole.proxy
        took = []
        for n, address in enumerate(addresses):
            if n % 25 == 0:
                whole.proxy.become("refuse" if n == 0 else "hang")
            took.append(post(whole, address))
        assert sorted(took)[47] < 2  # a visitor may meet the moment in which Redis is found to be away
        whole.proxy.become("pass")
        everyone = set(addresses)
        wait_for(lambda: {mail.to[0] for mail in list(whole.mailbox.mails)} == everyone, 120, whole.restart_ended)
        time.sleep(2)
        assert Counter(mail.to[0] for mail in whole.mailbox.mails) == Counter(addresses)
