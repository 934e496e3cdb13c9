"""Beat and workers are replaced in no particular order: for one release tasks are known by two names."""

import pytest

from declaration.celery import app
from signatories.old_task_names import OLD_NAMES

# As the release before this one had them: its beat and its workers know no others.
BEFORE = {
    "signatories.health.tasks.pulse",
    "signatories.press.tasks.ask_if_changed",
    "signatories.press.tasks.build_waiting",
    "signatories.signing.tasks.drain",
    "signatories.tasks.catch_up",
    "signatories.tasks.fold",
    "signatories.tasks.forget",
    "signatories.tasks.release",
    "signatories.tasks.remind",
    "signatories.tasks.repair",
    "signatories.tasks.watch",
}
# Tasks that are new in this release. An older worker drops their ticks, and the next tick may find a newer one.
NEW = {f"housekeeping.{name}" for name in ("move", "seal", "check_trail", "exports", "check_mail", "stamp", "figures")}
NEW |= {
    "editions.partner_sheets",
    "housekeeping.duplicates",
    "housekeeping.gathered_files",
    "housekeeping.gathered_invitations",
    "housekeeping.hourly",
    "housekeeping.news",
    "housekeeping.verified",
}


def _registered() -> set[str]:
    app.loader.import_default_modules()
    app.finalize()
    return {name for name in app.tasks if not name.startswith("celery.")}


def _queue(name: str) -> str:
    return str(app.amqp.router.route({}, name)["queue"].name)


def test_a_new_worker_knows_every_old_name_and_every_new_one() -> None:
    assert set(OLD_NAMES) == BEFORE
    assert _registered() == BEFORE | {task.name for task in OLD_NAMES.values()} | NEW


def test_beat_sends_what_an_old_worker_knows() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == BEFORE | NEW
    assert all(_queue(name) == name.partition(".")[0] for name in NEW)


@pytest.mark.parametrize("old", sorted(BEFORE - {"signatories.health.tasks.pulse"}))
def test_both_names_lead_to_one_queue(old: str) -> None:
    assert _queue(old) == _queue(OLD_NAMES[old].name)
