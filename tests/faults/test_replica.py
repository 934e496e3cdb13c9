"""Public pages read from a replica: a little behind, never more than they say; without it the primary answers."""

import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

import psycopg

from declaration.demo import embedded
from declaration.demo.embedded import POSTGRES_USER
from tests.faults.house import House, house, wait_for


def standby(whole: House, folder: Path) -> embedded.Servers:
    """A streaming replica of the house's database, as pg_basebackup makes it."""
    made = embedded.Servers(folder)
    data = folder / "postgres"
    with psycopg.connect(whole.servers.database_url) as connection:
        socket_folder = connection.info.host
    command = [
        str(embedded.BIN / "pg_basebackup"),
        "--pgdata",
        str(data),
        "--write-recovery-conf",
        "--checkpoint=fast",
    ]
    subprocess.run([*command, "--username=postgres", "--host", socket_folder], check=True, capture_output=True, cwd="/")
    for lock in data.glob(".s.PGSQL.*"):  # of the primary's socket, which may be in its folder
        lock.unlink()
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", POSTGRES_USER, str(data)], check=True)
    made.start_postgres()
    return made


def confirmed(whole: House, address: str) -> str:
    """Somebody signs and confirms; the page that says so."""
    form = {"name": f"Person {address.split('@')[0]}", "profession": "singer", "email": address, "appearance": "named"}
    assert whole.ask("POST", "/sign/", form).status == 303
    mails = whole.mailbox.mails
    wait_for(lambda: any(mail.to == [address] for mail in list(mails)), 20)
    path = next(mail for mail in mails if mail.to == [address]).path("confirm")
    assert whole.ask("POST", path, {}).status == 303
    return path


def count(whole: House) -> dict[str, object]:
    """The number as strangers see it."""
    return dict(whole.ask("GET", "/api/v1/count").json)


def test_public_pages_come_from_the_replica_and_from_the_primary_when_it_is_gone(tmp_path: Path) -> None:
    with house(tmp_path, webs=1) as whole:
        replica = standby(whole, tmp_path / "replica")
        try:
            web = next(iter(whole.webs.values()))
            web.env = {**web.env, "DATABASE_REPLICA_URL": replica.database_url}
            web.stop()
            web.restart_ended()
            wait_for(whole.ready, 60)
            _behind_but_honest(whole, replica)
            replica.stop()
            confirmed(whole, "late@gmail.com")
            wait_for(lambda: count(whole)["count"] == 2, 30)
        finally:
            replica.stop()


def _behind_but_honest(whole: House, replica: embedded.Servers) -> None:
    """What the replica has not heard of is on no page, and the page says so; what one did is seen at once by oneself."""
    with psycopg.connect(replica.database_url, autocommit=True) as there:
        there.execute("SELECT pg_wal_replay_pause()")
        link = confirmed(whole, "first@gmail.com")
        assert "You have signed" in whole.ask("GET", link).body
        wait_for(lambda: whole.rows("SELECT FROM signatories_tally WHERE facet = 'all' AND count = 1") != [], 20)
        wait_for(lambda: _seconds_ago(count(whole)["as_of"]) > 4, 20)
        assert count(whole)["count"] == 0
        told = re.search(r"^declaration_replica_age_seconds ([\d.]+)$", whole.ask("GET", "/metrics").body, re.MULTILINE)
        assert told
        assert 4 < float(told[1]) < 60
        there.execute("SELECT pg_wal_replay_resume()")
        wait_for(lambda: count(whole)["count"] == 1, 20)
        assert _seconds_ago(count(whole)["as_of"]) < 10


def _seconds_ago(moment: object) -> float:
    at = datetime.fromisoformat(str(moment))
    return (datetime.now(at.tzinfo) - at).total_seconds()
