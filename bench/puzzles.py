"""Thousands of solved puzzles: made here, so that the solution is known."""

import base64
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

MANY = 30_000  # more than one round uses


@contextmanager
def for_everyone() -> Iterator[Callable[[], Path]]:
    """Require the puzzle for every form; yields a function that writes a file of new solutions, one per line."""
    from django.utils import timezone

    from signatories.models import Setting
    from signatories.models.settings import KEPT_SECONDS

    puzzled = {"value": True, "changed_at": timezone.now()}
    Setting.objects.update_or_create(name="puzzle_for_everyone", defaults=puzzled)
    time.sleep(KEPT_SECONDS + 1)
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield lambda: _write(Path(folder) / secrets.token_hex(4))
        finally:
            Setting.objects.filter(name="puzzle_for_everyone").update(value=False)
            time.sleep(KEPT_SECONDS + 1)


def _write(target: Path) -> Path:
    from altcha.v1 import ChallengeOptions, create_challenge
    from django.conf import settings
    from django.utils import timezone

    from signatories.screening import puzzle

    expires = timezone.now() + timedelta(minutes=30)
    with target.open("w") as lines:
        for _ in range(MANY):
            number = secrets.randbelow(puzzle.HARDEST)
            options = ChallengeOptions(
                hmac_key=puzzle._key(settings.SECRET_KEY), max_number=puzzle.HARDEST, number=number, expires=expires
            )
            solved = create_challenge(options).to_dict() | {"number": number}
            lines.write(quote(base64.b64encode(json.dumps(solved).encode()).decode(), safe="") + "\n")
    return target
