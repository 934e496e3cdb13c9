"""The names that tasks had in the release before this one.

Beat and workers are replaced in no particular order. So workers take a task under its old and its new name, and beat
sends the old name during this release. In the next release beat sends the new names and this file goes.
"""

from typing import Any

from celery import Task, shared_task

from signatories import tasks
from signatories.editions import tasks as editions
from signatories.mail import tasks as mail
from signatories.operations import tasks as operations

OLD_NAMES: dict[str, Task[Any, Any]] = {
    "signatories.signing.tasks.drain": mail.drain,
    "signatories.press.tasks.build_waiting": editions.build_waiting,
    "signatories.press.tasks.ask_if_changed": editions.ask_if_changed,
    "signatories.health.tasks.pulse": operations.heartbeat,
    "signatories.tasks.fold": tasks.fold,
    "signatories.tasks.repair": tasks.repair,
    "signatories.tasks.forget": tasks.forget,
    "signatories.tasks.remind": tasks.remind,
    "signatories.tasks.catch_up": tasks.catch_up,
    "signatories.tasks.watch": tasks.watch,
    "signatories.tasks.release": tasks.release,
}

for old_name, task in OLD_NAMES.items():
    shared_task(name=old_name)(task.run)
