"""What the tests of the house share."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from declaration.demo import embedded
from tests.house.rotating import Keys


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[embedded.Servers]:
    """A Redis server of this test alone."""
    server = embedded.Servers(tmp_path)
    server.redis_url = f"redis://127.0.0.1:{server.redis_port}/0"
    server.start_redis()
    yield server
    server.stop()


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
