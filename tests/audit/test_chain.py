"""Nobody bends the trail unseen: a row that is changed, removed or moved, even by a superuser, is named by the check."""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from signatories import tasks
from signatories.audit import chain, trail_check
from signatories.audit.services import by_organizer, record
from signatories.desk.queue import services as queue
from signatories.mine import services as mine
from signatories.models import Act, ActDetail, Alarm, MassMoveBatch, Seal, UnsealedAct
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.operations import gauges
from signatories.privacy import retention
from tests.desk.alarms import alarm_about, answer
from tests.editions.building import body, build, text_of
from tests.people import organizer, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def as_superuser(*statements: str) -> None:
    """Change the tables as nobody else can: without triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def measured(now: datetime) -> dict[str, float]:
    """The metrics of one value."""
    return {each.name: each.samples[0].value for each in gauges.measure(now) if len(each.samples) == 1}


def found() -> list[str]:
    """What the check finds."""
    return [fault.words for fault in chain.check()]


@pytest.fixture
def acts() -> list[int]:
    """The ids of five sealed acts."""
    olga = organizer()
    for n in range(5):
        record(Verb.FIND, by=by_organizer(olga, f"number {n}"))
    chain.seal_waiting()
    return list(Act.objects.order_by("pk").values_list("pk", flat=True))


def test_every_act_is_sealed_in_order_and_can_be_recomputed_by_anybody(acts: list[int]) -> None:
    """Without our code: only with what docs/operations.md says."""
    before = bytes(32)
    for position, act in enumerate(Act.objects.order_by("pk"), start=1):
        moment = act.acted_at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        line = [act.pk, "find", "organizer", act.organizer_id, act.role, None, "", "", "", act.reason, moment, ""]
        words = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(before + words.encode()).digest()
        assert (Seal.objects.get(act=act).position, bytes(act.seal.hash)) == (position, before)
    assert found() == []
    assert not UnsealedAct.objects.exists()
    assert chain.head() == (5, before)


def swap_rows(one: int, other: int) -> list[str]:
    """Each act gets the words of the other."""
    return [
        f"UPDATE signatories_act SET reason = CASE id WHEN {one} THEN 'number 2' ELSE 'number 1' END"
        f" WHERE id IN ({one}, {other})"
    ]


def swap_seals(one: int, other: int) -> list[str]:
    return [
        f"UPDATE signatories_seal SET act_id = -1 WHERE act_id = {one}",
        f"UPDATE signatories_seal SET act_id = {one} WHERE act_id = {other}",
        f"UPDATE signatories_seal SET act_id = {other} WHERE act_id = -1",
    ]


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (lambda a: [f"UPDATE signatories_act SET reason = 'x' WHERE id = {a[2]}"], "act {2} was changed or moved (seal 3)"),
        (lambda a: [f"UPDATE signatories_act SET organizer_id = NULL WHERE id = {a[4]}"], "act {4} was changed or moved (seal 5)"),
        (lambda a: [f"UPDATE signatories_act SET acted_at = acted_at + interval '1us' WHERE id = {a[0]}"], "act {0} was changed or moved (seal 1)"),
        (lambda a: [f"DELETE FROM signatories_act WHERE id = {a[1]}"], "act {1} is missing"),
        (lambda a: [f"DELETE FROM signatories_act WHERE id = {a[4]}"], "act {4} is missing"),
        (lambda a: swap_rows(a[1], a[2]), "act {1} was changed or moved (seal 2)|act {2} was changed or moved (seal 3)"),
        (lambda a: swap_seals(a[1], a[2]), "act {2} was changed or moved (seal 2)|act {1} was changed or moved (seal 3)"),
        (lambda a: [f"DELETE FROM signatories_seal WHERE act_id = {a[4]}"], "act {4} has no seal"),
        (lambda a: ["DELETE FROM signatories_seal WHERE position = 1"],
         "act {1} was changed or moved (seal 2)|a seal before seal 2 is missing|act {0} has no seal"),
        (lambda a: ["UPDATE signatories_seal SET hash = sha256('x') WHERE position = 4"],
         "act {3} was changed or moved (seal 4)|act {4} was changed or moved (seal 5)"),
    ],
    ids=["reason", "author", "moment", "gone", "last-gone", "rows", "seals", "last-seal", "first-seal", "hash"],
)  # fmt: skip
def test_what_a_superuser_bends_is_named(acts: list[int], tamper: Callable[[list[int]], list[str]], named: str) -> None:
    as_superuser(*tamper(acts))
    assert found() == named.format(*acts).split("|")


def test_an_act_slipped_in_without_the_trigger_is_named(acts: list[int]) -> None:
    as_superuser("INSERT INTO signatories_act (verb, before, after, reason) VALUES ('edit', '', '', 'slipped in')")
    assert found() == [f"act {Act.objects.latest('pk').pk} has no seal"]


def test_an_act_removed_before_its_seal_is_named(acts: list[int]) -> None:
    record(Verb.FIND, by=by_organizer(organizer("ann"), "one more"))
    last = Act.objects.latest("pk").pk
    as_superuser(f"DELETE FROM signatories_act WHERE id = {last}")
    assert chain.seal_waiting() == 0
    assert found() == [f"act {last} is missing; it waited for its seal"]


def test_a_chain_made_anew_does_not_fit_what_was_published(acts: list[int]) -> None:
    published = chain.head()
    assert list(chain.check([published])) == []
    as_superuser(
        f"UPDATE signatories_act SET reason = 'x' WHERE id = {acts[0]}", "DELETE FROM signatories_seal",
        "INSERT INTO signatories_unsealedact SELECT id FROM signatories_act",
    )  # fmt: skip
    chain.seal_waiting()
    assert found() == []  # whole in itself
    (fault,) = chain.check([published])
    assert "made anew" in fault.words
    as_superuser("DELETE FROM signatories_seal WHERE position = 5", f"DELETE FROM signatories_act WHERE id = {acts[4]}")
    assert "seal 5, which was published, is missing" in [fault.words for fault in chain.check([published])]


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(("table", "column"), [("signatories_act", "reason"), ("signatories_seal", "hash")])
def test_the_owner_of_the_tables_is_refused(acts: list[int], statement: str, table: str, column: str) -> None:
    """TRUNCATE too: see tests/house/test_upgrade.py."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))
    assert found() == []


