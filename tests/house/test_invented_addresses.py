"""T12: behind the real proxy with our file whoever invents where they come from is counted by where they do."""

import sys
from pathlib import Path

import pytest

from signatories.models import Signup
from tests.house.serving import Site, proxy, web
from tests.people import form, set_to, text

pytestmark = pytest.mark.django_db(transaction=True)
FREE = 3


def sign(site: Site, n: int, source: str = "127.0.0.1") -> int:
    """Somebody signs from `source` and says it is another machine each time."""
    invented = f"203.0.113.{n}"
    headers = {"X-Forwarded-For": f"{invented}, {invented}", "Forwarded": f"for={invented}", "X-Real-IP": invented}
    filled = form(email=f"p{n}@example.org", name=f"Person {n}")
    return site.ask("POST", "/sign/", filled, headers, source=source).status


def test_an_invented_address_changes_nothing(tmp_path: Path) -> None:
    text()
    set_to(free_per_network=FREE)
    with web(tmp_path / "web.log", TRUSTED_PROXIES="1") as behind, proxy(tmp_path, behind) as front:
        assert [sign(front, n) for n in range(FREE + 3)] == [303] * FREE + [429] * 3
        if sys.platform == "linux":  # where this machine has many addresses
            assert sign(front, 50, source="127.0.0.2") == 303
    assert Signup.objects.count() == FREE + (sys.platform == "linux")
