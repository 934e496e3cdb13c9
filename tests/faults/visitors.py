"""Visitors who sign, confirm, hide and withdraw at random, and remember what they were told."""

import random
import re
import threading
from dataclasses import dataclass, field

from tests.faults.house import House

SIGNED = re.compile(r'href="(/mine/[^"]+/)"')


@dataclass
class Told:
    """What visitors were told: addresses by what became of them."""

    received: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    unavailable: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """One of many; acts until told to stop."""

    house: House
    told: Told
    name: str
    chosen: random.Random
    own_pages: dict[str, str] = field(default_factory=dict)
    signed: int = 0

    def act(self) -> None:
        """Do one thing, mostly what most do."""
        self.chosen.choices([self.sign, self.confirm, self.mend, self.withdraw, self.read], [5, 5, 1, 1, 2])[0]()

    def sign(self) -> None:
        """Fill in the form."""
        self.signed += 1
        address = f"{self.name}.{self.signed}@gmail.com".replace(".", "-", 1)
        form = {
            "name": f"Person {self.name} {self.signed}", "profession": "singer", "email": address,
            "appearance": self.chosen.choice(["named", "named", "unnamed"]),
        }  # fmt: skip
        answer = self.house.ask("POST", "/sign/", form)
        if answer.status == 303:
            self.told.received.add(address)
        else:
            self._not_done("sign", answer.status)

    def confirm(self) -> None:
        """Open a mail of one's own that was not confirmed yet."""
        mine = [mail for mail in list(self.house.mailbox.mails) if mail.to[0].startswith(f"{self.name}-")]
        waiting = [mail for mail in mine if mail.to[0] not in self.told.confirmed and "/confirm/" in mail.text]
        if not waiting:
            return
        mail = self.chosen.choice(waiting)
        path = mail.path("confirm")
        answer = self.house.ask("POST", path, {})
        if answer.status != 303:
            self._not_done("confirm", answer.status)
            return
        self.told.confirmed.add(mail.to[0])
        page = self.house.ask("GET", path)
        if found := SIGNED.search(page.body):
            self.own_pages[mail.to[0]] = found[1]

    def mend(self) -> None:
        """Hide the name, or show it."""
        if self.own_pages:
            address, path = self.chosen.choice(list(self.own_pages.items()))
            name = f"Person {self.name} {address.partition('-')[2].partition('@')[0]}"
            form = {"name": name, "profession": "poet", "appearance": self.chosen.choice(["named", "unnamed"])}
            answer = self.house.ask("POST", path, form)
            if answer.status not in (303, 404):  # a withdrawn one's page is gone
                self._not_done("mend", answer.status)

    def withdraw(self) -> None:
        """Take it all back."""
        if self.own_pages:
            address, path = self.chosen.choice(list(self.own_pages.items()))
            answer = self.house.ask("POST", f"{path}withdraw/", {})
            if answer.status == 303:
                self.told.withdrawn.add(address)
                del self.own_pages[address]
            elif answer.status != 404:
                self._not_done("withdraw", answer.status)

    def read(self) -> None:
        """Look at the page, the list, the number."""
        path = self.chosen.choice(["/", "/fr/", "/signatories/", "/api/v1/count", "/signatories/?q=person", "/press/"])
        answer = self.house.ask("GET", path)
        if answer.status != 200:
            self._not_done(path, answer.status)

    def _not_done(self, act: str, status: int) -> None:
        """Nobody answered, or 503 "try again": no promise was made. Anything else is a broken house."""
        if status in (0, 503):
            self.told.unavailable += 1
        else:
            self.told.broken.append(f"{act}: {status}")


def crowd(house: House, told: Told, stop: threading.Event, count: int, seed: int) -> list[threading.Thread]:
    """So many visitors at once, each in a thread, until `stop`."""

    def live(number: int) -> None:
        visitor = Visitor(house, told, f"v{number}", random.Random(seed + number))
        while not stop.is_set():
            visitor.act()
            stop.wait(0.05)

    threads = [threading.Thread(target=live, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads
