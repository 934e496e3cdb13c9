"""Production refuses to start without what it needs; a made-up secret never reaches it (A13)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]
COMPLETE = {
    "SITE_URL": "https://declaration.example", "SECRET_KEY": "k" * 60, "MAILBOX_KEYS": Fernet.generate_key().decode(),
    "DIGEST_KEY": "d" * 60, "OPERATOR_NAME": "The Office", "OPERATOR_EMAIL": "office@declaration.example",
    "OPERATOR_ADDRESS": "1 Example Street",
}  # fmt: skip


def start(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Django's checks with these variables alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=kept | {"DATABASE_URL": "postgresql://localhost/x"} | env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_complete_starts() -> None:
    assert start(COMPLETE).returncode == 0


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"SITE_URL"}))
def test_incomplete_refuses_and_names_what_is_missing(missing: str) -> None:
    done = start({name: value for name, value in COMPLETE.items() if name != missing})
    assert done.returncode != 0
    assert f"{missing} must be set" in done.stderr


def test_this_machine_alone_makes_up_its_secrets() -> None:
    assert start({"SITE_URL": "http://localhost:8000"}).returncode == 0


HEADER = """
import django; django.setup()
from django.test import Client
print(Client().get("/healthz", secure=True, headers={"host": "declaration.example"}).headers["Strict-Transport-Security"])
"""


@pytest.mark.parametrize(
    ("chosen", "header"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "true"}, "max-age=31536000; includeSubDomains"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}, "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_other_hosts_are_bound_to_https_only_if_the_operator_says_so(chosen: dict[str, str], header: str) -> None:
    """D24."""
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | COMPLETE | chosen
    env |= {"DATABASE_URL": "postgresql://localhost/x", "DJANGO_SETTINGS_MODULE": "declaration.settings"}
    done = subprocess.run([sys.executable, "-c", HEADER], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == header


def test_preloading_without_the_other_hosts_is_refused() -> None:
    done = start(COMPLETE | {"HSTS_PRELOAD": "true"})
    assert done.returncode != 0
    assert "HSTS_INCLUDE_SUBDOMAINS" in done.stderr


def test_several_machines_must_say_where_the_erasure_log_is() -> None:
    """D24: each had a file of its own, so a restore on one brought back who was erased on another."""
    shared = COMPLETE | {"STORAGE_URL": "s3://key:secret@bucket/prefix"}
    done = start(shared)
    assert done.returncode != 0
    assert "ERASURE_LEDGER must be set" in done.stderr
    assert start(shared | {"ERASURE_LEDGER": "/srv/shared/erasures.jsonl"}).returncode == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://relay.example", "relay.example 25   False False"),
        ("smtp+tls://an%40office:p%25%3A%2F%24@relay.example", "relay.example 587 an@office p%:/$ True False"),
        ("smtps://u:p@relay.example", "relay.example 465 u p False True"),
        ("smtps://u:p@relay.example:2465", "relay.example 2465 u p False True"),
    ],
)
def test_the_address_of_the_relay_is_read_whole(url: str, said: str) -> None:
    show = (
        "from declaration.settings import MAILERS; o = MAILERS['default']['OPTIONS']; "
        "print(o['host'], o['port'], o['username'], o['password'], o['use_tls'], o['use_ssl'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env={"PATH": os.environ["PATH"], "MAIL_URL": url}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == said
