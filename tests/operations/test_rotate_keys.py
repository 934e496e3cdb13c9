"""The command that moves rows under new keys, beside others who change the same rows, killed, and repeated."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from signatories.desk.people import finding
from signatories.identity import mailbox as sealing
from signatories.mine import services as mine
from signatories.models import Act, Signature, Signup
from signatories.models.signature import State
from signatories.operations import key_rotation
from signatories.privacy import erasure_log, retention
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.operations.rotating import Keys, live, newest_link, report, rotate
from tests.people import ADDRESS, form, post_form, sign_up, signed, text
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


_ELSEWHERE = """
import sys, django
django.setup()
from django.utils import timezone
from signatories.mine import services as mine
from signatories.models import Signup
from signatories.signing import services as signing
act, row = sys.argv[1], int(sys.argv[2])
if act == "confirm":
    said = signing.said_by(Signup.objects.get(pk=row))
    print(signing.confirm(signup_id=row, corrections=said, now=timezone.now()).pk)
else:
    print(mine.undo(signature_id=row, now=timezone.now()))
"""


def elsewhere(act: str, row: int, **env: str) -> subprocess.Popen[str]:
    """Another server with other settings, at work on the same database."""
    database = connection.settings_dict
    host = quote(str(database["HOST"]), safe="")
    env = os.environ | env | {"DATABASE_URL": f"postgresql://{database['USER']}@{host}/{database['NAME']}"}
    env["DJANGO_SETTINGS_MODULE"] = "declaration.settings"
    return subprocess.Popen(
        [sys.executable, "-c", _ELSEWHERE, act, str(row)], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )


def until_it_waits_or_ends(other: subprocess.Popen[str]) -> bool:
    """Whether the other server waits for a lock of ours."""
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as watch:
        while other.poll() is None:
            if watch.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone():
                return True
            time.sleep(0.05)
    return False


@pytest.mark.parametrize("act", ["confirm", "undo"])
def test_two_servers_of_which_one_has_the_new_key_as_a_fallback(keys: Keys, act: str) -> None:
    """During a deployment one server writes new digests and the other old ones: the constraint sees no double."""
    text()
    if act == "undo":
        mine.withdraw(signature_id=signed().pk, now=timezone.now())
        row = Signature.objects.get().pk
    else:
        Client().post("/sign/", form())
        row = Signup.objects.get().pk
    keys.draw()
    Client().post("/sign/", form(affiliation="Another Band"))
    signup = Signup.objects.latest("pk")
    with transaction.atomic():
        signing.confirm(signup_id=signup.pk, corrections=signing.said_by(signup), now=timezone.now())
        other = elsewhere(
            act, row, DIGEST_KEY="only-for-tests", DIGEST_KEY_FALLBACKS=keys.settings.DIGEST_KEY,
            MAILBOX_KEYS=",".join(keys.settings.MAILBOX_KEYS),
        )  # fmt: skip
        assert until_it_waits_or_ends(other)
    said, _ = other.communicate(timeout=60)
    assert said.strip() == ("False" if act == "undo" else str(Signature.objects.live().get().pk))
    assert live() == 1


@pytest.fixture
def in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many transactions with few rows."""
    monkeypatch.setattr(key_rotation, "BATCH", 3)


