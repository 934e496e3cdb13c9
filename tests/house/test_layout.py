"""The layout of the house: which room may import which. docs/architecture.md shows the floors and says why."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
# From the ground up: a room imports itself and rooms of the floors below. Rooms of one floor do not know each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("identity", "plots"),
    ("models",),
    ("tally", "audit"),
    ("lifecycle",),
    ("accounts",),
    ("mail",),
    ("screening",),
    ("signing",),
    ("mine",),
    ("listing",),
    ("editions",),
    ("press", "sharing", "partners", "groups", "news"),
    ("gathering",),
    ("api", "privacy"),
    ("operations",),
    ("desk",),
    ("demo",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
GROUND = "http"  # below every room: what views of all rooms share
# Above every room: they call rooms, and no room imports them.
DOORS = {"apps", "management", "old_task_names", "tasks", "templatetags", "urls"}
COMPOSITION_ROOT = {"declaration.settings", "declaration.urls", "declaration.celery", "declaration.wsgi"}
# Rules that import no models, so that they can be read, tested and moved without a database.
PURE = ("signatories.identity", "signatories.plots", "signatories.editions.layout")
# Imports that still break the order of floors, as (importer, imported). It stays empty.
KNOWN_VIOLATIONS: frozenset[tuple[str, str]] = frozenset()


class Import(NamedTuple):
    """One import statement: who imports what, and whether it stands inside a function."""

    importer: str
    imported: str
    in_function: bool


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name, without migrations: they are history."""
    found = {}
    for package in ("declaration", "signatories"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> list[Import]:
    """Every import of every module of ours, of our own and of other packages."""
    return [found for name, path in modules().items() for found in _imports(name, ast.parse(path.read_text()), False)]


def _imports(importer: str, node: ast.AST, in_function: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(importer, alias.name, in_function) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.module and not node.level, f"{importer} imports by a relative path"
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield Import(importer, inner if inner in modules() else node.module, in_function)
    inside = in_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _imports(importer, child, inside)


@cache
def own_imports() -> list[Import]:
    """The imports of modules of ours by modules of ours."""
    return [found for found in imports() if found.imported in modules()]


@cache
def imported_by(module: str) -> frozenset[str]:
    """The modules of ours that a module of ours imports."""
    return frozenset(found.imported for found in own_imports() if found.importer == module)


def room_of(module: str) -> str:
    """The folder or file of `signatories/` that a module stands in; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def is_allowed(importer: str, imported: str) -> bool:
    """Whether the order of floors lets a module of `signatories/` import another one."""
    above, below = room_of(importer), room_of(imported)
    if above == below or above in DOORS or below == GROUND:
        return True
    return above in FLOOR_OF and below in FLOOR_OF and FLOOR_OF[below] < FLOOR_OF[above]


def test_the_imports_are_seen() -> None:
    """Otherwise every other test here would pass for nothing."""
    assert len(modules()) > 100
    assert Import("signatories.mail.quota", "signatories.lifecycle.mailboxes", False) in imports()
    assert Import("signatories.models.signature", "signatories.identity.names", False) in imports()
    assert any(found.in_function for found in imports())


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("signatories.mail.quota", "signatories.lifecycle.mailboxes", True),
        ("signatories.mail.quota", "signatories.mail.rate", True),
        ("signatories.tasks", "signatories.desk.access", True),
        ("signatories.desk.access", "signatories.http", True),
        ("signatories.identity.names", "signatories.models", False),
        ("signatories.screening.alerts", "signatories.desk.queue.services", False),
        ("signatories.tally.services", "signatories.audit.services", False),
        ("signatories.mail.outbox", "signatories.mine.services", False),
        ("signatories.mail.outbox", "signatories.tasks", False),
        ("signatories.http", "signatories.models", False),
        ("signatories.new_room.services", "signatories.models", False),
    ],
)
def test_the_order_of_floors(importer: str, imported: str, allowed: bool) -> None:
    """The rule itself, allowed beside refused."""
    assert is_allowed(importer, imported) is allowed


def test_a_room_imports_only_rooms_below_it() -> None:
    """Each violation is named by its two modules."""
    broken = {
        (found.importer, found.imported)
        for found in own_imports()
        if found.importer.startswith("signatories.")
        and found.imported.startswith("signatories.")
        and not is_allowed(found.importer, found.imported)
    }
    assert broken == KNOWN_VIOLATIONS


def test_every_folder_has_a_floor_and_no_module_lies_loose() -> None:
    """A new capability is a room with a place among the floors; a new file goes into a room."""
    found = {room_of(module) for module in modules() if module.startswith("signatories.")}
    assert found - DOORS - {GROUND} == set(FLOOR_OF)


def test_the_project_does_not_know_the_rooms() -> None:
    """`declaration/` is below `signatories/`; only the composition root names both."""
    knowing = {found.importer for found in imports() if found.imported.split(".")[0] == "signatories"}
    assert {module for module in knowing if module.startswith("declaration.")} <= COMPOSITION_ROOT


@pytest.mark.parametrize("rule", PURE)
def test_pure_rules_import_no_models(rule: str) -> None:
    """Neither directly nor through another module of ours."""
    to_visit = [module for module in modules() if module == rule or module.startswith(f"{rule}.")]
    assert to_visit
    reached: set[str] = set()
    while to_visit:
        module = to_visit.pop()
        reached.add(module)
        to_visit += imported_by(module) - reached
    touched = {f.imported for f in imports() if f.importer in reached}
    assert not {name for name in touched if name.split(".")[:2] in (["django", "db"], ["django", "contrib"])}
    assert not {name for name in reached | touched if "models" in name.split(".")}


def test_no_import_of_ours_is_hidden_in_a_function() -> None:
    """Such an import would hide a circle or a wrong direction; slow libraries of others may be imported late."""
    assert not {found for found in own_imports() if found.in_function}


def test_there_is_no_import_circle() -> None:
    """Modules that import nothing of what is left are taken away, until none is left."""
    left = {module: imported_by(module) - {module} for module in modules()}
    while free := [module for module, wanted in left.items() if not wanted & left.keys()]:
        for module in free:
            del left[module]
    assert not left
