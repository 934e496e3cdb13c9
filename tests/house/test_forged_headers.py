"""E27: a header with underscores is no way around the limits, behind our proxy; another proxy is found out."""

import http.client
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from declaration.demo import embedded
from declaration.ops import proxy_check
from tests.house.serving import Site, proxy, web
from tests.people import form, set_to, text

pytestmark = pytest.mark.django_db(transaction=True)
FREE = 3


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Site]:
    """A web server that trusts one proxy, with small limits."""
    text()
    set_to(free_per_network=FREE)
    with web(tmp_path / "web.log", TRUSTED_PROXIES="1") as site:
        yield site


def signed_as_others(site: Site, header: str) -> Counter[int]:
    """Forms that each claim another network."""
    return Counter(
        site.ask(
            "POST", "/sign/", form(name=f"Person {chr(65 + n)}", email=f"p{n}@example.org"),
            {header: f"203.0.113.{n}"},
        ).status
        for n in range(2 * FREE)
    )  # fmt: skip


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "X_FORWARDED_FOR", "X-Forwarded_For", "x_forwarded-for", "X-Forwarded-For"]
)
def test_behind_our_proxy_nobody_chooses_a_network(tmp_path: Path, behind: Site, header: str) -> None:
    with proxy(tmp_path, behind) as front:
        assert signed_as_others(front, header) == {303: FREE, 429: FREE}


def test_a_proxy_that_passes_such_headers_is_found_out(tmp_path: Path) -> None:
    """As a proxy that drops nothing would hand it on. For one that drops them see test_topology.py."""
    text()
    url = "https://testserver"
    with web(tmp_path / "web.log", SITE_URL=url, BEHIND_TLS_PROXY="1", TRUSTED_PROXIES="1") as site:
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        assert proxy_check.redirects_to_itself(line, "testserver", {"X-Forwarded-Proto": "https"} | proxy_check.FORGED)
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        assert not proxy_check.redirects_to_itself(line, "testserver", {"X-Forwarded-Proto": "https"})


def test_a_site_that_cannot_be_asked_is_no_success(settings: Settings) -> None:
    for url in ("http://testserver", f"https://127.0.0.1:{embedded.free_port()}"):
        settings.SITE_URL = url
        with pytest.raises(CommandError, match="cannot be asked"):
            call_command("check_proxy")