def test_a_detail_can_be_erased_but_not_changed(acts: list[int]) -> None:
    correct()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ActDetail.objects.update(salt=b"x")
    as_superuser("""UPDATE signatories_actdetail SET after = '{"name": "Somebody Else"}'""")
    assert found() == [f"the detail of act {ActDetail.objects.get().pk} was changed"]


def correct() -> int:
    """A signer mends their name; returns the id of the signature."""
    signature = signed(name="Petra Gildenstren")
    update = mine.update_of(signature)
    changed = mine.SignatureUpdate(**update.__dict__ | {"name": "Petra Gildenstern"})
    assert mine.mend(signature_id=signature.pk, update=changed, now=timezone.now())
    chain.seal_waiting()
    return signature.pk


def test_what_was_corrected_is_readable_until_the_person_is_erased(desk: Client, mailbox: Catcher) -> None:
    pk = correct()
    detail = ActDetail.objects.get()
    assert (detail.before["name"], detail.after["name"]) == ("Petra Gildenstren", "Petra Gildenstern")
    page = desk.get(f"/desk/signatures/{pk}/").content.decode()
    assert "Petra Gildenstren" in page
    sealed = bytes(detail.act.digest)
    mine.withdraw(signature_id=pk, now=timezone.now())
    retention.forget(timezone.now() + timedelta(days=8))
    assert not ActDetail.objects.exists()
    assert bytes(Act.objects.get(pk=detail.pk).digest) == sealed
    chain.seal_waiting()
    assert found() == []


def test_a_mass_move_is_one_act_with_the_digest_of_its_set(desk: Client, mailbox: Catcher) -> None:
    answer(desk, alarm_about("bots.example"), "reject")
    (batch,) = MassMoveBatch.objects.all()
    act = Act.objects.get(about=f"mass move {batch.mass_move_id}")
    ids = "".join(f"{pk}\n" for pk in sorted(batch.ids))
    assert bytes(act.digest) == hashlib.sha256(ids.encode()).digest()
    assert Act.objects.filter(verb=Verb.REJECT).count() == len(batch.ids)


