"""What is no whole backup of ours is refused, and the database stays as it was."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from signatories.models import Signature
from signatories.operations.backup import services
from signatories.tally import services as tally
from tests.operations.backups import person, restore, state_of_everything

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_full_database_is_not_replaced_by_mistake(backed_up: Callable[[], Path]) -> None:
    person(1)
    source = backed_up()
    person(2)
    before = state_of_everything()
    with pytest.raises(CommandError, match="--replace"):
        restore(source)
    assert state_of_everything() == before


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-400])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:  # in the middle of a part, not in what a zip file says about it
        part = max(archive.infolist(), key=lambda part: part.compress_size)
    content[part.header_offset + 30 + len(part.filename) + part.compress_size // 2] ^= 1
    path.write_bytes(bytes(content))


def _nonsense(path: Path) -> None:
    path.write_bytes(b"-- a dump of something else\n")


def _rewrite(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as old:
        parts = {part: old.read(part) for part in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for part, content in parts.items():
            new.writestr(part, change(content) if part == name else content)


def _forged_row(path: Path) -> None:
    _rewrite(path, "tables/signatories_signature", lambda rows: rows.replace(b"Number1", b"Number9"))


def _forged_manifest(path: Path) -> None:
    _rewrite(path, "manifest.json", lambda words: words.replace(b'"signatories_number": ', b'"signatories_number": 9'))


def _other_version(path: Path) -> None:
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json")) | {"format": 99}
    _rewrite(path, "manifest.json", lambda _words: json.dumps(manifest).encode())


@pytest.mark.parametrize("harm", [_cut, _flip, _nonsense, _forged_row, _forged_manifest, _other_version])
def test_a_harmed_archive_is_refused_and_nothing_changed(
    backed_up: Callable[[], Path], harm: Callable[[Path], None]
) -> None:
    person(1)
    source = backed_up()
    person(2)
    before = state_of_everything()
    harm(source)
    with pytest.raises(CommandError, match="Nothing was changed"):
        restore(source, "--replace")
    assert state_of_everything() == before


def test_a_restore_that_fails_half_way_changes_nothing(
    backed_up: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    person(1)
    source = backed_up()
    person(2)
    before = state_of_everything()
    monkeypatch.setattr(tally, "repair", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.restore(source=source, now=timezone.now(), replace=True)
    assert state_of_everything() == before


def test_another_version_is_refused_by_name(backed_up: Callable[[], Path]) -> None:
    person(1)
    source = backed_up()
    connection.cursor().execute(
        "UPDATE django_migrations SET name = '0005_elsewhere' WHERE name = '0005_indexes_of_people'"
    )
    try:
        with pytest.raises(
            CommandError, match=r"has signatories\.0005_indexes_of_people and lacks signatories\.0005_else"
        ):
            restore(source, "--replace")
    finally:
        connection.cursor().execute(
            "UPDATE django_migrations SET name = '0005_indexes_of_people' WHERE name = '0005_elsewhere'"
        )


@pytest.mark.parametrize("name", ["SECRET_KEY", "DIGEST_KEY", "MAILBOX_KEYS"])
def test_other_keys_are_refused_unless_meant(backed_up: Callable[[], Path], settings: Settings, name: str) -> None:
    person(1)
    source = backed_up()
    setattr(settings, name, [Fernet.generate_key().decode()] if name == "MAILBOX_KEYS" else "another")
    with pytest.raises(CommandError, match=f"another {name}"):
        restore(source, "--replace")
    assert "WARNING: other keys" in restore(source, "--replace", "--other-keys")
    assert Signature.objects.count() == 1
