"""An organizer finds a signer and acts at their request (A10)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.models import Act, OutboundMail, Signature, Signup
from signatories.models.act import Verb
from signatories.models.signature import State
from tests.people import ADDRESS, enter, form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def find(desk: Client, q: str) -> str:
    return desk.post("/desk/find/", {"q": q}).content.decode()


def verbs() -> list[str]:
    return list(Act.objects.of_the_desk().order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("q", [ADDRESS, "ANN+list@Example.org", "aveline", "Avelíne ashgr"])
def test_by_address_or_by_name(desk: Client, q: str) -> None:
    signature = signed()
    page = find(desk, q)
    assert f"/desk/signatures/{signature.pk}/" in page
    assert "Stands on the list by name" in page
    assert ADDRESS not in page.replace(f'value="{q}"', "")
    assert verbs() == [Verb.FIND]
    assert Act.objects.of_the_desk().get().reason == ""


@pytest.mark.parametrize(
    "written",
    ["{0}", " {0} ", "{0:,}", "#{0}", "No. {0:,}", "№ {0}", "n° {1}", "number {0}", "{1}", "{2}"],
)
def test_by_the_number_as_it_is_printed_anywhere(desk: Client, written: str) -> None:
    """C19."""
    signature, _other = signed(), signed(name="Oscar Other", address="other@example.org")
    number = signature.number
    assert number
    page = find(
        desk,
        written.format(
            number, f"{number:,}".replace(",", "\u202f"), "".join(chr(0xFF10 + int(d)) for d in str(number))
        ),
    )
    assert f"/desk/signatures/{signature.pk}/" in page
    assert "Oscar Other" not in page


@pytest.mark.parametrize("q", ["0", "-1000001", "9" * 200, "1e6", "#", "No."])
def test_what_is_no_number_of_anybody_finds_nobody(desk: Client, q: str) -> None:
    signed()
    assert "Signatures: 0" in find(desk, q)


def test_nobody_found(desk: Client) -> None:
    signed()
    for q in ("nobody@example.org", "Bram", "@", "…"):
        assert "Signatures: 0" in find(desk, q)
    assert "Please enter" in find(desk, "")


def test_in_plain_words_in_every_state(desk: Client, client: Client, mailbox: Catcher) -> None:
    for address in ("ann@example.org", "bounce@example.org", "later@example.org"):
        sign_up_only(client, address)
    outbox.drain()
    assert "Not confirmed" in find(desk, "ann@example.org")
    for address, words in (("bounce@example.org", "came back: SMTP 550"), ("later@example.org", "SMTP 451")):
        page = desk.get(f"/desk/signups/{Signup.objects.get(domain='example.org', mail_error=words[-8:]).pk}/")
        assert words in page.content.decode(), address
    signature = signed(address="x@example.org", name="Bram Bellweather")
    for state, words in ((State.HELD, "Waits for a person"), (State.REJECTED, "Rejected")):
        Signature.objects.filter(pk=signature.pk).update(state=state)
        assert words in find(desk, "x@example.org")


def sign_up_only(client: Client, address: str) -> None:
    text()
    assert client.post("/sign/", form(email=address)).status_code == 303


def test_the_address_is_masked_until_asked_for_and_asking_is_on_record(desk: Client) -> None:
    signature = signed()
    page = f"/desk/signatures/{signature.pk}/"
    for path in ("/desk/", "/desk/queue/", page, "/desk/trail/", "/desk/mails/"):
        assert ADDRESS not in desk.get(path).content.decode()
    assert "•••@example.org" in desk.get(page).content.decode()
    assert desk.get(f"{page}address/").status_code == 405
    assert ADDRESS in desk.post(f"{page}address/", {"reason": "asked"}).content.decode()
    act = Act.objects.of_the_desk().get()
    assert (act.verb, act.signature_id, act.reason) == (Verb.REVEAL, signature.pk, "The signer asked us")
    assert ADDRESS not in desk.get(page).content.decode()


def test_of_a_signup_too(desk: Client, client: Client) -> None:
    sign_up_only(client, ADDRESS)
    page = f"/desk/signups/{Signup.objects.get().pk}/"
    assert ADDRESS not in desk.get(page).content.decode()
    assert ADDRESS in desk.post(page, {"reveal": "1", "reason": "proof"}).content.decode()
    assert verbs() == [Verb.REVEAL]


def test_the_link_is_sent_again(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    desk.post(f"/desk/signatures/{signature.pk}/resend/")
    assert read_mail(mailbox).path("mine")
    assert verbs() == [Verb.RESEND]


def test_the_confirmation_is_sent_again(desk: Client, mailbox: Catcher) -> None:
    first = sign_up(desk, mailbox)
    desk.post(f"/desk/signups/{Signup.objects.get().pk}/")
    again = read_mail(mailbox)
    assert len(mailbox.mails) == 2
    assert again.path("confirm") == first.path("confirm")
    assert verbs() == [Verb.RESEND]


def test_corrected_at_their_request(desk: Client, mailbox: Catcher) -> None:
    signature = signed(name="Avelinne Ashgrove")
    page = f"/desk/signatures/{signature.pk}/correct/"
    assert b"Avelinne" in desk.get(page).content
    typed = form(filed_under="", affiliation="")
    assert b"Please say why" in desk.post(page, typed).content
    desk.post(page, typed | {"reason": "Asked by mail."})
    desk.post(page, typed | {"reason": "Asked by mail."})
    signature.refresh_from_db()
    assert signature.name == "Aveline Ashgrove"
    assert verbs() == [Verb.CORRECT]
    assert "Aveline Ashgrove" in read_mail(mailbox).text
    desk.post(page, typed | {"reason": "Asked by mail.", "appearance": "unnamed"})
    assert verbs() == [Verb.CORRECT, Verb.HIDE]
    assert not Signature.objects.public().exists()


def test_withdrawn_and_put_back_at_their_request(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    page = f"/desk/signatures/{signature.pk}/"
    assert b"Please say why" in desk.post(f"{page}withdraw/", {"reason": ""}).content
    assert OutboundMail.objects.count() == 0
    for _ in range(2):
        desk.post(f"{page}withdraw/", {"reason": "Asked by mail."})
    assert "withdrawn" in read_mail(mailbox).message["Subject"]
    assert b"Withdrawn. Can be undone until" in desk.get(page).content
    desk.post(f"{page}restore/", {"reason": "A mistake."})
    assert Signature.objects.public().exists()
    assert verbs() == [Verb.WITHDRAW, Verb.RESTORE]
    acts = Act.objects.of_the_desk().order_by("pk").values_list("before", "after")
    assert list(acts) == [("published", "withdrawn"), ("withdrawn", "published")]


def test_too_late_to_put_back(desk: Client) -> None:
    signature = signed()
    desk.post(f"/desk/signatures/{signature.pk}/withdraw/", {"reason": "Asked."})
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        enter(desk, get_user_model().objects.get())
        desk.post(f"/desk/signatures/{signature.pk}/restore/", {"reason": "Late."})
    signature.refresh_from_db()
    assert signature.state == State.WITHDRAWN
    assert verbs() == [Verb.WITHDRAW]


def checksums() -> dict[str, str]:
    """Digest every table except sessions, which a request may renew, and who is at the desk, which it notes."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in {"django_session", "signatories_presence"}:
                cursor.execute(
                    f'SELECT md5(string_agg(t::text, "," ORDER BY t::text)) FROM "{table}" t'.replace('","', "','")
                )
                found[table] = cursor.fetchone()[0]
    return found


