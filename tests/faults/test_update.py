"""An update while people sign: the version before this layout runs, and its parts are replaced one by one."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.faults.house import ROOT, House, house, wait_for

# The last version with the old layout, task names and model names.
BEFORE = "077d3206375c8eeda7720d5b270beb5c5553e218"
OWN_PAGE = re.compile(r'href="(/mine/[^"]+/)"')


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The code of the version before, from the history of this repository."""
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", BEFORE], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


class Signers:
    """People who sign and confirm, and what they were told."""

    def __init__(self, whole: House) -> None:
        self.whole = whole
        self.confirm_paths: dict[str, str] = {}
        self.own_pages: dict[str, str] = {}

    def sign(self, name: str) -> None:
        """Send the form; the mail is waited for elsewhere."""
        address = f"{name.lower()}@example.org"
        form = {"name": f"{name} Person", "profession": "singer", "email": address, "appearance": "named"}
        assert self.whole.ask("POST", "/sign/", form).status == 303

    def mailed(self, name: str) -> None:
        """Wait until the link is there: a worker of either version has sent it."""
        address = f"{name.lower()}@example.org"

        def arrived() -> bool:
            found = [
                mail for mail in list(self.whole.mailbox.mails) if mail.to[0] == address and "/confirm/" in mail.text
            ]
            if found:
                self.confirm_paths[name] = found[-1].path("confirm")
            return bool(found)

        wait_for(arrived, 30, self.whole.restart_ended)

    def confirm(self, name: str) -> None:
        """Press the button of the mailed page."""
        path = self.confirm_paths[name]
        assert self.whole.ask("POST", path, {}).status == 303
        found = OWN_PAGE.search(self.whole.ask("GET", path).body)
        assert found
        self.own_pages[name] = found[1]


def replace(whole: House, *names: str) -> None:
    """Stop parts kindly and start them with the new code, as a new container does."""
    for name in names:
        part = whole.behind.get(name) or next(iter(whole.webs.values()))
        part.stop()
        part.folder = ROOT
        part.restart_ended()


def test_nothing_is_lost_when_parts_are_replaced_in_any_order(tmp_path: Path, before: Path) -> None:
    with house(tmp_path, webs=1, root=before) as whole:
        signers = Signers(whole)
        for name in ("Avel", "Bram"):
            signers.sign(name)
        for name in ("Avel", "Bram"):
            signers.mailed(name)
        signers.confirm("Avel")

        # The new version migrates while the old one answers, mails, counts and stores acts.
        whole.root = ROOT
        whole.manage("migrate", "--verbosity=0")
        signers.sign("Cleo")
        signers.mailed("Cleo")
        signers.confirm("Cleo")
        assert whole.ask("POST", "/mine/", {"email": "avel@example.org"}).status == 303

        # The web first: what it stores is mailed and counted by old workers, ticked by an old beat.
        replace(whole, "web")
        wait_for(lambda: whole.ask("GET", "/healthz").status == 200, 30)
        signers.confirm("Bram")
        signers.sign("Dora")
        signers.mailed("Dora")

        # Then the mail worker, which is sent the old names; then beat, whose ticks old workers take.
        replace(whole, "mail")
        signers.sign("Elif")
        signers.mailed("Elif")
        replace(whole, "beat")
        signers.confirm("Dora")
        replace(whole, "housekeeping", "editions")
        signers.confirm("Elif")
        signers.sign("Finn")
        signers.mailed("Finn")
        signers.confirm("Finn")

        # Links of the old version open pages of the new one.
        assert whole.ask("POST", f"{signers.own_pages['Avel']}withdraw/", {}).status == 303
        everyone = ["Bram", "Cleo", "Dora", "Elif", "Finn"]
        wait_for(whole.ready, 60, whole.restart_ended)
        wait_for(lambda: whole.ask("GET", "/api/v1/count").json["count"] == len(everyone), 30, whole.restart_ended)
        published = whole.rows("SELECT name FROM signatories_signature WHERE state = 'published' ORDER BY name")
        assert published == [(f"{name} Person",) for name in everyone]
        _each_mail_once(whole)
        _acts_of_the_new_version(whole)


def _each_mail_once(whole: House) -> None:
    """No confirmation twice, the link that Avel asked for, the word that Avel has withdrawn; and thanks to some."""
    wait_for(
        lambda: sum(mail.to[0] == "avel@example.org" and not mail.is_thanks for mail in list(whole.mailbox.mails)) == 3,
        30,
        whole.restart_ended,
    )
    ids = [mail.message["Message-ID"] for mail in whole.mailbox.mails]
    assert len(ids) == len(set(ids))
    assert sum(not mail.is_thanks for mail in whole.mailbox.mails) == 6 + 2


def _acts_of_the_new_version(whole: House) -> None:
    """Confirmations by the old code are no acts; those by the new code are, and so is the withdrawal."""
    found = whole.rows("SELECT verb, actor, count(*) FROM signatories_act GROUP BY 1, 2 ORDER BY 1")
    assert found == [("confirm", "signer", 4), ("withdraw", "signer", 1)]
