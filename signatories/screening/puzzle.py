"""A puzzle that a browser solves in a second or two, so that a flood costs its sender something (altcha).

Asked only where a limit says so, solved by static/puzzle.js in a worker of our own. Each can be used once.
"""

import base64
import hashlib
import hmac
import json
from binascii import Error
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.conf import settings

# SHA-256 tries at most; half of it on average. A phone of some years ago does about 50,000 a second.
HARDEST = 100_000
MOST_STEPS = 3  # each doubles it: such a phone needs a second at first, and eight of them far beyond, sixteen at most
GOOD_FOR = timedelta(minutes=30)


def make(now: datetime, steps: int = 0) -> dict[str, Any]:
    """A puzzle as static/puzzle.js takes it, so many steps harder than usual."""
    hardest = HARDEST << min(steps, MOST_STEPS)
    options = ChallengeOptions(hmac_key=_key(settings.SECRET_KEY), max_number=hardest, expires=now + GOOD_FOR)
    return create_challenge(options).to_dict()


def solved(solution: str) -> str:
    """The challenge that `solution` solves, if it is of ours and not too old; else empty. Each is good once: the
    caller keeps what was used.
    """
    if not solution or len(solution) > 2000:
        return ""
    try:
        said = json.loads(base64.b64decode(solution))
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]  # given out before a rotation, solved after it
        right = any(verify_solution(said, _key(key), check_expires=True)[0] for key in keys)
        return str(said["challenge"]) if right else ""
    except (Error, ValueError, KeyError, TypeError, AttributeError):
        return ""


@cache
def _key(secret: str) -> str:
    return hmac.new(secret.encode(), b"puzzle", hashlib.sha256).hexdigest()
