"""What machines read at fixed addresses: robots.txt, security.txt (RFC 9116), the reservation of rights (TDMRep)."""

import re
from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def robots(client: Client) -> RobotFileParser:
    """robots.txt as a crawler reads it."""
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").content.decode().splitlines())
    return parser


@pytest.mark.parametrize("language", ["", "/fr"])
def test_crawlers_are_kept_from_what_is_private(client: Client, language: str) -> None:
    found = robots(client)
    for path in ("/sign/", "/sign/sent/?to=x", "/confirm/", "/confirm/1.abc/", "/stop/1.abc/"):
        assert not found.can_fetch("anybody", f"http://testserver{language}{path}"), path
    for path in ("/", "/signatories/", "/signatories/7/", "/press/", "/press/latest.pdf", "/about/", "/privacy/"):
        assert found.can_fetch("anybody", f"http://testserver{language}{path}"), path
    assert not found.can_fetch("anybody", "http://testserver/desk/texts/")
    assert not found.can_fetch("anybody", "http://testserver/accounts/login/")


def test_every_address_with_a_private_link_is_closed_to_crawlers(client: Client) -> None:
    found = robots(client)
    routes = [str(route.pattern) for route in walk(get_resolver().url_patterns)]
    private = [route for route in routes if "<str:link>" in route]
    assert len(private) >= 2
    for route in private:
        path = "/" + route.replace("<str:link>", "1.abc")
        assert not found.can_fetch("anybody", f"http://testserver{path}"), path


def walk(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    """All routes but those of the admin and of accounts."""
    found: list[URLPattern] = []
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            found.append(pattern)
        elif not str(pattern.pattern).startswith(("desk/", "accounts/")):
            found += walk(pattern.url_patterns)
    return found


def test_where_to_report_a_weakness(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == f"mailto:{settings.OPERATOR_EMAIL}"
    assert fields["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en, fr"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fields["Expires"])
    expires = datetime.fromisoformat(fields["Expires"])
    assert NOW + timedelta(days=30) < expires < NOW + timedelta(days=365)


@pytest.mark.django_db
def test_rights_to_mine_the_site_are_reserved(client: Client) -> None:
    response = client.get("/.well-known/tdmrep.json")
    assert response["Content-Type"] == "application/json"
    (rule,) = response.json()
    assert rule == {"location": "/", "tdm-reservation": 1, "tdm-policy": f"{settings.SITE_URL}/api/v1/#use"}
    assert 'id="use"' in client.get("/api/v1/").content.decode()
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert f"# Text and data mining is reserved: {rule['tdm-policy']}" in lines
    assert lines.index("Content-Usage: train-ai=n") == lines.index("User-agent: *") + 1


@pytest.mark.parametrize("path", ["/robots.txt", "/.well-known/security.txt", "/.well-known/tdmrep.json"])
def test_they_are_read_and_nothing_else(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert client.post(path).status_code == 405
