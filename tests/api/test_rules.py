"""Rules of all addresses of the API: read only, by any site, within limits, kept in front, with the licence told."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from signatories.api.views import api
from tests.people import post_form, rules_anew, signed, text

pytestmark = pytest.mark.django_db
API = "/api/v1/"
JSON = [
    "count", "corrections", "tallies/day", "tallies/field", "tallies/profession", "tallies/country", "tallies/language",
    "signatories", "editions", "openapi.json",
]  # fmt: skip
POLICY = "http://testserver/api/v1/#use"


@pytest.fixture
def kept(settings: Settings) -> Iterator[None]:
    """Pages are kept for a minute; memory and Redis begin empty."""
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 60.0, 600.0
    yield
    cache.clear()


@pytest.mark.parametrize("path", ["", *JSON])
def test_it_is_read_and_nothing_else(client: Client, path: str) -> None:
    signed()
    answer = client.get(f"{API}{path}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json" if path else "text/html")
    assert not answer.cookies
    head = client.head(f"{API}{path}")
    assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", answer["Content-Type"])
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"):
        refused = client.generic(method, f"{API}{path}")
        assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
        assert refused.json()["detail"]
        assert "Access-Control-Allow-Origin" not in refused


@pytest.mark.parametrize("path", ["", *JSON])
def test_any_site_may_read_it_without_credentials_and_is_told_the_licence(client: Client, path: str) -> None:
    """T38."""
    signed()
    answer = client.get(f"{API}{path}", headers={"Origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Link"] == f'<{POLICY}>; rel="license"'
    assert (answer["TDM-Reservation"], answer["TDM-Policy"]) == ("1", POLICY)


@pytest.mark.parametrize(
    "path", ["/", "/signatories/", "/press/", "/desk/", "/accounts/login/", "/robots.txt", "/mine/"]
)
def test_no_other_page_is_read_from_elsewhere(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("path", ["", *JSON, "signatories?size=7", "tallies/field?language=fr", "editions?after=9"])
def test_what_has_not_changed_is_not_sent_again(client: Client, path: str) -> None:
    signed()
    first = client.get(f"{API}{path}")
    assert "public, max-age=60, stale-while-revalidate=" in first["Cache-Control"]
    again = client.get(f"{API}{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Access-Control-Allow-Origin"] == "*"
    other = client.get(f"{API}{path}", headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("path", [*JSON, "signatories?size=7"])
def test_unknown_parameters_are_ignored_and_make_no_entry(client: Client, path: str) -> None:
    """T25."""
    signed()
    first = client.get(f"{API}{path}").content
    with connection.execute_wrapper(_refuse):
        for junk in ("utm_source=x", "profession=poet", "q" * 300):
            assert client.get(f"{API}{path}{'&' if '?' in path else '?'}{junk}").content == first


def _refuse(*_args: object) -> object:
    raise AssertionError("no query is asked for a kept answer")


@pytest.mark.parametrize(
    "path", ["nothing", "count/", "signatories/7", "tallies/", "tallies", "editions/x", "%00", "a" * 3000]
)
def test_what_there_is_not_is_told_as_json(client: Client, path: str) -> None:
    answer = client.get(f"{API}{path}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert client.get("/nothing")["Content-Type"].startswith("text/html")


def test_while_the_database_is_away_it_says_so_as_json(client: Client) -> None:
    signed()
    with connection.execute_wrapper(_away):
        answer = client.get(f"{API}signatories")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "Service Unavailable"}
    assert answer["Retry-After"] == "5"
    assert client.get(f"{API}signatories").status_code == 200


def _away(*_args: object) -> object:
    raise OperationalError("server closed the connection")


def test_whoever_reads_too_much_waits_and_nobody_else_does(client: Client, settings: Settings) -> None:
    settings.API_PER_MINUTE = 3
    text()
    for _ in range(3):
        assert client.get(f"{API}signatories", REMOTE_ADDR="192.0.2.7").status_code == 200
    refused = client.get(f"{API}editions", REMOTE_ADDR="192.0.2.7")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["Retry-After"] in refused.json()["detail"]
    assert "no-store" in refused["Cache-Control"]
    assert client.get(f"{API}editions", REMOTE_ADDR="192.0.2.8").status_code == 200
    assert client.get(f"{API}count", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_office_that_reads_too_much_can_still_sign(client: Client, settings: Settings) -> None:
    settings.API_PER_MINUTE = 1
    text()
    for _ in range(30):
        client.get(f"{API}signatories", REMOTE_ADDR="127.0.0.1")
    assert client.get(f"{API}signatories").status_code == 429
    assert post_form(client).status_code == 303


def test_what_is_kept_in_front_is_not_counted(client: Client, settings: Settings, kept: None) -> None:
    settings.API_PER_MINUTE = 1
    for _ in range(5):
        assert client.get(f"{API}signatories").status_code == 200
    assert client.get(f"{API}signatories?size=7").status_code == 429


def test_the_limit_counts_nobody_from_a_network_that_organizers_exempt(client: Client, settings: Settings) -> None:
    from signatories.models import Listed
    from signatories.models.limits import ListKind

    settings.API_PER_MINUTE = 1
    Listed.objects.create(kind=ListKind.NETWORK, value="198.51.100.0/24")
    rules_anew()
    for _ in range(5):
        assert client.get(f"{API}editions", REMOTE_ADDR="198.51.100.9").status_code == 200


def test_the_page_names_every_address_and_is_reached_from_every_page(client: Client) -> None:
    page = client.get(API).content.decode()
    for path in api.get_openapi_schema()["paths"]:
        kinds = ("field", "profession", "country", "language") if "{kind}" in path else ("",)
        for kind in kinds:
            assert path.replace("{kind}", kind).replace("/{number}", "") in page, path
    assert f'href="{API}openapi.json"' in page
    assert 'id="use"' in page
    assert "creativecommons.org/licenses/by/4.0/" in page
    assert f'href="{API}"' in client.get("/").content.decode()
    assert f'href="{API}"' in client.get("/fr/press/").content.decode()


def test_the_description_is_openapi_3_1_with_our_address(client: Client) -> None:
    said = client.get(f"{API}openapi.json", headers={"X-Forwarded-Host": "evil.example"}).json()
    assert said["openapi"].startswith("3.1.")
    assert said["servers"] == [{"url": "http://testserver"}]
    assert {method for path in said["paths"].values() for method in path} == {"get"}


@pytest.mark.parametrize("path", ["/", "/fr/", "/signatories/", "/press/", "/about/", API])
def test_every_page_reserves_text_and_data_mining(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert '<meta name="tdm-reservation" content="1">' in page
    assert f'<meta name="tdm-policy" content="{POLICY}">' in page
