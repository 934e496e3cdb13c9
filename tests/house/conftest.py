"""What the tests of the house share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from declaration.demo import embedded


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[embedded.Servers]:
    """A Redis server of this test alone."""
    server = embedded.Servers(tmp_path)
    server.redis_url = f"redis://127.0.0.1:{server.redis_port}/0"
    server.start_redis()
    yield server
    server.stop()
