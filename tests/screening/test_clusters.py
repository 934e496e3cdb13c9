"""Clusters: who waits and came together is one entry; the first of the burst, who were published, belong to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories import tasks
from signatories.desk.queue import services as queue
from signatories.models import MailServer, Signature, Signup
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.screening import clusters, holds
from signatories.screening.clusters import Kind
from tests.desk.rules import move
from tests.people import enter, organizer, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]


def burst(count: int, domain: str = "bots.example", **more: Any) -> list[Signature]:
    """People of one unknown domain: ten are published at once, the others wait."""
    return [signed(address=f"p{n}@{domain}", name=f"Person{n} of {domain}", **more) for n in range(count)]


def test_a_burst_is_one_entry_with_its_first_ten_and_one_act_decides_about_all(desk: Client) -> None:
    people = burst(16)
    found = clusters.clusters()
    assert [(each.kind, each.key, len(each.held), each.published) for each in found] == [
        (Kind.DOMAIN, "bots.example", 6, 10)
    ]
    page = desk.get("/desk/clusters/").content.decode()
    assert "Mail at bots.example" in page and "Look at all 16" in page
    response = desk.post("/desk/rules/preview/", _fields(found[0]))
    assert "16 match" in desk.get(response["Location"]).content.decode()
    move(desk, response["Location"], "reject", later="day", title="Bots")
    tasks.move()
    assert set(Signature.objects.values_list("state", flat=True)) == {State.REJECTED}
    late = signed(address="late@bots.example", name="Late Fen")
    tasks.move()
    late.refresh_from_db()
    assert late.state == State.REJECTED
    assert len(people) == 16 and not clusters.clusters()


def test_a_decision_that_is_undone_leaves_the_cluster_as_it_was(desk: Client) -> None:
    burst(16)
    (before,) = clusters.clusters()
    path = desk.post("/desk/rules/preview/", _fields(before))["Location"]
    undo = f"{move(desk, path, 'reject')['Location']}undo/"
    tasks.move()
    assert clusters.clusters() == []
    desk.post(undo)
    tasks.move()
    (after,) = clusters.clusters()
    assert (after.held, after.published) == (before.held, before.published)


def _fields(cluster: clusters.Cluster) -> dict[str, list[str]]:
    """The hidden fields of the form of a cluster."""
    found: dict[str, list[str]] = {}
    for name, value in cluster.conditions.fields:
        found.setdefault(name, []).append(value)
    return found


def test_domains_behind_one_server_are_one_cluster() -> None:
    for n in range(6):
        held(signed(address=f"p@d{n}.example", name=f"Person{n}"), holds.DOMAIN)
        MailServer.objects.create(domain=f"d{n}.example", server="mx.example", looked_up_at=timezone.now())
    assert [(each.kind, each.key, each.size) for each in clusters.clusters()] == [(Kind.SERVER, "mx.example", 6)]


def held(signature: Signature, *codes: str) -> Signature:
    """Let somebody wait, as a rule does."""
    Signature.objects.filter(pk=signature.pk).update(state=State.HELD, held_for=list(codes))
    return signature


def test_one_network_and_the_same_words_are_clusters() -> None:
    for n in range(5):
        one = held(signed(address=f"n{n}@example.org", name=f"Net{n}"), holds.CROWD)
        Signup.objects.filter(signature=one).update(network=b"n" * 16)
    for n in range(7):
        held(signed(address=f"w{n}@example.org", name=f"Word{n}", affiliation="Visit our shop"), holds.RENAMED)
    found = clusters.clusters()
    assert [(each.kind, len(each.held)) for each in found] == [(Kind.WORDS, 7), (Kind.NETWORK, 5)]


def test_few_and_known_and_decided_are_no_cluster(olga: AbstractBaseUser) -> None:
    for n in range(4):
        held(signed(address=f"f{n}@few.example", name=f"Few{n}"), holds.DOMAIN)
    for n in range(9):
        held(signed(address=f"k{n}@example.org", name=f"Known{n}"), holds.RENAMED)
    for n in range(6):
        one = signed(address=f"d{n}@decided.example", name=f"Decided{n}")
        queue.hold(signature_id=one.pk, organizer=olga, reason="Look.", now=timezone.now())
    assert clusters.clusters() == []


def test_a_rush_of_one_minute_is_a_cluster_of_those_who_wait_alone() -> None:
    now = timezone.now().replace(second=5)
    for n in range(20):
        held(signed(address=f"m{n}@example.org", name=f"Minute{n}", now=now), holds.UNSOLVED)
    signed(address="fine@example.org", name="Fine Fen", now=now)
    (found,) = clusters.clusters()
    assert (found.kind, found.size, found.minutes) == (Kind.MINUTE, 20, 1)


def test_who_came_long_before_the_burst_is_not_of_it() -> None:
    early = signed(address="early@bots.example", name="Early Fen", now=timezone.now() - timedelta(days=3))
    burst(16)
    (found,) = clusters.clusters()
    assert found.published == 10 and early.pk not in found.held


def test_a_moderator_sees_clusters_and_moves_nobody() -> None:
    burst(16)
    browser = Client()
    enter(browser, organizer("mona", role=Role.MODERATOR))
    page = browser.get("/desk/clusters/").content.decode()
    assert "Mail at bots.example" in page and "Look at all" not in page


def test_a_minute_is_not_told_of_those_who_have_more_in_common() -> None:
    now = timezone.now().replace(second=5)
    for n in range(24):
        held(signed(address=f"m{n}@bots{n % 3}.example", name=f"Minute{n}", now=now), holds.DOMAIN)
    assert [(each.kind, each.size) for each in clusters.clusters()] == [(Kind.DOMAIN, 8)] * 3
