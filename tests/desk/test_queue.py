"""An organizer works through the queue."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from signatories.desk.queue import services as queue
from signatories.models import Act, Signature, WatchedName
from signatories.models.act import Verb
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import enter, organizer, signed, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def hold(number: int) -> list[Signature]:
    """Make `number` held signatures, oldest first."""
    WatchedName.objects.get_or_create(name="Cassius Moonwright")
    now = timezone.now()
    return [
        signed(name="Cassius Moonwright", address=f"c{n}@example.org", now=now - timedelta(hours=number - n))
        for n in range(number)
    ]


def crowded(number: int) -> list[Signature]:
    """Make `number` signatures that wait for another reason than their name, so that one press publishes them."""
    return [signed(name="Cassius Moonwright", address=f"c{n}@example.org", held_for=["crowd"]) for n in range(number)]


def decide(desk: Client, signature: Signature, verb: str, reason: str = "", **headers: str) -> bytes:
    path = f"/desk/signatures/{signature.pk}/decide/"
    return bytes(desk.post(path, {"verb": verb, "reason": reason}, follow=True, headers=headers).content)


def state(signature: Signature) -> str:
    signature.refresh_from_db()
    return signature.state


def test_it_tells_how_many_wait_since_when_and_why(desk: Client) -> None:
    oldest, *_rest = hold(3)
    page = desk.get("/desk/queue/").content.decode()
    assert "<strong>3</strong> wait" in page
    assert "3\xa0hours" in page
    assert "looks like the watched name “Cassius Moonwright”" in page
    assert page.index(f"entry-{oldest.pk}") < page.index(f"entry-{_rest[0].pk}")


def note(words: str, name: str = "Cassius Moonwright") -> None:
    WatchedName.objects.filter(name=name).update(note=words)


def test_the_note_of_the_watched_name_is_shown_wherever_its_look_alike_waits(desk: Client) -> None:
    (signature,) = hold(1)
    WatchedName.objects.create(name="Aurelia Vantongeren", note="Somebody else's.")
    note("Ask <her> union.")
    words = "Ask &lt;her&gt; union."
    pages = {
        "queue": desk.get("/desk/queue/"),
        "signature": desk.get(f"/desk/signatures/{signature.pk}/"),
        "found": desk.post("/desk/find/", {"q": "Cassius"}),
        "wrong": desk.post(f"/desk/signatures/{signature.pk}/decide/", {"verb": "reject", "reason": ""}),
        "address": desk.post(f"/desk/signatures/{signature.pk}/address/"),
    }
    assert {page: answer.content.decode().count(words) for page, answer in pages.items()} == dict.fromkeys(pages, 1)
    assert not any(b"Somebody else" in answer.content for answer in pages.values())
    decide(desk, signature, "reject", "Invented.")
    back = desk.post(f"/desk/acts/{Act.objects.of_the_desk().latest('pk').pk}/undo/", headers=HTMX)
    assert words in back.content.decode()


def test_a_note_of_a_very_long_name_and_one_that_is_gone(desk: Client) -> None:
    long = "Cassius " + "Moonwright-" * 17 + "Vale"
    assert 189 < len(long) <= 200
    WatchedName.objects.create(name=long, note="Ask his choir.")
    assert signed(name=long).state == State.HELD
    assert "Ask his choir." in desk.get("/desk/queue/").content.decode()
    WatchedName.objects.all().delete()
    page = desk.get("/desk/queue/").content.decode()
    assert "looks like the watched name" in page
    assert "Ask his choir." not in page


def test_who_counts_shows_no_note(desk: Client) -> None:
    (signature,) = hold(1)
    note("Ask her union.")
    Signature.objects.update(verified_as="namesake")
    decide(desk, signature, "publish")
    assert state(signature) == State.PUBLISHED
    assert "Ask her union." not in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()


def test_an_empty_queue(desk: Client) -> None:
    text()
    assert b"Nobody waits" in desk.get("/desk/queue/").content


def test_a_long_queue_goes_on_and_costs_the_same(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hold(60)
    desk.get("/desk/numbers/")  # notes that the session is in use, as every five minutes
    with django_assert_max_num_queries(21):
        first = desk.get("/desk/queue/").content.decode()
    assert first.count("data-entry") == 50
    after = first.partition("?after=")[2].partition('"')[0]
    assert desk.get(f"/desk/queue/?after={after}").content.decode().count("data-entry") == 10
    for odd in ("x", "", "9" * 30, "0"):
        assert desk.get("/desk/queue/", {"after": odd}).status_code == 200


@pytest.mark.parametrize(
    ("verb", "reason", "after"), [("publish", "", "published"), ("reject", "Invented.", "rejected")]
)
def test_one_decision_is_one_act(desk: Client, verb: str, reason: str, after: str) -> None:
    signature, other = crowded(2)
    decide(desk, signature, verb, reason)
    decide(desk, signature, verb, reason)
    assert (state(signature), state(other)) == (after, "held")
    act = Act.objects.of_the_desk().get()
    assert (act.verb, act.before, act.after) == (verb, "held", after)
    assert act.reason
    assert tally.repair() == {}


def test_rejecting_needs_a_reason_and_what_was_typed_is_kept(desk: Client) -> None:
    (signature,) = hold(1)
    assert b"Please say why" in decide(desk, signature, "reject")
    page = decide(desk, signature, "publish", "x" * 501)
    assert b"x" * 501 in page
    path = f"/desk/signatures/{signature.pk}/decide/"
    odd = desk.post(path, {"verb": "delete", "reason": "no odd verb"})
    assert odd.status_code == 422
    assert b"no odd verb" in odd.content
    assert state(signature) == State.HELD
    assert not Act.objects.of_the_desk().exists()


def test_for_a_represented_one_it_is_said_how_it_was_verified(desk: Client) -> None:
    (signature,) = crowded(1)
    Signature.objects.update(representative="Isolde Kettlewick", representative_role="agent")
    assert b"Isolde Kettlewick" in desk.get("/desk/queue/").content
    assert b"how you verified" in decide(desk, signature, "publish")
    assert state(signature) == State.HELD
    decide(desk, signature, "publish", "Reached her through her union.")
    assert state(signature) == State.PUBLISHED


def test_with_htmx_only_the_entry_and_the_numbers_are_answered(desk: Client) -> None:
    signature, _other = crowded(2)
    answer = decide(desk, signature, "publish", **HTMX).decode()
    assert "<html" not in answer
    assert f'id="entry-{signature.pk}"' in answer
    assert 'hx-swap-oob="true"' in answer
    assert "<strong>1</strong> wait" in answer


def test_undo_is_an_act_of_its_own(desk: Client) -> None:
    (signature,) = hold(1)
    decide(desk, signature, "reject", "Invented.")
    act = Act.objects.of_the_desk().get()
    for _ in range(2):
        desk.post(f"/desk/acts/{act.pk}/undo/")
    assert state(signature) == State.HELD
    assert [a.verb for a in Act.objects.of_the_desk().order_by("pk")] == [Verb.REJECT, Verb.HOLD]
    assert "Undone" in Act.objects.of_the_desk().latest("pk").reason
    assert tally.repair() == {}


def test_undoing_a_publication_takes_it_off_the_list(desk: Client) -> None:
    (signature,) = crowded(1)
    decide(desk, signature, "publish")
    assert Signature.objects.public().exists()
    desk.post(f"/desk/acts/{Act.objects.of_the_desk().get().pk}/undo/")
    assert not Signature.objects.public().exists()
    signature.refresh_from_db()
    assert signature.number  # drawn once, kept


def test_nobody_undoes_what_another_did_or_what_went_on(desk: Client, olga: AbstractBaseUser) -> None:
    (signature,) = crowded(1)
    boris = organizer("boris")
    queue.reject(signature_id=signature.pk, organizer=boris, reason="Invented.", now=timezone.now())
    theirs = Act.objects.of_the_desk().get()
    desk.post(f"/desk/acts/{theirs.pk}/undo/")
    assert state(signature) == State.REJECTED
    queue.publish(signature_id=signature.pk, organizer=olga, reason="Known.", now=timezone.now())
    mine = Act.objects.of_the_desk().latest("pk")
    queue.hold(signature_id=signature.pk, organizer=boris, reason="Wait.", now=timezone.now())
    assert b"Nothing was changed" in desk.post(f"/desk/acts/{mine.pk}/undo/", follow=True).content
    assert state(signature) == State.HELD


def test_whoever_comes_second_is_told(desk: Client) -> None:
    (signature,) = crowded(1)
    queue.publish(signature_id=signature.pk, organizer=organizer("boris"), reason="Known.", now=timezone.now())
    answer = decide(desk, signature, "publish", **HTMX).decode()
    assert "published by boris" in answer
    assert "nothing was changed" in answer
    assert Act.objects.of_the_desk().count() == 1


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/queue/", "/desk/find/", "/desk/trail/", "/desk/signatures/1/", "/desk/signups/1/"]
)
def test_strangers_and_accounts_that_are_not_staff_stay_outside(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    ordinary = organizer("otto")
    get_user_model().objects.filter(pk=ordinary.pk).update(is_staff=False, is_superuser=False)
    enter(client, ordinary)
    assert client.get(path).status_code == 403


def test_what_is_refused_to_an_account_leaves_a_line_with_who_and_what(
    desk: Client, olga: AbstractBaseUser, caplog: pytest.LogCaptureFixture
) -> None:
    """E34. Also without the token of the form, and where a role does not reach; a stranger's visit leaves none."""
    viewer = organizer("vera", role=Role.VIEWER)
    browser = Client()
    browser.force_login(viewer)  # type: ignore[arg-type]
    assert browser.post("/desk/texts/1/", {"en-title": "Hacked"}).status_code == 403
    foreign = Client(enforce_csrf_checks=True)
    enter(foreign, olga)
    assert foreign.post("/desk/find/", {"q": "anna@example.org"}).status_code == 403
    get_user_model().objects.filter(pk=olga.pk).update(is_staff=False)
    assert desk.post("/desk/find/", {"q": "anna@example.org"}).status_code == 403
    assert Client().get("/desk/find/").status_code == 302
    desk.get("/desk/nowhere%0Aforged line/")
    told = [entry.getMessage() for entry in caplog.records if "refused" in entry.getMessage()]
    who = f"refused to account {olga.pk}: POST"
    assert told == [f"refused to account {viewer.pk}: POST /desk/texts/1/", f"{who} /desk/find/", f"{who} /desk/find/"]


def test_who_leaves_is_outside_at_once(desk: Client, olga: AbstractBaseUser) -> None:
    assert desk.get("/desk/numbers/").status_code == 200
    get_user_model().objects.filter(pk=olga.pk).update(is_active=False)
    assert desk.get("/desk/numbers/").status_code == 302


def test_pages_of_the_desk_are_neither_stored_nor_indexed(desk: Client) -> None:
    with time_machine.travel(timezone.now()):
        answer = desk.get("/desk/queue/")
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert "unsafe" not in answer["Content-Security-Policy"]
