"""The queue: the riskiest first and the urgent before them, filters, the evidence beside each, and who looks at whom."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import claims
from signatories.mine import services as mine
from signatories.models import Claim, Signature, Signup
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import retention
from tests.people import enter, organizer, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]


def held(name: str, *codes: str, hours: float = 0, **more: str) -> Signature:
    """Somebody who waits for these reasons, so many hours."""
    address = more.pop("address", f"{name.split()[0].lower()}@example.org")
    made = signed(name=name, address=address, now=timezone.now() - timedelta(hours=hours), **more)
    Signature.objects.filter(pk=made.pk).update(state=State.HELD, held_for=list(codes))
    return made


def shown(page: str) -> list[int]:
    """The keys of the entries of a page, in their order."""
    return [int(key) for key in re.findall(r'<article [^>]*id="entry-(\d+)"', page)]


def test_the_urgent_stand_first_then_the_riskiest_and_each_page_goes_on(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rush, star, burst = (
        held("Rush Fen", "crowd"),
        held("Star Fen", "looks-like:Star"),
        held("Burst Fen", "many-of-domain"),
    )
    long = held("Long Fen", "crowd", hours=20)
    both = held("Both Fen", "crowd", "looks-like:Both", hours=1)
    wanted = [long.pk, both.pk, star.pk, burst.pk, rush.pk]
    page = desk.get("/desk/queue/").content.decode()
    assert shown(page) == wanted
    assert "Urgent: 1 waits already long" in page
    monkeypatch.setattr("signatories.desk.queue.entries.PAGE", 2)
    walked, path = [], "/desk/queue/"
    while path:
        page = desk.get(path).content.decode()
        walked += shown(page)
        more = re.search(r'href="(\?[^"]*after=\d+)"', page)
        path = f"/desk/queue/{more[1]}" if more else ""
    assert walked == wanted


def test_it_is_sorted_and_filtered_as_asked(desk: Client) -> None:
    old = held("Old Fen", "crowd", hours=7)
    new = held("New Fen", "disposable-mailbox", address="new@bots.example")
    rule = held("Rule Fen", "rule:3", hours=2)
    for asked, wanted in {
        "sort=oldest": [old, rule, new], "sort=newest": [new, rule, old], "reason=crowd": [old], "reason=rule:": [rule],
        "domain=bots.example": [new], "older=6": [old], "language=fr": [], "language=en&older=1": [rule, old],
    }.items():  # fmt: skip
        page = desk.get(f"/desk/queue/?{asked}").content.decode()
        assert shown(page) == [each.pk for each in wanted], asked
    for odd in ("sort=x", "reason=%00", "older=x", "domain=" + "x" * 300, "language=xx", "after=x"):
        assert set(shown(desk.get(f"/desk/queue/?{odd}").content.decode())) == {old.pk, new.pk, rule.pk}, odd


def test_beside_each_stands_what_speaks_for_or_against_them(desk: Client) -> None:
    gone = signed(name="Gone Fen", address="twice@bots.example")
    mine.withdraw(signature_id=gone.pk, now=timezone.now())
    stands = signed(name="Twice Fen", address="other@example.org")
    one = held("Twice Fen", "many-of-domain", address="twice@bots.example", affiliation="The Paper Lanterns")
    for n in range(2):
        near = signed(name=f"Near{n} Fen", address=f"near{n}@example.org", affiliation="The Paper Lanterns")
        Signup.objects.filter(signature=near).update(network=b"n" * 16)
    Signup.objects.filter(signature=one).update(network=b"n" * 16)
    page = desk.get("/desk/queue/").content.decode()
    assert "Mail at bots.example: 2 signatures, 2 within the last hour; the first" in page
    assert "2 others confirmed from the same network within ten minutes." in page
    assert "The same mailbox has signed before: 1 withdrawn." in page
    assert "1 stands on the list under such a name." in page
    assert "2 others say “The Paper Lanterns”, too." in page
    assert stands.state == State.PUBLISHED
    assert "twice@" not in page  # A10


def test_who_has_an_entry_open_is_seen_there_by_the_others_for_two_minutes(desk: Client, boris: Client) -> None:
    one = held("One Fen", "crowd")
    path = f"/desk/signatures/{one.pk}/claim/"
    assert "looks at it" not in desk.post(path).content.decode()
    assert "olga looks at it" in boris.get("/desk/queue/").content.decode()
    assert "olga looks at it" in boris.get(f"/desk/queue/claims/?id={one.pk}").content.decode()
    assert "olga looks at it" in boris.post(path).content.decode()  # the second does not take it over
    assert "looks at it" not in desk.get("/desk/queue/").content.decode()
    Claim.objects.update(until=timezone.now())
    assert "looks at it" not in boris.post(path).content.decode()
    assert "boris looks at it" in desk.get("/desk/queue/").content.decode()
    boris.post(f"/desk/signatures/{one.pk}/decide/", {"verb": "publish"})
    assert not Claim.objects.exists()
    retention.forget(timezone.now())


def test_a_claim_forbids_nothing_and_is_of_those_who_wait_alone(desk: Client, boris: Client) -> None:
    one, published = held("One Fen", "crowd"), signed(name="Two Fen", address="two@example.org")
    desk.post(f"/desk/signatures/{one.pk}/claim/")
    desk.post(f"/desk/signatures/{published.pk}/claim/")
    assert Claim.objects.count() == 1
    boris.post(f"/desk/signatures/{one.pk}/decide/", {"verb": "publish"})
    one.refresh_from_db()
    assert one.state == State.PUBLISHED
    assert desk.post("/desk/signatures/987654/claim/").status_code == 404
    assert desk.get("/desk/queue/claims/?id=x&id=&id=-1&id=999999999999999999999").status_code == 200
    editor = enter(Client(), organizer("edda", role=Role.EDITOR))
    assert editor.post(f"/desk/signatures/{one.pk}/claim/").status_code == 403


def test_of_who_is_decided_no_claim_is_told(desk: Client) -> None:
    """Their entry has left the page."""
    stays, goes = held("Stay Fen", "crowd"), held("Goes Fen", "crowd")
    assert desk.post(f"/desk/signatures/{goes.pk}/decide/", {"verb": "publish", "reason": ""}).status_code == 303
    told = desk.get(f"/desk/queue/claims/?id={stays.pk}&id={goes.pk}").content.decode()
    assert re.findall(r'id="claim-(\d+)"', told) == [str(stays.pk)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_at_the_same_moment_one_has_it() -> None:
    one = held("One Fen", "crowd")
    accounts: list[AbstractBaseUser] = [organizer(f"o{n}") for n in range(6)]

    def look(account: AbstractBaseUser) -> bool:
        try:
            return claims.claim(signature_id=one.pk, organizer=account, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(look, accounts)) == 1
