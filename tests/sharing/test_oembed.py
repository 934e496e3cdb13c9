"""oEmbed: an editor of another site asks what it may show for an address of ours (oembed.com)."""

import html
import json
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from tests.people import signed, text

pytestmark = pytest.mark.django_db


def ask(client: Client, url: str, **more: str) -> Any:
    return client.get("/oembed", {"url": url, **more}, headers={"Host": "localhost"})


@pytest.mark.parametrize(
    ("path", "frame"),
    [
        ("/", "/embed/counter/"), ("", "/embed/counter/"), ("/fr/", "/fr/embed/counter/"), ("/press/?utm=1", "/embed/counter/"),
        ("/embed/", "/embed/counter/"), ("/fr/embed/names/", "/fr/embed/names/"),
        ("/embed/names/?theme=dark", "/embed/names/?theme=dark"), ("/embed/counter/?theme=no", "/embed/counter/"),
    ],
)  # fmt: skip
def test_the_frame_for_an_address_of_ours(client: Client, path: str, frame: str) -> None:
    text()
    answer = ask(client, site.SITE_URL + path)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["version"], told["type"]) == ("1.0", "rich")
    assert f'src="{site.SITE_URL}{frame}"' in told["html"]
    assert f'width="{told["width"]}" height="{told["height"]}"' in told["html"]
    assert "localhost" not in json.dumps(told).replace(site.SITE_URL, "")
    assert client.get(frame).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//testserver/", "https://evil.example/", "http://testserver.evil.example/", "http://testserver@evil.example/",
        f"{site.SITE_URL}/desk/", f"{site.SITE_URL}/nowhere/", f"{site.SITE_URL}/mine/", f"{site.SITE_URL}\\@evil.example/",
        "http://[", f"{site.SITE_URL}/embed/nothing/", f"{site.SITE_URL}/signatories/1/", f"javascript:{site.SITE_URL}/",
    ],
)  # fmt: skip
def test_no_other_address_is_answered(client: Client, url: str) -> None:
    signed()
    assert ask(client, url).status_code == 404


def test_format_and_size(client: Client) -> None:
    text()
    ours = f"{site.SITE_URL}/"
    assert ask(client, ours, format="json").status_code == 200
    for other in ("xml", "yaml"):
        assert ask(client, ours, format=other).status_code == 501
    told = ask(client, ours, maxwidth="300", maxheight="120").json()
    assert (told["width"], told["height"]) == (300, 120)
    told = ask(client, ours, maxwidth="9999", maxheight="9999").json()
    assert (told["width"], told["height"]) == (480, 250)
    for wrong in ("0", "-1", "x", "1e9", "9" * 40, "", "٣"):
        answer = ask(client, ours, maxwidth=wrong)
        assert answer.status_code == 422, wrong
        assert b"whole numbers" in answer.content


@pytest.mark.parametrize("path", ["/", "/fr/", "/press/", "/fr/press/"])
def test_pages_tell_where_to_ask(client: Client, path: str) -> None:
    text()
    page = client.get(path).content.decode()
    (link,) = re.findall(r'<link rel="alternate" type="application/json\+oembed" href="([^"]*)"', page)
    address = html.unescape(link)
    assert address.startswith(f"{site.SITE_URL}/oembed?url=")
    told = client.get(address.removeprefix(site.SITE_URL)).json()
    assert ("/fr/embed/" in told["html"]) == path.startswith("/fr/")
