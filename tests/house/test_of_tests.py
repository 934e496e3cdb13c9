"""Rules of the tests themselves: helpers are shared by plain modules, and nothing private is touched."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = {str(path.relative_to(TESTS)): path.read_text() for path in sorted(TESTS.rglob("*.py"))}
# Names with an underscore that are public all the same: of Django's models, and of named tuples.
PUBLIC = {"_meta", "_default_manager", "_base_manager", "_replace", "_asdict", "_fields"}
PATCHING = {"setattr", "delattr", "patch", "object"}  # of monkeypatch, of mock


def private(name: str) -> bool:
    """Whether any part of a dotted name is private."""
    return any(part.startswith("_") and not part.endswith("__") and part not in PUBLIC for part in name.split("."))


def imports(node: ast.AST) -> Iterator[str]:
    """The dotted names that a statement imports, a module before the names taken from it."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from (f"{module}.{alias.name}" for alias in node.names)


def patched(node: ast.AST) -> str:
    """The name that a call patches, as written in a string; an empty one for any other node."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in PATCHING:
        return ""
    words = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    return words[0] if words else ""


def borrowed(source: str) -> list[str]:
    """What is imported from another test file."""
    names = [name for node in ast.walk(ast.parse(source)) for name in imports(node)]
    return [n for n in names if n.startswith(("tests.", ".")) and any(p.startswith("test_") for p in n.split("."))]


def touched(source: str) -> list[str]:
    """What a file imports, patches or reads that is private to another module, also in a program it starts."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        found += filter(private, imports(node))
        found += [patched(node)] if private(patched(node)) or patched(node).startswith("__") else []
        if isinstance(node, ast.Attribute) and private(node.attr):
            owner = ast.unparse(node.value)
            found += [f"{owner}.{node.attr}"] if owner not in {"self", "cls"} else []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\nimport " in node.value:
            found += touched(node.value) if parses(node.value) else []
    return found


def parses(source: str) -> bool:
    """Whether a text is a program."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("name", FILES)
def test_no_file_imports_a_test_file_or_touches_what_is_private(name: str) -> None:
    assert borrowed(FILES[name]) == []
    assert touched(FILES[name]) == []


@pytest.mark.parametrize("source", [
    "from tests.house.test_markup import PAYLOADS", "from tests.house import test_markup", "import tests.house.test_markup",
    "from .test_markup import PAYLOADS", "def inside():\n    from tests.house.test_markup import PAYLOADS",
])  # fmt: skip
def test_a_borrowed_helper_is_found(source: str) -> None:
    assert borrowed(source)


@pytest.mark.parametrize("source", [
    "monkeypatch.setattr(search, '_SEATS', 1)", "mock.patch('signatories.signing.views._text')", "mock.patch.object(a, '_b')",
    "monkeypatch.setattr('signatories._kept.rules', 1)", "from declaration.models import _current", "limits._kept = 1",
    "cache._cache.get()", "monkeypatch.delattr(search, '_ROOM')", r"x = '\n' 'import a\n' 'a._b()'",
    "monkeypatch.setattr(pages.page, '__defaults__', 1)",
])  # fmt: skip
def test_a_private_name_is_found(source: str) -> None:
    assert touched(source)
