"""What nobody learns of a member whose name is not public, least of all the speaker, who knows whose each link is (T22).

Each test looks at a link before and after somebody has signed by it.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.identity import links as private_links
from signatories.identity.links import Purpose
from signatories.mail import messages, outbox
from signatories.mine import services as mine
from signatories.models import Embargo, Membership, OutboundMail, Signature, Signup
from signatories.models.embargo import forget_embargo
from signatories.models.signature import State
from signatories.privacy import own_data, retention
from tests.groups.bands import band_of, join, join_links, own_page, permalink, words
from tests.people import from_everywhere, organizer, post_form, read_mail, set_to, signed, text
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def hold(member: Signature) -> None:
    Signature.objects.filter(pk=member.pk).update(state=State.HELD, held_for=["organizer"])


def refuse(member: Signature) -> None:
    queue.reject(signature_id=member.pk, organizer=organizer("mona"), reason="No.", now=timezone.now())


def withdraw(member: Signature) -> None:
    assert mine.withdraw(signature_id=member.pk, now=timezone.now())


def erase(member: Signature) -> None:
    withdraw(member)
    assert retention.erase(signature_id=member.pk, now=timezone.now())


def leave(member: Signature) -> None:
    place = Membership.objects.get(signature=member)
    own = mine_path(member)
    assert Client().post(f"{own}leave/", {"member": place.hidden_id}).status_code == 303
    assert not member.memberships.exists()


def mine_path(member: Signature) -> str:
    return f"/mine/{messages.own_link(member, timezone.now().date())}/"


def nothing(_member: Signature) -> None:
    """A member without a name stands as they signed."""


FATES = [nothing, hold, refuse, withdraw, erase, leave]


def seen(client: Client, link: str, address: str) -> tuple[object, ...]:
    """Everything that the page of a link, a flawed form and a good one answer, and the work they cost."""
    found: list[object] = []
    with CaptureQueriesContext(connection) as queries:
        for answer in (
            client.get(link), client.head(link), post_form(client, link, name="", email=address),
            post_form(client, link, name="Zoe Plain", email=address),
        ):  # fmt: skip
            page = answer.content.decode().replace(address, "")
            headers = {name: value for name, value in answer.headers.items() if name != "Location"}
            place = re.sub(r"to=.*", "to=", answer.headers.get("Location", ""))
            found += [answer.status_code, page, tuple(sorted(headers.items())), place]
    about = [query["sql"] for query in queries if re.search(r"signatories_(membership|signature|signup)", query["sql"])]
    return (*found, *(re.sub(r"\d+|'[^']*'|\bVALUES.*", "", statement) for statement in about))


def mails(mailbox: Catcher, address: str) -> list[str]:
    """The mails to an address, without what is drawn at random for each."""
    outbox.drain()
    return [
        re.sub(r"/(confirm|stop|mine)/[^/]+/|\b[0-9A-Z]{4} [0-9A-Z]{4}\b", "", mail.text).replace(address, "")
        for mail in mailbox.of(address)
    ]


@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.__name__)
def test_a_link_answers_as_before_while_its_member_is_not_public(
    client: Client, mailbox: Catcher, fate: Callable[[Signature], None]
) -> None:
    from_everywhere()
    _band, own, (link, other) = band_of(client, mailbox, 2)
    speaker = client.get(f"{own}members/").content
    seen(client, link, "w0@example.org")  # whatever is read once only
    before = seen(client, link, "w1@example.org")
    member = join(client, mailbox, link, "Bram Fell", appearance="unnamed")
    fate(member)
    assert client.get(f"{own}members/").content == speaker
    assert seen(client, link, "w2@example.org") == before
    assert seen(client, other, "w3@example.org")[0] == 200
    assert mails(mailbox, "w1@example.org") == mails(mailbox, "w2@example.org") != []


def test_once_the_name_is_public_the_link_says_so_and_the_speaker_sees_it(client: Client, mailbox: Catcher) -> None:
    _band, own, links = band_of(client, mailbox, 2)
    member = join(client, mailbox, links[0], "Ada Vance")
    assert client.get(links[0]).status_code == 410
    assert "Ada Vance" in client.get(f"{own}members/").content.decode()
    Signature.objects.filter(pk=member.pk).update(named=False)
    assert client.get(links[0]).status_code == 200
    page = client.get(f"{own}members/").content.decode()
    assert "Ada Vance" not in page and links[0] in join_links(page)
    assert client.get(links[1]).status_code == 200


def test_under_an_embargo_and_while_the_list_is_closed_no_name_is_public(client: Client, mailbox: Catcher) -> None:
    _band, own, links = band_of(client, mailbox, 1)
    join(client, mailbox, links[0], "Ada Vance")
    set_to(list_public=False)
    assert client.get(links[0]).status_code == 200
    assert "Ada Vance" not in client.get(f"{own}members/").content.decode()
    set_to(list_public=True)
    assert client.get(links[0]).status_code == 410
    Embargo.objects.create(pk=1, until=timezone.now() + timedelta(days=1))
    forget_embargo()
    assert client.get(links[0]).status_code == 200
    assert "Ada Vance" not in client.get(f"{own}members/").content.decode()


def test_a_second_who_signs_by_a_link_is_an_ordinary_signer(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 2)
    first = join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    second = join(client, mailbox, links[0], "Ada Vance")
    assert (second.state, second.named) == (State.PUBLISHED, True)
    assert not second.memberships.exists() and first.memberships.get().group == band
    assert "Ada Vance" not in permalink(client, band)
    assert "Members who have signed" not in permalink(client, band)
    page = words(client.get(own_page(client, mailbox, "ada@example.org")).content.decode())
    assert "You stand under" not in page and "You are a member" not in page and "asks you as a member" not in page


def test_who_had_signed_before_is_offered_the_place_whether_it_is_taken_or_not(
    client: Client, mailbox: Catcher
) -> None:
    """Else the speaker, who has signed, would learn it from the own page without signing again."""
    band, _own, links = band_of(client, mailbox, 2)
    join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    signed(name="Vera Quill", address="quill@example.org")
    signed(name="Una Moss", address="una@example.org")
    told: list[object] = []
    for link, name, address in ((links[0], "Vera Quill", "quill"), (links[1], "Una Moss", "una")):
        assert post_form(client, link, name=name, email=f"{address}@example.org").status_code == 303
        own = read_mail(mailbox, f"{address}@example.org").path("mine")
        told.append(words(client.get(own).content.decode()).count("The Paper Lanterns asks you as a member"))
        place = re.search(r'name="member" value="([\w-]{22})"', client.get(own).content.decode())
        assert place
        answer = client.post(f"{own}join/", {"member": place[1]})
        told.append(answer["Location"].partition("?")[2])
        assert "asks you as a member" not in words(client.get(own).content.decode())
    assert told == [1, "taken#taken", 1, "saved#saved"]
    assert permalink(client, band).count("Una Moss") == 1 and "Vera Quill" not in permalink(client, band)
    assert Membership.objects.get(signature__name="Bram Fell").group == band
    own = own_page(client, mailbox, "quill@example.org")
    assert "leads to no free place of the group any more" in words(client.get(f"{own}?taken").content.decode())


def test_two_confirm_for_one_place_at_the_same_moment(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    names = ["Ada Vance", "Bram Fell", "Cosima Thorn", "Dorian Reed", "Esme Hollow", "Finn Moor"]
    paths = []
    for n, name in enumerate(names):
        post_form(client, links[0], name=name, email=f"m{n}@example.org", appearance="unnamed")
        paths.append(read_mail(mailbox, f"m{n}@example.org").path("confirm"))
    assert at_once(len(paths), lambda: Client().post(paths.pop()).status_code) == [303] * len(names)
    assert Signature.objects.filter(state=State.PUBLISHED, named=False).count() == len(names)
    assert Membership.objects.get().signature in Signature.objects.filter(named=False)
    assert Membership.objects.get().group == band


@pytest.mark.parametrize("round_", range(4))
def test_one_of_two_gets_the_place_of_somebody_who_withdrew(client: Client, mailbox: Catcher, round_: int) -> None:
    _band, _own, links = band_of(client, mailbox, 1)
    withdraw(join(client, mailbox, links[0], "Bram Fell", appearance="unnamed"))
    paths = []
    for name in ("Ada Vance", "Cosima Thorn"):
        address = f"{name.split()[0].lower()}@example.org"
        post_form(client, links[0], name=name, email=address)
        paths.append(read_mail(mailbox, address).path("confirm"))
    answers = at_once(2, lambda: Client().post(paths.pop()).status_code)
    assert answers == [303, 303]
    (place,) = Membership.objects.all()
    assert place.signature and place.signature.name in ("Ada Vance", "Cosima Thorn")
    assert Signature.objects.public().people().count() == 2


def test_a_member_who_withdrew_and_signs_again_by_the_link_has_the_place_again(
    client: Client, mailbox: Catcher
) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    first = join(client, mailbox, links[0], "Ada Vance")
    withdraw(first)
    assert client.get(links[0]).status_code == 200
    second = join(client, mailbox, links[0], "Ada Vance", affiliation="")
    assert second.pk != first.pk
    assert permalink(client, band).count("Ada Vance") == 1
    assert Membership.objects.get().signature == second


def test_a_withdrawal_that_is_undone_keeps_the_place(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    first = join(client, mailbox, links[0], "Ada Vance")
    withdraw(first)
    assert mine.undo(signature_id=first.pk, now=timezone.now())
    assert "Ada Vance" in permalink(client, band)


def test_a_member_who_uses_the_own_link_again_changes_nothing(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    member = join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    assert post_form(client, links[0], name="Bram Fell", email="bram@example.org").status_code == 303
    mail = read_mail(mailbox, "bram@example.org")
    page = words(client.get(mail.path("mine")).content.decode())
    assert "asks you as a member" not in page and "You are a member of The Paper Lanterns" in page
    assert Membership.objects.get(signature=member).group == band
    assert Signature.objects.filter(named=False).count() == 1


def test_the_speaker_takes_a_link_back_and_gives_a_new_one(client: Client, mailbox: Catcher) -> None:
    """With and without somebody behind it, all looks the same; who was there may use the new one."""
    band, own, links = band_of(client, mailbox, 2)
    join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    pages = []
    for place in Membership.objects.order_by("pk"):
        client.post(f"{own}members/remove/", {"member": place.hidden_id})
        pages.append(re.sub(r"/join/[^<]+<|\d+", "", client.get(f"{own}members/").content.decode()).count("<article"))
    assert pages == [1, 0]
    assert [client.get(link).status_code for link in links] == [410, 410]
    used = [client.get(link).content.decode().replace(link, "") for link in links]
    assert used[0] == used[1]
    assert "Paper Lanterns" not in group_part(client, own_page(client, mailbox, "bram@example.org"))
    client.post(f"{own}members/", {"count": 1})
    (new,) = join_links(client.get(f"{own}members/").content.decode())
    post_form(client, new, name="Bram Fell", email="bram@example.org")
    bram = read_mail(mailbox, "bram@example.org").path("mine")
    client.post(f"{bram}join/", {"member": Membership.objects.latest("pk").hidden_id})
    assert Membership.objects.latest("pk").signature == Signature.objects.get(named=False)
    assert "Bram" not in permalink(client, band)


def group_part(client: Client, own: str) -> str:
    """The headings of an own page, which name each group."""
    return " ".join(re.findall(r"<h2[^>]*>(.*?)</h2>", client.get(own).content.decode(), re.DOTALL))


def test_a_member_without_a_name_who_leaves_completes_no_group(client: Client, mailbox: Catcher) -> None:
    """ "All two members have signed" would tell that the third had."""
    band, _own, links = band_of(client, mailbox, 3)
    for link, name in zip(links, ["Ada Vance", "Cosima Thorn"], strict=False):
        join(client, mailbox, link, name)
    before = permalink(client, band)
    bram = join(client, mailbox, links[2], "Bram Fell", appearance="unnamed")
    assert permalink(client, band) == before
    leave(bram)
    assert permalink(client, band) == before
    assert Membership.all_have_signed(band) == 0


def test_a_form_sent_before_leaving_leads_back_to_no_group(client: Client, mailbox: Catcher) -> None:
    """A member confirms after leaving; only a form that is sent anew makes them a member again."""
    band, _own, links = band_of(client, mailbox, 2)
    join(client, mailbox, links[0], "Ada Vance")
    post_form(client, links[1], name="Ada Vance", affiliation="", email="ada@example.org")
    old = Signup.objects.get(confirmed_at=None)
    late = read_mail(mailbox, "ada@example.org")
    own = own_page(client, mailbox, "ada@example.org")
    client.post(f"{own}leave/", {"member": Membership.objects.get(signature__name="Ada Vance").hidden_id})
    path = f"/confirm/{private_links.make(Purpose.CONFIRM, old.pk, old.nonce)}/"
    assert late.path("mine") and client.post(path).status_code == 303
    assert not Membership.objects.exclude(signature=None).exists()
    assert "asks you as a member" not in words(client.get(own).content.decode())
    post_form(client, links[1], name="Ada Vance", profession="poet", email="ada@example.org")
    client.post(f"{own}join/", {"member": Membership.objects.latest("pk").hidden_id})
    assert "Ada Vance" in permalink(client, band)


def test_what_is_stored_of_the_group_tells_no_member(client: Client, mailbox: Catcher) -> None:
    """The answer to a speaker who asks for all their data."""
    _band, own, links = band_of(client, mailbox, 2)
    before = own_data.of_mailbox("vera@example.org")["signatures"][0]["members"]
    member = join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    assert own_data.of_mailbox("vera@example.org")["signatures"][0]["members"] == before
    assert "Bram" not in client.get(f"{own}data.json").content.decode()
    of_member = own_data.of_mailbox("bram@example.org")["signatures"][0]["memberships"]
    assert [row["signature"] for row in of_member] == [member.pk]


@pytest.mark.parametrize("appearance", ["named", "unnamed"])
def test_the_own_page_says_the_truth_when_the_speaker_withdraws(
    client: Client, mailbox: Catcher, appearance: str
) -> None:
    band, _own, links = band_of(client, mailbox, 2)
    member = join(client, mailbox, links[0], "Ada Vance", appearance=appearance)
    own = own_page(client, mailbox, "ada@example.org")
    stands = "You stand under The Paper Lanterns"
    assert (stands in words(client.get(own).content.decode())) == (appearance == "named")
    withdraw(band)
    page = words(client.get(own).content.decode())
    assert stands not in page and "The group is not on the list at present" in page
    member.refresh_from_db()
    assert member.state == State.PUBLISHED
    assert client.get(links[1]).status_code == client.get(links[0]).status_code == 410
    assert mine.undo(signature_id=band.pk, now=timezone.now())
    assert (stands in words(client.get(own).content.decode())) == (appearance == "named")
    withdraw(band)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        retention.erase_withdrawn(timezone.now())
    assert "Paper Lanterns" not in group_part(client, own)
    assert not Membership.objects.exists()


def test_the_group_is_held_again(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 1)
    join(client, mailbox, links[0], "Ada Vance")
    hold(band)
    page = words(client.get(own_page(client, mailbox, "ada@example.org")).content.decode())
    assert "The group is not on the list at present" in page and "You stand under" not in page


def test_nobody_is_mailed_about_members(client: Client, mailbox: Catcher) -> None:
    """Neither the speaker when somebody joins or leaves, nor the first when a second uses the link."""
    text()
    _band, _own, links = band_of(client, mailbox, 1)
    outbox.drain()
    vera = len(mailbox.of("vera@example.org"))
    bram = join(client, mailbox, links[0], "Bram Fell", appearance="unnamed")
    outbox.drain()
    to_bram = len(mailbox.of("bram@example.org"))
    join(client, mailbox, links[0], "Ada Vance")
    leave(bram)
    outbox.drain()
    assert not OutboundMail.objects.filter(sent_at=None).exists()
    assert (len(mailbox.of("vera@example.org")), len(mailbox.of("bram@example.org"))) == (vera, to_bram)
