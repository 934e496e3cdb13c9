"""The page for the press: the line to cite, plots with their files, the feed of editions."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.mine import services as mine
from signatories.models import Edition, TallyHistory
from signatories.models.signature import IN_FLIGHT
from signatories.tally import plots
from signatories.tally import services as tally
from tests.editions.building import build
from tests.people import signed, text

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def three() -> None:
    """Two by name and one without."""
    signed(name="Ada Vance", profession="singer", country="IE", address="ada@example.org")
    signed(name="Bram Bellweather", profession="poet", country="FR", address="bram@example.org")
    signed(name="Cosima Thorn", profession="actor", country="MC", address="cosima@example.org", named=False)
    tally.fold()


@pytest.mark.django_db(transaction=True)
def test_the_line_to_cite_tells_number_text_edition_moment_and_address(client: Client, settings: Settings) -> None:
    three()
    title = text().title
    with time_machine.travel(timezone.now(), tick=False):  # no minute passes between the two
        page, plain = client.get("/press/").content.decode(), client.get("/press/cite.txt").content.decode()
    assert f"3 people have signed “{title}”, 2 of them by name, as of " in plain
    assert plain.strip().endswith(f"UTC ({settings.SITE_URL}/).")
    assert plain.strip() in page
    edition = build()
    signed(name="Dorian Fell", address="dorian@example.org")  # not in the edition, so not cited with it
    tally.fold()
    plain = client.get("/press/cite.txt").content.decode()
    assert plain.startswith("3 people have signed")
    assert plain.strip().endswith(f"(edition 1, {settings.SITE_URL}/press/editions/1/).")
    assert edition.as_of
    assert f"{edition.as_of:%H:%M} UTC" in plain
    assert "personnes" in client.get("/fr/press/cite.txt").content.decode()


def test_before_anybody_has_signed_there_is_nothing_to_cite_and_no_plot(client: Client) -> None:
    text()
    assert client.get("/press/cite.txt").status_code == 404
    assert client.get("/press/plots/fields.svg").status_code == 404
    page = client.get("/press/").content.decode()
    assert "To cite" not in page
    assert "<svg" not in page


def test_each_plot_is_a_picture_a_table_and_files(client: Client) -> None:
    three()
    page = client.get("/press/").content.decode()
    for slug, title in (("curve", "How many have signed, over time"), ("fields", "Signatories by field"),
                        ("professions", "Signatories by profession"), ("countries", "Signatories by country")):  # fmt: skip
        assert f'<h3 id="plot-{slug}">{title}</h3>' in page
        assert f'aria-labelledby="plot-{slug}"' in page
        for theme, paper in (("light", "#fbf8f0"), ("dark", "#171411")):
            answer = client.get(f"/press/plots/{slug}.svg", {"theme": theme})
            assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
            root = ET.fromstring(answer.content)
            assert [rect.get("fill") for rect in root.findall(f"{SVG}rect")] == [paper]
            assert "UTC" in (root.findtext(f"{SVG}desc") or "")
            assert root.findtext(f"{SVG}title") == title
            assert not re.search(r'style=|class="[a-z]+-(fill|stroke)"', answer.content.decode())
        png = client.get(f"/press/plots/{slug}.png").content
        assert png.startswith(b"\x89PNG")
        assert int.from_bytes(png[16:20]) == 1120
        content = client.get(f"/press/plots/{slug}.csv").content
        assert content.startswith(b"\xef\xbb\xbf")  # without it Excel takes other letters than Latin for rubbish
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        sources = [row.pop() for row in rows]
        assert sources[0] == "Source"
        assert set(sources[1:]) == {root.findtext(f"{SVG}desc")}  # whose numbers, and as of when
        table = page.partition(f'<caption class="unseen">{title}</caption>')[2].partition("</table>")[0]
        assert rows[0] == re.findall(r'<th scope="col">(.*?)</th>', table)
        assert rows[1:] == [list(row) for row in re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', table)]


@pytest.mark.parametrize("slug", plots.SLUGS)
def test_a_picture_is_drawn_once_a_minute_while_nobody_signs(slug: str) -> None:
    three()
    now = timezone.now().replace(second=0)
    first, second = plots.plot(slug, now), plots.plot(slug, now + timedelta(seconds=40))
    assert first
    assert second

    assert second.png("light") is first.png("light")
    assert second.png("dark") != first.png("light")


def test_plots_count_those_by_name_and_the_curve_counts_all(client: Client) -> None:
    days = {f"{timezone.now():%Y-%m-%d}"}
    three()
    days.add(f"{timezone.now():%Y-%m-%d}")
    found = {
        slug: dict(
            row[:2]
            for row in list(csv.reader(io.StringIO(client.get(f"/press/plots/{slug}.csv").content.decode())))[1:]
        )
        for slug in ("curve", "fields", "countries")
    }
    assert found["fields"] == {"Music": "1", "Writing": "1"}
    assert found["countries"] == {"Ireland": "1", "France": "1"}
    assert found["curve"] in [{day: "3"} for day in days]  # midnight may pass


def test_milestones_stand_below_the_curve(client: Client) -> None:
    text()
    first = datetime(2026, 11, 1, 8, tzinfo=UTC)
    for hours, count in ((0, 40), (1, 130), (30, 990), (50, 1200)):
        TallyHistory.objects.create(hour=first + timedelta(hours=hours), count=count, named=count)
    signed()
    page = client.get("/press/").content.decode()
    assert "100 were reached in the hour from 1 November 2026, 09:00 UTC." in page
    assert "1,000 were reached in the hour from 3 November 2026, 10:00 UTC." in page
    assert "5,000" not in page.partition("<figcaption>")[2].partition("</figcaption>")[0]
    svg = client.get("/press/plots/curve.svg").content
    assert len(list(ET.fromstring(svg).iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/press/plots/fields.svg?theme=sepia", 422), ("/press/plots/fields.png?theme=DARK", 422),
        ("/press/plots/nothing.svg", 404), ("/press/plots/fields.pdf", 404), ("/press/plots/fields.svg?other=1", 200),
    ],
)  # fmt: skip
def test_addresses_of_plots(client: Client, path: str, status: int) -> None:
    three()
    answer = client.get(path)
    assert answer.status_code == status
    if status == 422:
        assert "light, dark" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_feed_tells_editions_and_names_nobody(client: Client) -> None:
    goes = signed(now=timezone.now() - 3 * IN_FLIGHT)
    build()
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    signed(name="Bram Bellweather", address="bram@example.org")
    build()
    answer = client.get("/press/editions/feed/")
    entries = ET.fromstring(answer.content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Edition 2", "Edition 1"]
    assert "Signatures: 1 (1 by name, 0 without)" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert Edition.objects.get(number=1).retired_at
    assert goes.name not in answer.content.decode()
    assert "/press/editions/feed/" in client.get("/press/editions/").content.decode()
