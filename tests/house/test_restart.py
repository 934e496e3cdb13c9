"""F21: web is replaced while people sign, behind the real proxy with our file: nobody meets an error, nobody is lost."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from signatories.models import Signup
from tests.faults.length import LONG
from tests.house.serving import Answer, Site, proxy, web
from tests.people import form, from_everywhere, text
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5 if LONG else 1
# A busy machine is slow, and people are then told to come back: that is tested elsewhere.
PATIENT: dict[str, Any] = {"DATABASE_SECONDS": "60", "DATABASE_BUSY_SECONDS": "60", "DATABASE_WAIT_SECONDS": "60"}


@dataclass
class Signers:
    """People who sign one after the other, several at once, until told to stop."""

    site: Site
    told: Counter[tuple[int, str]] = field(default_factory=Counter)  # status, and what an error said
    received: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def sign(self, who: int) -> None:
        """Each under another name."""
        n = 0
        while not self.over.is_set():
            n += 1
            name = f"Person {who} {n}"
            try:
                answer = self.site.ask("POST", "/sign/", form(name=name, email=f"p{who}-{n}@example.org"))
            except (OSError, HTTPException) as error:
                answer = Answer(0, body=repr(error))
            self.told[answer.status, answer.body[-300:]] += 1
            if answer.status == 303:
                self.received.append(name)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """From now on, until the end."""
        threads = [threading.Thread(target=self.sign, args=(who,)) for who in range(6)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(60)


@pytest.mark.parametrize("webs", [1, 2])
def test_people_sign_while_web_is_replaced(tmp_path: Path, webs: int) -> None:
    text()
    from_everywhere()
    with ExitStack() as house:
        behind = [house.enter_context(web(tmp_path / f"web-{n}.log", **PATIENT)) for n in range(webs)]
        signers = Signers(house.enter_context(proxy(tmp_path, *behind)))
        with signers.at_work():
            for site in behind * ROUNDS:
                enough = len(signers.received) + 20
                wait_for(lambda enough=enough: len(signers.received) > enough)  # type: ignore[misc]
                _replaced(site)
    assert set(signers.told) == {(303, "")}
    assert sorted(Signup.objects.values_list("name", flat=True)) == sorted(signers.received)


def _replaced(site: Site) -> None:
    """Ended kindly and started anew, as a container is."""
    assert site.part
    site.part.stop()
    site.part.restart_ended()
    wait_for(site.ready)
