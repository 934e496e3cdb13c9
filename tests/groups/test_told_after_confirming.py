"""Who confirmed by the link of a member reads whether they stand under the group, and nothing of anybody else."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from signatories.groups import services
from signatories.mine import services as mine
from signatories.models import Membership, Signature
from tests.groups.bands import band_of, own_page, permalink, words
from tests.people import post_form, read_mail
from tests.races import somebody_waits_for_a_lock
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
MISSED = (
    "You do not stand under The Paper Lanterns The link that you used was no longer free. Ask the speaker of the group "
    "for a link of your own. Your own signature stays as it is."
)


def confirm(client: Client, mailbox: Catcher, link: str, name: str, **changes: str) -> str:
    """Sign by a link and confirm; return the address of the page that says thanks."""
    address = f"{name.split()[0].lower()}@example.org"
    assert post_form(client, link, name=name, email=address, **changes).status_code == 303
    path = read_mail(mailbox, address).path("confirm")
    assert client.post(path).status_code == 303
    return path


def said(client: Client, path: str) -> str:
    return words(client.get(path).content.decode())


def told(client: Client, mailbox: Catcher, path: str, name: str) -> tuple[str, str]:
    """What the page of thanks and the own page say of the group."""
    own = own_page(client, mailbox, f"{name.split()[0].lower()}@example.org")
    found = [re.search(r"You (?:stand|do not stand|are a member).*?(?= Leave the group| What | Where | This declaration is run)", page)
             for page in (said(client, path), said(client, own))]  # fmt: skip
    return found[0][0] if found[0] else "", found[1][0] if found[1] else ""


def test_who_has_the_place_reads_it_at_once(client: Client, mailbox: Catcher) -> None:
    _band, _own, links = band_of(client, mailbox, 1)
    path = confirm(client, mailbox, links[0], "Ada Vance")
    assert "You stand under The Paper Lanterns" in said(client, path)
    assert "Leave the group" not in said(client, path)
    assert "You stand under The Paper Lanterns" in said(client, own_page(client, mailbox, "ada@example.org"))


def test_who_signed_without_a_name_reads_that_no_page_tells_it(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    path = confirm(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    page = said(client, path)
    assert "You are a member of The Paper Lanterns Your name does not stand there at present." in page
    assert "You stand under" not in page and "Bram" not in permalink(client, band)


@pytest.mark.parametrize("appearance", ["named", "unnamed"])
def test_an_old_confirmation_link_tells_of_no_group(client: Client, mailbox: Catcher, appearance: str) -> None:
    """T24: whoever reads the mailbox later; the own page says it as before."""
    _band, _own, links = band_of(client, mailbox, 1)
    path = confirm(client, mailbox, links[0], "Ada Vance", affiliation="", appearance=appearance)
    missed = confirm(client, mailbox, links[0], "Bram Fell", affiliation="") if appearance == "unnamed" else path
    own = own_page(client, mailbox, "ada@example.org")
    for minutes, is_told in ((59, True), (61, False)):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            assert ["Paper Lanterns" in said(client, each) for each in (path, missed)] == [is_told, is_told]
            assert "Paper Lanterns" in said(client, own)


def take_back(_client: Client, _first: Signature, place: Membership) -> None:
    Membership.objects.filter(pk=place.pk).update(removed_at=timezone.now())


def leave_group(_client: Client, _first: Signature, place: Membership) -> None:
    assert mine.withdraw(signature_id=place.group_id, now=timezone.now())


def nothing(_client: Client, _first: Signature, _place: Membership) -> None:
    """The first has the place."""


@pytest.mark.parametrize("appearance", ["named", "unnamed"])
@pytest.mark.parametrize("cause", [nothing, take_back, leave_group], ids=lambda cause: cause.__name__)
def test_who_comes_second_reads_the_same_whatever_the_cause(
    client: Client, mailbox: Catcher, cause: Callable[[Client, Signature, Membership], None], appearance: str
) -> None:
    _band, _own, links = band_of(client, mailbox, 1)
    address = "ada@example.org"
    assert post_form(client, links[0], name="Ada Vance", email=address).status_code == 303
    path = read_mail(mailbox, address).path("confirm")
    confirm(client, mailbox, links[0], "Bram Fell", appearance=appearance)
    cause(client, Signature.objects.get(name="Bram Fell"), Membership.objects.get())
    assert client.post(path).status_code == 303
    assert [part.strip() for part in told(client, mailbox, path, "Ada Vance")] == [MISSED, MISSED]
    assert "Bram" not in said(client, path)


def test_who_came_by_no_link_reads_of_no_group(client: Client, mailbox: Catcher) -> None:
    band_of(client, mailbox, 1)
    path = confirm(client, mailbox, "/sign/", "Ada Vance", affiliation="")
    assert "stand under" not in said(client, path) and "Paper Lanterns" not in said(client, path)


def test_who_gets_a_link_of_their_own_afterwards_stands_there(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 2)
    confirm(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    path = confirm(client, mailbox, links[0], "Ada Vance")
    assert "You do not stand under" in said(client, path)
    post_form(client, links[1], name="Ada Vance", affiliation="", email="ada@example.org")
    own = read_mail(mailbox, "ada@example.org").path("mine")
    client.post(f"{own}join/", {"member": Membership.objects.latest("pk").hidden_id})
    assert "Ada Vance" in permalink(client, band)
    for address in (path, own):
        page = said(client, address)
        assert "You stand under The Paper Lanterns" in page and "You do not stand" not in page


def test_who_leaves_or_is_no_longer_a_member_is_not_told_of_a_link(client: Client, mailbox: Catcher) -> None:
    _band, own, links = band_of(client, mailbox, 2)
    ada, bram = (confirm(client, mailbox, link, name) for link, name in zip(links, ("Ada V", "Bram F"), strict=True))
    first, second = Membership.objects.order_by("pk")
    of_ada = own_page(client, mailbox, "ada@example.org")
    client.post(f"{of_ada}leave/", {"member": first.hidden_id})
    client.post(f"{own}members/remove/", {"member": second.hidden_id})
    for path in (ada, of_ada, bram, own_page(client, mailbox, "bram@example.org")):
        assert "You do not stand under" not in said(client, path) and "You stand under" not in said(client, path)


def test_a_link_that_is_taken_back_while_its_member_confirms_was_theirs(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    assert post_form(client, links[0], name="Ada Vance", email="ada@example.org").status_code == 303
    path, place = read_mail(mailbox, "ada@example.org").path("confirm"), Membership.objects.get()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert client.post(path).status_code == 303
            removing = pool.submit(_take_back, band.pk, place.pk)
            assert somebody_waits_for_a_lock()
        assert removing.result()
    place.refresh_from_db()
    assert place.removed_at and place.signature
    for page in (path, own_page(client, mailbox, "ada@example.org")):
        assert "You do not stand under" not in said(client, page) and "You stand under" not in said(client, page)


def _take_back(group_id: int, membership_id: int) -> bool:
    try:
        return services.remove(group_id=group_id, membership_id=membership_id, now=timezone.now())
    finally:
        connection.close()


def test_strangers_and_the_speaker_read_nothing_of_it(client: Client, mailbox: Catcher) -> None:
    band, own, links = band_of(client, mailbox, 2)
    confirm(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    before = [client.get(path).content for path in (f"{own}members/", own)]
    page = permalink(client, band)
    confirm(client, mailbox, links[0], "Ada Vance")
    assert [client.get(path).content for path in (f"{own}members/", own)] == before
    assert permalink(client, band) == page
    ada = Signature.objects.get(name="Ada Vance")
    assert "do not stand" not in said(client, ada.get_absolute_url())
    assert ada.confirmed_at < timezone.now() + timedelta(minutes=1)