@pytest.mark.usefixtures("in_small_batches")
def test_the_command_beside_people_who_sign_withdraw_and_mend(client: Client, mailbox: Catcher, keys: Keys) -> None:
    """Twenty mailboxes: each signs anew, and does something else, while the command runs."""
    people = [signed(address=f"p{n}@example.org", name=f"Person Number{n}") for n in range(20)]
    keys.draw()
    again = []
    for n in range(20):
        post_form(client, email=f"p{n}@example.org", name=f"Person Number{n}")
        again.append(newest_link())
    acts: list[Callable[[], object]] = []
    for n, person in enumerate(people):
        acts.append(lambda n=n: Client().post(again[n]))  # type: ignore[misc]
        if n % 3 == 0:
            acts.append(lambda pk=person.pk: mine.withdraw(signature_id=pk, now=timezone.now()))  # type: ignore[misc]
        if n % 3 == 1:
            mended = mine.SignatureUpdate(**mine.update_of(person).__dict__ | {"affiliation": "The New Band"})
            acts.append(lambda pk=person.pk, m=mended: mine.mend(signature_id=pk, update=m, now=timezone.now()))  # type: ignore[misc]
    acts += [rotate, rotate]
    waiting = acts[::-1]

    def some() -> int:
        while waiting:
            try:
                act = waiting.pop()
            except IndexError:
                break
            act()
        return 0

    at_once(4, some)
    assert "No address and no digest" in rotate()
    for n in range(20):
        assert live(f"p{n}@example.org") == 1 if n % 3 else live(f"p{n}@example.org") <= 1
    assert Signature.objects.filter(affiliation="The New Band").count() == 7
    assert Signature.objects.filter(state=State.WITHDRAWN).count() == 7
    keys.forget_old()
    assert all(sealing.unseal(bytes(s.address_sealed)) for s in Signature.objects.all())
    assert tally.repair() == {}


def columns(*, but: tuple[str, ...] = ("address_sealed", "address_digest")) -> dict[str, list[dict[str, object]]]:
    """Every row that holds an address, without what a rotation is there to change."""
    found = {}
    for model in key_rotation.TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in but]
        rows = [
            {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}
            for row in model._default_manager.order_by("pk").values(*names)
        ]
        found[model._meta.db_table] = rows
    return found


def test_nothing_but_the_two_columns_changes(client: Client, mailbox: Catcher, keys: Keys) -> None:
    signature = signed()
    sign_up(client, mailbox, email="open@example.org", name="Oscar Open")
    mine.ask(address=ADDRESS, language="en", now=timezone.now())
    withdrawn = signed(address="gone@example.org", name="Greta Gone")
    mine.withdraw(signature_id=withdrawn.pk, now=timezone.now())
    report(signature)
    tally.fold()
    erasure_log.catch_up(timezone.now())
    lines, acts = list(erasure_log.read()), Act.objects.of_the_desk().count()
    before = columns()
    keys.draw()
    said = rotate("--check")
    assert "signup: 3 rows, 3 under older keys" in said
    assert "run `manage.py rotate_keys`" in said
    assert "4 rows looked at" not in rotate()
    assert columns() == before
    erasure_log.catch_up(timezone.now())
    assert (list(erasure_log.read()), Act.objects.of_the_desk().count()) == (lines, acts)
    assert tally.repair() == {}


def test_repeated_it_does_nothing(keys: Keys) -> None:
    signature = signed()
    report(signature)
    keys.draw()
    rotate()
    before = columns(but=())
    said = rotate()
    assert columns(but=()) == before
    assert "moved" not in said
    assert "can go from the environment" in said
    assert ADDRESS not in said


