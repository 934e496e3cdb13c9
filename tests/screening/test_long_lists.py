"""What organizers enter may be long: a form and a confirmation look up in it and do not read it."""

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatories.models import Listed
from signatories.models.limits import ListKind
from signatories.screening import domains, limits
from tests.people import signed, signed_many, text

pytestmark = pytest.mark.django_db
MANY = 3_000


def listed(kind: ListKind, values: list[str]) -> None:
    Listed.objects.bulk_create([Listed(kind=kind, value=value) for value in values])
    limits.forget_rules()


def seconds(act: Callable[[], object]) -> float:
    """The shortest of a few tries, in seconds of this thread."""
    act()
    found = []
    for _ in range(5):
        began = time.thread_time()
        act()
        found.append(time.thread_time() - began)
    return min(found)


@pytest.mark.parametrize(
    ("address", "exempt"),
    [
        ("192.0.2.77", True), ("192.0.3.1", False), ("198.51.100.1", True), ("198.51.100.2", False),
        ("2001:db8:5::1", True), ("2001:db9::1", False), ("10.255.0.9", True), ("11.0.0.1", False),
    ],
)  # fmt: skip
def test_a_visitor_of_an_exempt_network_is_not_counted(address: str, exempt: bool) -> None:
    listed(ListKind.NETWORK, ["192.0.2.0/24", "198.51.100.1/32", "2001:db8::/32", "10.0.0.0/8", "2001:db8:7::/48"])
    verdict = limits.judge(RequestFactory().post("/sign/", REMOTE_ADDR=address))
    assert (verdict.network == b"") is exempt


def test_everywhere_is_a_network_too() -> None:
    listed(ListKind.NETWORK, ["0.0.0.0/0"])
    assert limits.judge(RequestFactory().post("/sign/", REMOTE_ADDR="203.0.113.5")).network == b""
    assert limits.judge(RequestFactory().post("/sign/", REMOTE_ADDR="2001:db8::5")).network != b""


def test_thousands_of_exempt_networks_cost_a_form_nothing() -> None:
    def judge() -> None:
        limits.judge(RequestFactory().post("/sign/", REMOTE_ADDR="203.0.113.5"))

    few = seconds(judge)
    listed(ListKind.NETWORK, [f"10.{n // 256}.{n % 256}.0/24" for n in range(MANY)])
    assert seconds(judge) < 3 * few + 0.001


def test_thousands_of_known_subdomains_cost_a_confirmation_little() -> None:
    text()

    def ask() -> int:
        return domains.recent_unknown(["uni-x.ac.uk"], timezone.now()).count()

    few = seconds(ask)
    listed(ListKind.DOMAIN, [f"students.uni{n}.ac.uk" for n in range(MANY)])
    with CaptureQueriesContext(connection) as asked:
        ask()
    assert seconds(ask) < 3 * few + 0.001
    assert len(asked) == 2


@pytest.mark.parametrize("around", [0, 1, 30])
def test_people_at_known_subdomains_are_left_out_among_few_and_many_domains(around: int) -> None:
    listed(ListKind.DOMAIN, ["students.uni-x.ac.uk", "a.b.uni-y.ac.uk", "students.uni-xx.ac.uk"])
    signed_many("students.uni-x.ac.uk", 2)
    signed_many("staff.uni-x.ac.uk", 3)
    signed_many("deep.a.b.uni-y.ac.uk", 1)
    signed(address="b@b.uni-y.ac.uk", name="Besides")
    asked = ["uni-x.ac.uk", "uni-y.ac.uk", *(f"other{n}.example" for n in range(around))]
    assert domains.recent_unknown(asked, timezone.now()).count() == 4
    for n in range(around):
        signed(address=f"p@other{n}.example", name=f"Other {n}")
    assert domains.bursts(1, timezone.now())["uni-x.ac.uk"].total() == 3