def test_looking_at_every_page_changes_nothing(desk: Client, client: Client) -> None:
    """A11: follow all links of the desk with an organizer's session."""
    signed()
    Signature.objects.filter(pk=signed(address="h@example.org", name="Bram Bellweather").pk).update(state=State.HELD)
    sign_up_only(client, "new@example.org")
    before = checksums()
    todo, seen = ["/desk/"], set()
    while todo:
        path = todo.pop()
        seen.add(path)
        page = desk.get(path).content.decode("utf-8", "replace")
        links = {link.replace("&amp;", "&") for link in re.findall(r'(?:href|action|hx-post)="(/desk/[^"#]*)', page)}
        todo += [link for link in links if link not in {*seen, *todo}]
    assert len(seen) > 8
    assert checksums() == before


def test_the_trail_shows_all_acts_of_all(desk: Client) -> None:
    signature = signed()
    desk.post(f"/desk/signatures/{signature.pk}/address/", {"reason": "law"})
    desk.post(f"/desk/signatures/{signature.pk}/decide/", {"verb": "reject", "reason": "Invented & <b>odd</b>."})
    page = desk.get("/desk/trail/").content.decode()
    assert "look at an address" in page
    assert "Invented &amp; &lt;b&gt;odd" in page
    only = desk.get("/desk/trail/", {"verb": "reject"}).content.decode().partition("<tbody>")[2]
    assert "look at an address" not in only
    for odd in ({"before": "x"}, {"before": "9" * 40}, {"verb": "x"}, {"organizer": "x"}, {"organizer": "9" * 40}):
        assert desk.get("/desk/trail/", odd).status_code == 200


def test_a_long_trail_goes_on(desk: Client) -> None:
    Act.objects.bulk_create(Act(verb=Verb.FIND) for _ in range(130))
    first = desk.get("/desk/trail/").content.decode()
    assert first.count("<tr>") == 101
    before = re.search(r"\?before=(\d+)", first)
    assert before
    assert desk.get("/desk/trail/", {"before": before[1]}).content.decode().count("<tr>") == 31


def test_the_page_of_a_signature_shows_its_whole_history_and_who_did_it(desk: Client) -> None:
    signature = signed()
    decide(signature)
    page = desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    rows = re.findall(r"<td>(\w+)(?: <span[^>]*>\w+</span>)?</td>\s*<td>(\w+)</td>", page.partition("acts-title")[2])
    assert rows == [("olga", "hold"), ("signer", "confirm")]
    trail = desk.get("/desk/trail/").content.decode()
    assert "<td>hold</td>" in trail
    assert "<td>confirm</td>" not in trail


def decide(signature: Signature) -> None:
    """Olga holds it."""
    olga = get_user_model().objects.get(username="olga")
    queue.hold(signature_id=signature.pk, organizer=olga, reason="Seen twice.", now=timezone.now())
