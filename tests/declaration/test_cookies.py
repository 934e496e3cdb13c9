"""The cookies of an installation behind HTTPS: bound to its host, sent encrypted alone, unseen by scripts (A1)."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from cryptography.fernet import Fernet

from declaration.settings import BASE_DIR

_READ = """
import json
from django.conf import settings
names = [f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF") for what in
         ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
PRODUCTION = {
    "SITE_URL": "https://declaration.example", "SECRET_KEY": "s" * 60 + "0123456789", "DIGEST_KEY": "d" * 60,
    "MAILBOX_KEYS": Fernet.generate_key().decode(), "OPERATOR_NAME": "Operator", "OPERATOR_EMAIL": "a@example.org",
    "OPERATOR_ADDRESS": "1 Example Street", "DJANGO_SETTINGS_MODULE": "declaration.settings",
}  # fmt: skip


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run Python as an installation does, with its variables."""
    env = os.environ | PRODUCTION
    return subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("kind", ["SESSION", "CSRF"])
def test_they_are_bound_to_the_host(kind: str) -> None:
    read: dict[str, Any] = json.loads(run("-c", _READ).stdout)
    assert read[f"{kind}_COOKIE_NAME"].startswith("__Host-")
    assert read[f"{kind}_COOKIE_SECURE"] and read[f"{kind}_COOKIE_HTTPONLY"]
    assert read[f"{kind}_COOKIE_SAMESITE"] in {"Lax", "Strict"}
    # Browsers refuse the prefix __Host- with another path or with a domain.
    assert (read[f"{kind}_COOKIE_PATH"], read[f"{kind}_COOKIE_DOMAIN"]) == ("/", None)
