"""Groups for tests: their form, signing, and the desk that has made sure."""

import html
import re
from typing import Any

from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.models import Organizer, Signature
from signatories.tally import services as tally
from tests.people import organizer, post_form, read_mail, text
from tests.smtp import Catcher


def form(**changes: Any) -> dict[str, Any]:
    """A rightly filled form of a group."""
    filled = {
        "representative": "Vera Quill", "email": "vera@example.org", "name": "The Paper Lanterns", "profession": "band",
        "country": "IE",
    }  # fmt: skip
    return filled | changes


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def sign(client: Client, mailbox: Catcher, **changes: Any) -> Signature:
    """A group signs and its speaker confirms."""
    text()
    address = changes.get("email", "vera@example.org")
    answer = client.post("/sign/group/", form(**changes))
    assert answer.status_code == 303, answer.content.decode()
    link = read_mail(mailbox, address).path("confirm")
    assert "speaker of the group" in words(client.get(link).content.decode())
    assert client.post(link).status_code == 303
    return Signature.objects.latest("pk")


def publish(group: Signature) -> Signature:
    """The desk has made sure that the group wants it."""
    name = f"olga-{group.pk}-{Organizer.objects.count()}"
    queue.publish(signature_id=group.pk, organizer=organizer(name), reason="Called back.", now=timezone.now())
    tally.fold()
    group.refresh_from_db()
    return group


def own_page(client: Client, mailbox: Catcher, address: str = "vera@example.org") -> str:
    client.post("/mine/", {"email": address})
    return read_mail(mailbox, address).path("mine")


def join_links(page: str) -> list[str]:
    """The links of members on the page of their group, as a reader copies them."""
    return re.findall(r">https?://[^/<]+(/join/[^<]+)<", re.sub(r"</?span[^>]*>", "", page))


def band_of(client: Client, mailbox: Catcher, places: int) -> tuple[Signature, str, list[str]]:
    """A published band, the own page of its speaker, and the links of its members."""
    band = publish(sign(client, mailbox))
    own = own_page(client, mailbox)
    assert client.post(f"{own}members/", {"count": places}).status_code == 303
    found = join_links(client.get(f"{own}members/").content.decode())
    assert len(found) == places
    return band, own, found


def join(client: Client, mailbox: Catcher, link: str, name: str, **changes: str) -> Signature:
    """A member signs by a link and confirms from a mailbox of their own."""
    address = f"{name.split()[0].lower()}@example.org"
    assert post_form(client, link, name=name, email=address, **changes).status_code == 303
    assert client.post(read_mail(mailbox, address).path("confirm")).status_code == 303
    return Signature.objects.latest("pk")


def permalink(client: Client, band: Signature) -> str:
    return words(client.get(band.get_absolute_url()).content.decode())
