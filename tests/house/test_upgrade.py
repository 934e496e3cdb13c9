"""Updating an installation with rows in it, and the two roles: the owner changes tables, the app only rows."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.database import roles
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Act, Signature
from signatories.privacy import retention
from signatories.tally import services as tally
from tests.people import enter, organizer, sign_up, signed
from tests.smtp import Catcher

ROOT = Path(__file__).parents[2]
FIRST = {"declaration": "0002", "signatories": "0002"}
OWNER, APP = "test_owner", "test_app"


def url(user: str, database: str) -> str:
    """Where a role connects to a database of the tests' server."""
    return f"postgresql://{user}@{quote(str(settings.DATABASES['default']['HOST']), safe='')}/{database}"


@pytest.fixture(scope="module")
def _roles() -> None:
    """Both roles, kept for the session of tests."""
    with psycopg.connect(url("postgres", "postgres"), autocommit=True) as server:
        known = {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
        for role in {OWNER, APP} - known:
            server.execute(f"CREATE ROLE {role} LOGIN")


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """A database that belongs to the owner."""
    name = f"scratch_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url("postgres", "postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def scratch(_roles: None) -> Iterator[str]:
    """An empty database."""
    with database() as name:
        yield name


@pytest.fixture(scope="module")
def _current(_roles: None) -> Iterator[str]:
    """A database that the command has migrated."""
    with database() as name:
        migrated(name)
        yield name


@pytest.fixture
def current(_current: str) -> Iterator[str]:
    """A copy of it."""
    with database(template=_current) as name:
        yield name


def manage(database: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command as a sysadmin types it, with the roles apart."""
    own = {
        "DATABASE_URL": url(APP, database),
        "MIGRATE_DATABASE_URL": url(OWNER, database),
        "MIGRATE_LOCK_TIMEOUT": "1",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=os.environ | own | env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def migrated(database: str, *arguments: str) -> str:
    """A migration that must succeed."""
    done = manage(database, "migrate", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def at_version(database: str, versions: Mapping[str, str]) -> None:
    """The tables of an earlier version; one process does it all, for its start takes longer than its work."""
    targets = [*versions.items(), ("auth",)]
    command = f"from django.core.management import call_command; [call_command('migrate', *to) for to in {targets}]"
    done = manage(database, "shell", "--verbosity=0", f"--command={command}")
    assert done.returncode == 0, done.stderr


def fill(database: str) -> None:
    """Rows as the first version made them: a signer, a signup, a decision."""
    person = "name, name_latin, profession, profession_other, affiliation, country, named, news, language, text_id, consent, source, address_sealed, address_digest, domain, nonce"
    values = "'Aveline Ashgrove', '', 'singer', '', 'The Paper Lanterns', 'IE', true, false, 'en', 1, '1', 'form', 'x', {digest}, 'example.org', 'n'"
    statements = [
        "INSERT INTO declaration_text (version, language, title, body, sha256) VALUES (1, 'en', 'Title', 'Body', 'x')",
        "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined) VALUES ('olga', '', true, '', '', '', true, true, now())",
        f"INSERT INTO signatories_signature ({person}, number, state, held_for, filed_under, mailbox_place, sort_key, letter, search_key, skeleton, icu_version, signed_at, confirmed_at, published_at, changed_at) "
        f"SELECT {values.format(digest='int4send(n)')}, nextval('signatories_number'), 'published', '{{}}', 'Ashgrove', 1, 'k', 'A', 's', 's', '77', now(), now(), now(), now() FROM generate_series(1, 300) AS n",
        f"INSERT INTO signatories_signup ({person}, form_digest, code_tries, mail_state, mail_attempts, mail_error) "
        f"SELECT {values.format(digest='int4send(n)')}, int4send(n), 0, 'sent', 1, '' FROM generate_series(1, 50) AS n",
        "INSERT INTO signatories_decision (before, after, reason, organizer_id, signature_id) VALUES ('held', 'published', 'known', 1, 1), ('published', 'rejected', 'not them', 1, 2)",
        # What Django admin of the first version left.
        "CREATE TABLE django_admin_log (id bigint PRIMARY KEY, user_id integer REFERENCES auth_user)",
        "INSERT INTO django_admin_log VALUES (1, 1)",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('admin', '0001_initial', now())",
    ]
    with psycopg.connect(url(OWNER, database)) as rows:
        for statement in statements:
            rows.execute(statement)


def asked(database: str, query: str, role: str = OWNER) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with psycopg.connect(url(role, database)) as rows:
        return rows.execute(query).fetchall()


def gives_way_to_traffic(database: str) -> None:
    """A migration that cannot have its lock soon gives up, and traffic goes on; it can be repeated."""
    with psycopg.connect(url(OWNER, database)) as traffic:
        traffic.execute("LOCK signatories_decision IN SHARE MODE")
        done = manage(database, "migrate")
        assert done.returncode != 0
        assert "lock timeout" in done.stderr
        assert traffic.execute("SELECT count(*) FROM signatories_decision").fetchone() == (2,)


def test_from_the_first_version_to_this_one_and_back(scratch: str) -> None:
    at_version(scratch, FIRST)
    fill(scratch)
    kept = "SELECT name, affiliation, number, state FROM signatories_signature ORDER BY id"
    before = asked(scratch, kept)
    gives_way_to_traffic(scratch)
    migrated(scratch)
    assert asked(scratch, kept) == before
    assert asked(scratch, "SELECT verb, before, after, reason FROM signatories_act ORDER BY id") == [
        ("publish", "held", "published", "known"),
        ("reject", "published", "rejected", "not them"),
    ]
    assert asked(scratch, "SELECT account_id, role FROM signatories_organizer") == [(1, "administrator")]
    assert asked(scratch, "SELECT count(*) FROM signatories_signup WHERE representative = ''") == [(50,)]
    assert asked(scratch, "SELECT to_regclass('django_admin_log')") == [(None,)]
    assert asked(scratch, "SELECT count(*) FROM django_migrations WHERE app = 'admin'") == [(0,)]
    assert asked(scratch, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
    assert asked(scratch, "SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == [(0,)]
    with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
        asked(scratch, "UPDATE signatories_act SET reason = 'another' RETURNING id")
    for statement in (
        "TRUNCATE signatories_act CASCADE",
        "TRUNCATE signatories_seal",
        "TRUNCATE signatories_signature CASCADE",
        "TRUNCATE auth_user CASCADE",
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
            asked(scratch, statement)
    at_version(scratch, FIRST)
    assert asked(scratch, kept) == before
    assert asked(scratch, "SELECT before, after, reason FROM signatories_decision ORDER BY id")[0][2] == "known"
    migrated(scratch)
    assert asked(scratch, kept) == before
    assert "No changes" in manage(scratch, "makemigrations", "--check", "--dry-run").stdout


def test_an_index_left_half_built_is_built_anew(scratch: str) -> None:
    at_version(scratch, {"declaration": "0003", "signatories": "0004"})
    with psycopg.connect(url(OWNER, scratch), autocommit=True) as rows:
        rows.execute("CREATE INDEX signature_doubles ON signatories_signature (skeleton, profession)")
    with psycopg.connect(url("postgres", scratch), autocommit=True) as rows:
        rows.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'signature_doubles'::regclass")
    migrated(scratch)
    assert asked(scratch, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'signature_doubles'::regclass") == [
        (True,)
    ]


FORBIDDEN = [
    "UPDATE signatories_act SET reason = 'another'",
    "DELETE FROM signatories_act",
    "TRUNCATE signatories_act",
    "UPDATE signatories_seal SET hash = 'x'",
    "DELETE FROM signatories_seal",
    "TRUNCATE signatories_seal",
    "ALTER TABLE signatories_act DISABLE TRIGGER ALL",
    "DROP TRIGGER act_append_only ON signatories_act",
    "DROP TABLE signatories_act",
    "ALTER TABLE signatories_signature DROP COLUMN name",
    "CREATE TABLE mine (n int)",
    "DELETE FROM django_migrations",
    "SELECT setval('signatories_number', 1, false)",
    "SET session_replication_role = replica",
]


def test_a_backup_moves_to_an_empty_machine(current: str, tmp_path: Path) -> None:
    files = {"STORAGE_URL": (tmp_path / "old").as_uri()}
    moved = {"STORAGE_URL": (tmp_path / "new").as_uri()}
    archive = str(tmp_path / "kept.backup")
    assert manage(current, "seed", "--signatures=5", **files).returncode == 0
    kept = asked(current, "SELECT count(*) FROM signatories_signature", role=APP)
    assert manage(current, "backup", archive, **files).returncode == 0
    with psycopg.connect(url(OWNER, current), autocommit=True) as rows:
        rows.execute("DROP SCHEMA public CASCADE")
        rows.execute("CREATE SCHEMA public")
    assert "run `manage.py migrate` first" in manage(current, "restore", archive, **moved).stderr
    migrated(current)
    done = manage(current, "restore", archive, "--send-waiting", **moved)
    assert done.returncode == 0, done.stderr
    assert f"{kept[0][0]} signatures" in done.stdout and done.stderr == ""
    assert asked(current, "SELECT count(*) FROM signatories_signature", role=APP) == kept
    assert "--replace" in manage(current, "restore", archive, **moved).stderr


def test_the_command_leaves_the_app_with_just_its_rights(current: str) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(current, statement, role=APP)
    assert asked(current, "SELECT count(*) FROM signatories_act", role=APP) == [(0,)]
    assert manage(current, "seed", "--signatures=3").returncode == 0


@pytest.fixture
def as_app(_roles: None, transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The test's own connection, as the app's role."""
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    settings.MEDIA_ROOT = tmp_path / "storage"
    roles.grant(APP)
    full = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = APP
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = full
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {APP}")


@pytest.mark.usefixtures("as_app")
def test_the_app_needs_no_more_than_its_rights(client: Client, mailbox: Catcher, tmp_path: Path) -> None:
    olga = organizer()
    assert client.post(sign_up(client, mailbox).path("confirm")).status_code == 303
    signature = Signature.objects.get()
    for act in (queue.hold, queue.publish, queue.reject, queue.publish):
        assert act(signature_id=signature.pk, organizer=olga, reason="looked at", now=timezone.now())
    assert Act.objects.of_the_desk().count() == 4
    gone = signed(name="Bram Bellweather", address="bram@example.org")
    assert mine.withdraw(signature_id=gone.pk, now=timezone.now())
    retention.erase(signature_id=gone.pk, now=timezone.now())
    retention.erase_mailbox(address="bram@example.org", reason="asked by letter", now=timezone.now())
    retention.forget(timezone.now())
    assert tally.fold()
    assert tally.repair() == {}
    editions.ask()
    edition = editions.build_waiting()
    assert edition and edition.state == "ready"
    assert client.get("/signatories/").status_code == 200
    enter(client, olga)
    assert client.get(f"/desk/signatures/{signature.pk}/").status_code == 200
    call_command("backup", str(tmp_path / "kept.backup"), stdout=StringIO())
    with pytest.raises(CommandError, match="MIGRATE_DATABASE_URL"):
        call_command("restore", str(tmp_path / "kept.backup"), "--replace", stdout=StringIO())
    for statement in FORBIDDEN:
        with pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute(statement)
    done = Act.objects.of_the_desk().order_by("pk").values_list("verb", flat=True)
    assert list(done) == ["hold", "publish", "reject", "publish", "erase"]
