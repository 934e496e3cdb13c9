"""Visitors who sign, confirm, hide and withdraw at random, some of it twice or at once, and remember what they were told."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults.house import Answer, House
from tests.smtp import Mail

SIGNED = re.compile(r'href="(/mine/[^"]+/)"')


@dataclass
class Told:
    """What visitors were told: addresses by what became of them; how often nobody answered in time, by act."""

    received: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    hung: Counter[str] = field(default_factory=Counter)
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
    links: dict[str, str] = field(default_factory=dict)  # to confirm, of those in `own_pages`
    signed: int = 0

    def act(self) -> None:
        """Do one thing, mostly what most do."""
        acts: dict[Callable[[], None], int] = {
            self.sign: 5, self.confirm: 5, self.mend: 1, self.withdraw: 1, self.confirm_again: 1,
            self.confirm_and_withdraw: 1, self.read: 2,
        }  # fmt: skip
        act = self.chosen.choices(list(acts), list(acts.values()))[0]
        self.told.done[act.__name__] += 1
        act()

    def sign(self) -> None:
        """Fill in the form; now and then click twice, or mistype the address."""
        self.signed += 1
        address = f"{self.name}-{self.signed}@gmail.com"
        if self.chosen.random() < 0.03:
            address = f"bounce-{address}"
        form = {
            "name": f"Person {self.name} {self.signed}", "profession": "singer", "email": address,
            "appearance": self.chosen.choice(["named", "named", "unnamed"]),
        }  # fmt: skip
        clicks = self.chosen.choice([1, 1, 1, 2])
        for answer in at_once(*[lambda: self.house.ask("POST", "/sign/", form)] * clicks):
            if answer.status == 303:
                self.told.received.add(address)
            else:
                self._not_done("sign", answer)

    def confirm(self) -> None:
        """Open a mail of one's own that was not confirmed yet."""
        if not (waiting := self._unconfirmed()):
            return
        mail = self.chosen.choice(waiting)
        path = mail.path("confirm")
        answers = at_once(*[lambda: self.house.ask("POST", path, {})] * self.chosen.choice([1, 1, 1, 2]))
        for answer in answers:
            if answer.status != 303:
                self._not_done("confirm", answer)
        if all(answer.status != 303 for answer in answers):
            return
        self.told.confirmed.add(mail.to[0])
        page = self.house.ask("GET", path)
        if found := SIGNED.search(page.body):
            self.own_pages[mail.to[0]], self.links[mail.to[0]] = found[1], path

    def _unconfirmed(self) -> list[Mail]:
        mine = [mail for mail in list(self.house.mailbox.mails) if mail.to[0].startswith(f"{self.name}-")]
        return [mail for mail in mine if mail.to[0] not in self.told.confirmed and "/confirm/" in mail.text]

    def confirm_again(self) -> None:
        """Click the link of an older mail once more."""
        if self.links:
            answer = self.house.ask("POST", self.chosen.choice(list(self.links.values())), {})
            if answer.status != 303:
                self._not_done("confirm again", answer)

    def mend(self) -> None:
        """Hide the name, or show it."""
        if self.own_pages:
            address, path = self.chosen.choice(list(self.own_pages.items()))
            name = f"Person {self.name} {address.partition('-')[2].partition('@')[0]}"
            form = {"name": name, "profession": "poet", "appearance": self.chosen.choice(["named", "unnamed"])}
            answer = self.house.ask("POST", path, form)
            if answer.status not in (303, 404):  # a withdrawn one's page is gone
                self._not_done("mend", answer)

    def withdraw(self) -> None:
        """Take it all back."""
        if self.own_pages:
            address, path = self.chosen.choice(list(self.own_pages.items()))
            self._withdrawn(address, self.house.ask("POST", f"{path}withdraw/", {}))

    def confirm_and_withdraw(self) -> None:
        """Both in one moment, in two tabs."""
        if self.own_pages:
            address, path = self.chosen.choice(list(self.own_pages.items()))
            link = self.links[address]
            again, withdrawn = at_once(
                lambda: self.house.ask("POST", link, {}), lambda: self.house.ask("POST", f"{path}withdraw/", {})
            )
            if again.status != 303:
                self._not_done("confirm", again)
            self._withdrawn(address, withdrawn)

    def _withdrawn(self, address: str, answer: Answer) -> None:
        if answer.status == 303:
            self.told.withdrawn.add(address)
            del self.own_pages[address]
        elif answer.status != 404:  # it was, though nobody could say so
            self._not_done("withdraw", answer)

    def read(self) -> None:
        """Look at the page, the list, the number."""
        path = self.chosen.choice(["/", "/fr/", "/signatories/", "/api/v1/count", "/signatories/?q=person", "/press/"])
        answer = self.house.ask("GET", path)
        if answer.status != 200:
            self._not_done(path, answer)

    def _not_done(self, act: str, answer: Answer) -> None:
        """Refused, cut off, or 503 "try again": no promise was made. Anything else is a broken house."""
        if answer.hung:
            self.told.hung[act] += 1
        elif answer.status in (0, 503):
            self.told.unavailable += 1
        else:
            self.told.broken.append(f"{act}: {answer.status}")


def at_once(*asked: Callable[[], Answer]) -> list[Answer]:
    """All of them at the same time."""
    if len(asked) == 1:
        return [asked[0]()]
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda ask: ask(), asked))


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
