"""What a stranger can walk, guess and cause: no hidden name, no door that leads elsewhere, nothing of others changed."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from signatories.mail import outbox
from signatories.mine import services
from signatories.models import Membership, OutboundMail, Signature, Signup
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.listed import csv_of
from tests.people import from_everywhere, organizer, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
MARKER = "Zyxwmarker"


def addresses(resolver: URLResolver, start: str = "") -> Iterator[str]:
    """Every address the site knows, with 1 for each number and x for each text."""
    for pattern in resolver.url_patterns:
        found = start + re.sub(
            r"<int:\w+>|\(\?P<\w*id>[^)]*\)", "1", re.sub(r"<str:\w+>|<path:\w+>|<\w+>", "x", str(pattern.pattern))
        )
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, found)
        elif isinstance(pattern, URLPattern):
            yield "/" + re.sub(r"[\^$\\]", "", found)


@pytest.fixture
def rows_apart() -> None:
    """Rows and public numbers do not count alike, so that one is not taken for the other."""
    with connection.cursor() as cursor:
        for start, table in enumerate(("signatories_signature", "signatories_signup"), start=7):
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, start * 1_111_000])


def row_ids() -> re.Pattern[str]:
    """What the rows of signatures and signups are called, also as people write thousands."""
    rows = [row for model in (Signature, Signup) for row in model.objects.values_list("pk", flat=True)]
    return re.compile("|".join(rf"(?<!\d){row:,}(?!\d)".replace(",", r"\D?") for row in rows))


@pytest.mark.usefixtures("rows_apart")
def test_hidden_people_stand_nowhere(client: Client) -> None:
    """Unnamed, held, rejected and withdrawn: walked by every link, every number, search, filter and file (T22).

    Nor does any of it tell the row of anybody. They are members of a band, too.
    """
    text()
    shown = signed(address="shown@example.org")
    hidden = [
        signed(name=f"{MARKER} {n}", address=f"h{n}@example.org", profession="poet", country="MC") for n in range(4)
    ]
    Signature.objects.filter(pk=hidden[0].pk).update(named=False)
    Signature.objects.filter(pk=hidden[1].pk).update(state=State.HELD)
    Signature.objects.filter(pk=hidden[2].pk).update(state=State.REJECTED)
    services.withdraw(signature_id=hidden[3].pk, now=timezone.now())
    band = signed(name="Hollow Reed", address="reed@example.org", profession="band")
    Membership.objects.bulk_create(Membership(group=band, signature=member) for member in [shown, *hidden])
    tally.repair()
    numbers = [n for n in Signature.objects.values_list("number", flat=True) if n]
    first, last = min(numbers), max(numbers)
    queries = ["?q=Zyxwmarker", "?q=zyxw", "?profession=poet", "?country=MC", "?letter=1", "?letter=Z"]
    todo, seen = ["/", *(f"/signatories/{query}" for query in queries), "/api/v1/count"], set()
    todo += [f"/signatories/{number}/" for number in range(max(1, first - 3), last + 10)]
    ids = row_ids()
    assert not ids.search(" ".join(map(str, numbers)))
    while todo:
        path = todo.pop()
        seen.add(path)
        page = client.get(path).content.decode("utf-8", "replace")
        assert MARKER not in re.sub(r'value="[^"]*"|q=\w*', "", page), path
        assert not ids.search(page), path
        links = re.findall(r'(?:href|action)="(/(?!static/)[^"#]*)', page)
        todo += [link.replace("&amp;", "&") for link in links if link.replace("&amp;", "&") not in {*seen, *todo}]
        assert len(seen) < 300
    names = csv_of(Signature.objects.public()).decode()
    assert "Aveline Ashgrove" in names
    assert MARKER not in names
    assert not ids.search(names)
    answers = {client.get(f"/signatories/{s.number or 987654}/").content for s in hidden}
    assert len({re.sub(rb"/signatories/\d+/", b"", answer) for answer in answers}) == 1


def test_nobody_sees_whether_a_member_has_signed_without_a_public_name(client: Client) -> None:
    """Two bands, each with one member on the list: of the other places one's are empty, one's are taken (T22)."""
    text()
    now = timezone.now()
    bands = [signed(now=now, name=f"Hollow Ree{end}", address=f"{end}@example.org", profession="band") for end in "dt"]
    for n, band in enumerate(bands):
        shown = signed(now=now, name="Ada Vance", address=f"ada{n}@example.org")
        Membership.objects.bulk_create(Membership(group=band) for _ in range(5))
        Membership.objects.filter(pk=band.members.earliest("pk").pk).update(signature=shown)
    hidden = [signed(name=f"{MARKER} {n}", address=f"h{n}@example.org") for n in range(4)]
    for member, place in zip(hidden, bands[1].members.filter(signature=None).order_by("pk"), strict=True):
        Membership.objects.filter(pk=place.pk).update(signature=member)
    Signature.objects.filter(pk=hidden[0].pk).update(named=False)
    Signature.objects.filter(pk=hidden[1].pk).update(state=State.HELD)
    Signature.objects.filter(pk=hidden[2].pk).update(state=State.REJECTED)
    services.withdraw(signature_id=hidden[3].pk, now=timezone.now())
    tally.repair()
    told = []
    for band in bands:
        page = client.get(band.get_absolute_url()).content.decode()
        assert "Ada Vance" in page and "Members who have signed" in page and MARKER not in page
        told.append(re.sub(rf"Hollow Ree[dt]|/signatories/\d+/|number=\d+|{band.number:,}|{band.number}", "", page))
    assert told[0] == told[1]
    listed = client.get("/api/v1/signatories").json()["signatories"]
    rows = [{key: value for key, value in row.items() if key in ("profession", "affiliation")} for row in listed]
    assert [row for row in rows if row["profession"] == "band"] == [{"profession": "band", "affiliation": ""}] * 2


def test_every_address_of_the_desk_asks_for_login(client: Client) -> None:
    """There is no Django admin behind it (A4)."""
    for path in ("/admin/", "/desk/records/", "/desk/records/login/"):
        assert client.get(path).status_code == 404
    desk = [path for path in addresses(get_resolver()) if path.startswith("/desk/")]
    assert len(desk) > 10
    for path in desk:
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code in {302, 403, 404, 405}, path
            if answer.status_code == 302:
                assert answer["Location"].startswith("/accounts/login/"), path


@pytest.mark.parametrize(
    "there", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/x", "javascript:x"]
)
def test_no_door_leads_to_another_site(client: Client, there: str) -> None:
    """T37."""
    organizer()
    login = {"login": "olga@declaration.example", "password": "long-and-secret", "next": there}
    answers = [
        client.post("/accounts/login/", login),
        client.get("/accounts/login/", {"next": there}),
        client.post("/accounts/logout/", {"next": there}),
        client.post("/sign/", {"next": there}),
    ]
    for answer in answers:
        assert not urlsplit(answer.get("Location", "").replace("\\", "/")).netloc
        assert "evil.example" not in answer.get("Location", "") or "next=" in answer["Location"]


def test_asking_for_the_links_of_others_removes_nobody(client: Client, mailbox: Catcher) -> None:
    """500 requests for five mailboxes (T23), each from elsewhere and each answered as the first."""
    from_everywhere()
    people = [signed(address=f"p{n}@example.org", name=f"Person {n}") for n in range(5)]
    for n in range(500):
        answer = client.post("/mine/", {"email": f"p{n % 5}@example.org"})
        assert (answer.status_code, answer["Location"]) == (303, "/mine/asked/")
        OutboundMail.objects.filter(pk=OutboundMail.objects.latest("pk").pk).update(once=n.to_bytes(2) + b"x")
    assert OutboundMail.objects.count() == 500
    outbox.drain()
    assert Signature.objects.public().count() == len(people)
    for n in range(5):
        assert 1 <= len(mailbox.of(f"p{n}@example.org")) <= 5