def test_it_takes_up_where_it_was_killed(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(9):
        signed(address=f"p{n}@example.org", name=f"Person Number{n}")
    keys.draw()
    monkeypatch.setattr(key_rotation, "BATCH", 4)
    done = count()

    def killed(execute: Callable[..., Any], statement: Any, values: Any, many: bool, context: Any) -> Any:
        result = execute(statement, values, many, context)
        if many and next(done) == 3:  # in the middle of the fourth batch: it is written, and not committed
            raise KeyboardInterrupt
        return result

    with connection.execute_wrapper(killed), pytest.raises(KeyboardInterrupt):
        rotate()
    assert next(done) == 4
    half = {
        bytes(s.address_digest) == sealing.digests_of(s)[0] for s in [*Signature.objects.all(), *Signup.objects.all()]
    }
    assert half == {True, False}
    for n in range(9):  # halfway everybody is found and nobody signs twice
        assert len(finding.find(f"p{n}@example.org").signatures) == 1
        signed(address=f"p{n}@example.org", name=f"Person Number{n}")
    assert Signature.objects.count() == 9
    rotate()
    keys.forget_old()
    assert len(finding.find("p7@example.org").signatures) == 1


def test_digests_of_the_erased_are_counted_until_they_go(keys: Keys) -> None:
    signature = signed()
    later = signed(address="later@example.org", name="Lena Later")
    retention.erase_mailbox(address=ADDRESS, reason="asked", now=timezone.now())
    Signature.objects.filter(pk=signature.pk).update(digest_key=b"")  # erased by the version before
    keys.draw()
    said = rotate()
    until = timezone.now() + timedelta(days=30)
    assert "1 digests of erased persons" in said
    assert f"{until:%Y-%m-%d}" in said
    assert len(finding.find(ADDRESS).signatures) == 1
    Signature.objects.filter(pk=later.pk).update(address_digest=sealing.digests("later@example.org")[1])
    retention.erase_mailbox(address="later@example.org", reason="asked", now=timezone.now())
    assert "1 digests of erased persons" in rotate("--check")
    with time_machine.travel(until + timedelta(days=1)):
        retention.forget(timezone.now())
        assert "can go from the environment" in rotate("--check")


def test_a_row_no_key_opens_is_reported_and_left(keys: Keys) -> None:
    lost, fine = signed(), signed(address="fine@example.org", name="Fay Fine")
    foreign = Fernet(Fernet.generate_key()).encrypt(ADDRESS.encode())
    Signature.objects.filter(pk=lost.pk).update(address_sealed=foreign)
    keys.draw()
    with pytest.raises(CommandError, match=rf"signature: no key of MAILBOX_KEYS opens 1 \(id {lost.pk}\)"):
        rotate()
    lost.refresh_from_db()
    assert bytes(lost.address_sealed) == foreign
    assert lost.state == State.PUBLISHED
    keys.forget_old()
    fine.refresh_from_db()
    assert sealing.unseal(bytes(fine.address_sealed)) == "fine@example.org"


def test_two_live_signatures_in_one_place_are_told_and_not_lost(keys: Keys) -> None:
    """As after a deployment where one server did not know the other's key yet."""
    first = signed()
    keys.settings.DIGEST_KEY_FALLBACKS, keys.settings.DIGEST_KEY = [], "not known to the other server"
    Signup.objects.all().delete()
    second = signed(address="other@example.org")
    Signature.objects.filter(pk=second.pk).update(
        address_sealed=first.address_sealed, address_digest=sealing.digest(ADDRESS)
    )
    keys.settings.DIGEST_KEY_FALLBACKS = ["only-for-tests"]
    with pytest.raises(CommandError, match=rf"the mailbox of 1 \(id {first.pk}\) has another live signature"):
        rotate()
    assert live() == 2
    mine.withdraw(signature_id=second.pk, now=timezone.now())
    assert "can go from the environment" in rotate()


def test_a_row_that_somebody_holds_comes_later(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = signed(), signed(address="second@example.org", name="Sven Second")
    keys.draw()
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Signature.objects.select_for_update().get(pk=first.pk)
            held.set()
            let_go.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    rounds = count(1)

    def sleep(_seconds: float) -> None:
        if next(rounds) == 2:
            let_go.set()
            holder.join()

    monkeypatch.setattr(time, "sleep", sleep)
    said = rotate()
    holder.join()
    assert "can go from the environment" in said
    for row in (first, second):
        row.refresh_from_db()
        assert bytes(row.address_digest) == sealing.digest(sealing.unseal(bytes(row.address_sealed)))


@pytest.mark.parametrize("_round", range(6))
def test_links_of_one_mailbox_from_before_and_after_at_once(
    client: Client, mailbox: Catcher, keys: Keys, _round: int
) -> None:
    before = [sign_up(client, mailbox, affiliation=f"Band {n}").path("confirm") for n in range(2)]
    keys.draw()
    after = [sign_up(client, mailbox, affiliation=f"New Band {n}").path("confirm") for n in range(2)]
    waiting = [*before, *after]
    assert at_once(4, lambda: Client().post(waiting.pop()).status_code) == [303] * 4
    assert live() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1