def test_one_decision_leaves_one_act_and_one_seal(acts: list[int]) -> None:
    signature = signed()
    queue.hold(signature_id=signature.pk, organizer=organizer("ann"), reason="Look again.", now=timezone.now())
    assert chain.seal_waiting() == 2  # confirmed, held
    assert chain.seal_waiting() == 0
    assert Seal.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_acts_that_are_written_while_others_are_sealed_are_sealed_too() -> None:
    """An act with an earlier id is committed after a later one was sealed."""
    organizer()
    insert = "INSERT INTO signatories_act (verb, before, after, reason) VALUES ('edit', '', '', 'slow')"
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute(insert)
        record(Verb.FIND, by=by_organizer(organizer("ann"), "quick"))
        assert chain.seal_waiting() == 1
        slow.commit()
    assert chain.seal_waiting() == 1
    order = list(Seal.objects.order_by("position").values_list("act__reason", flat=True))
    assert order == ["quick", "slow"]
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_many_jobs_at_once_make_one_chain() -> None:
    olga = organizer()
    stop = threading.Event()

    def seal() -> None:
        try:
            while not stop.is_set():
                chain.seal_waiting()
        finally:
            connection.close()

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(60):
        record(Verb.FIND, by=by_organizer(olga, str(n)))
    stop.set()
    for thread in threads:
        thread.join(20)
    chain.seal_waiting()
    assert Seal.objects.count() == 60
    assert found() == []


def test_the_command_the_job_and_the_metric_tell(acts: list[int], mailbox: Catcher) -> None:
    told = StringIO()
    call_command("check_trail", stdout=told)
    assert f"The trail is whole. Head: {chain.head()}" in told.getvalue()
    as_superuser(f"DELETE FROM signatories_act WHERE id = {acts[2]}")
    with pytest.raises(CommandError, match=f"act {acts[2]} is missing"):
        call_command("check_trail")
    tasks.check_trail()
    assert Alarm.objects.get(kind=AlarmKind.TRAIL).size == 1
    assert measured(timezone.now())["declaration_trail_faults"] == 1


def test_the_command_compares_with_a_published_head(acts: list[int]) -> None:
    call_command("check_trail", "--head", str(chain.head()), stdout=StringIO())
    with pytest.raises(CommandError, match="made anew"):
        call_command("check_trail", "--head", f"3:{'ab' * 32}")
    with pytest.raises(CommandError, match="which was published, is missing"):
        call_command("check_trail", "--head", f"9:{'ab' * 32}")
    for wrong in ("x", "3", "3:xyz"):
        with pytest.raises(CommandError):
            call_command("check_trail", "--head", wrong)


def test_the_lag_is_measured(acts: list[int]) -> None:
    record(Verb.FIND, by=by_organizer(organizer("ann"), "late"))
    later = timezone.now() + timedelta(seconds=30)
    assert 29 < measured(later)["declaration_trail_lag_seconds"] < 60
    assert trail_check.run(timezone.now()) == []


@pytest.mark.django_db(transaction=True)
def test_an_edition_carries_the_newest_seal_and_the_check_knows_it(
    acts: list[int], client: Client, tmp_path: Path
) -> None:
    signed()
    chain.seal_waiting()
    head = str(chain.head())
    edition = build()
    assert edition.trail_head == head
    assert head in client.get(f"/press/editions/{edition.number}/").content.decode()
    (tmp_path / "edition.pdf").write_bytes(body(client.get("/press/latest.pdf")))
    assert head in text_of(tmp_path / "edition.pdf").replace(" ", "")
    as_superuser(
        f"UPDATE signatories_act SET reason = 'x' WHERE id = {acts[0]}", "DELETE FROM signatories_seal",
        "INSERT INTO signatories_unsealedact SELECT id FROM signatories_act",
    )  # fmt: skip
    chain.seal_waiting()
    assert ["made anew" in fault.words for fault in trail_check.run(timezone.now())] == [True]
