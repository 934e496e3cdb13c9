"""Fixtures that all tests may use; the servers behind them are started by tests/servers.py."""

import time
from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings
from redis import Redis

from declaration import settings as declared
from declaration.models import forget_current
from signatories.editions import document
from signatories.models.closing import forget_end
from signatories.models.embargo import forget_embargo
from signatories.models.news import forget_updates
from signatories.models.settings import forget_settings
from signatories.screening import limits
from signatories.sharing import card_pictures
from tests import emptying
from tests.people import enter, organizer
from tests.servers import MAIL_PORT
from tests.smtp import Catcher

_catcher = Catcher(MAIL_PORT)
# No test is timed: a busy machine is no mistake of ours.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")
# Half a second of work for each password, as it should be in production, is no subject of a test.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nobody_was_here_before() -> None:
    """Every test begins with empty counters of visitors, and with the rules and the text of its own database."""
    cache.clear()
    forget_current()
    forget_embargo()
    forget_end()
    forget_settings()
    forget_updates()
    card_pictures.forget_pages()
    limits.forget_rules()
    caches["counters"].clear()


@pytest.fixture(autouse=True)
def _editions_are_rendered_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is the same whichever process renders it (test_document.py), and a process takes a second to start."""
    if "rendering_processes" not in request.fixturenames:
        monkeypatch.setattr(document, "PROCESSES", 0)


@pytest.fixture
def rendering_processes() -> None:
    """Editions are rendered by processes of their own, as the worker does."""


@pytest.fixture
def in_one_window() -> Iterator[None]:
    """Begin at the next full ten minutes: else the time in which forms are counted, or are the same, may end within the test.

    Not at the last ones: the database, whose clock stays, gives moments that must not be ahead.
    """
    length = 60 * limits.WINDOW_MINUTES
    with time_machine.travel(int(time.time() // length + 1) * length):
        yield


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Catcher]:
    """The SMTP server, empty and in order; Django's test runner had replaced SMTP by a list in memory."""
    settings.MAILERS = declared.MAILERS
    _catcher.reset()
    yield _catcher
    _catcher.stop()


@pytest.fixture
def redis() -> Iterator[Redis]:
    """The Redis of the cache, asked directly."""
    with Redis.from_url(settings.CACHES["default"]["LOCATION"]) as client:
        yield client


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Every row counts from 1,000,000 on, as after a launch: an identifier printed with a comma breaks a link here."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename FROM pg_sequences WHERE schemaname = 'public'")
        for (sequence,) in cursor.fetchall():
            cursor.execute("SELECT setval(%s, 1000000)", [sequence])
        # pytest-django empties all tables after a test of transactions, the trail too, which a trigger else refuses.
        cursor.execute("SELECT current_database()")
        name = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"ALTER DATABASE {name} SET declaration.restores = 'yes'")
        cursor.execute("SET declaration.restores = 'yes'")
    emptying.only_what_has_rows()


@pytest.fixture
def olga() -> AbstractBaseUser:
    """An organizer."""
    return organizer()


@pytest.fixture
def desk(client: Client, olga: AbstractBaseUser) -> Client:
    """Olga's browser, signed in."""
    enter(client, olga)
    return client
