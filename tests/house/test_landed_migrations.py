"""A migration that has landed keeps its name and what it depends on: databases remember it under that name."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

LANDED = Path(__file__).with_name("landed_migrations.txt")


def described(found: Iterable[Migration]) -> list[str]:
    """Return a line for each migration of ours: its name, and those that it comes after."""
    ours = sorted((one for one in found if one.app_label == "signatories"), key=lambda one: one.name)
    return [
        " ".join([one.name, "after", *(name for app, name in one.dependencies if app == "signatories")]) for one in ours
    ]


def test_each_migration_stands_in_the_list_as_it_landed() -> None:
    """Append the lines of new migrations; a line that stands there is never changed."""
    found = MigrationLoader(None).disk_migrations.values()
    assert described(found) == LANDED.read_text(encoding="utf-8").splitlines()


def test_another_name_and_another_dependency_are_seen() -> None:
    class Later(Migration):
        dependencies: ClassVar = [("signatories", "0001_a"), ("auth", "0001_initial")]

    migration = Later("0002_b", "signatories")
    assert described([migration, Migration("0001_a", "auth")]) == ["0002_b after 0001_a"]
    migration.name = "0003_b"
    assert described([migration]) == ["0003_b after 0001_a"]
