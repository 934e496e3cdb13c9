"""What the tests of backups and keys share."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.operations.rotating import Keys


@pytest.fixture
def own_files(settings: Settings, tmp_path: Path) -> None:
    """A storage and a ledger of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "storage"
    settings.ERASURE_LEDGER = str(tmp_path / "ledger" / "erasures.jsonl")


@pytest.fixture
def backed_up(own_files: None, tmp_path: Path) -> Callable[[], Path]:
    """Makes a backup and says where."""

    def make() -> Path:
        out = StringIO()
        (tmp_path / "kept").mkdir(exist_ok=True)
        call_command("backup", str(tmp_path / "kept"), stdout=out)
        return Path(out.getvalue().partition(": ")[0])

    return make


@pytest.fixture
def keys(settings: Settings) -> Keys:
    """The keys of the tests, and new ones on demand."""
    return Keys(settings)
