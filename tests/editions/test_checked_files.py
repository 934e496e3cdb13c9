"""The files of an edition are checked by whoever does not trust us: digests, signature, common tools."""

import hashlib
import html
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings

from signatories.models import EditionFile
from tests.editions.building import body, build
from tests.editions.lists import PRESS, build_all, people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def test_digests_of_all_files_are_those_of_their_bytes(client: Client) -> None:
    people()
    build_all()
    files = list(EditionFile.objects.select_related("part__edition"))
    assert len(files) == 4 * 7
    for file in files:
        content = body(client.get(file.get_absolute_url()))
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)


def saved(client: Client, folder: Path, *paths: str) -> None:
    """Files as a browser saves them."""
    for path in paths:
        answer = client.get(path)
        name = answer.get("Content-Disposition", "").partition('filename="')[2].rstrip('"') or path.rpartition("/")[2]
        (folder / name).write_bytes(body(answer))


def test_files_are_checked_with_common_tools(client: Client, settings: Settings, own_folder: Path) -> None:
    """A changed byte and a changed list of checksums are found; the key may be another one by now."""
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    people()
    build_all()
    folder = own_folder / "saved"
    folder.mkdir()
    saved(client, folder, *(file.get_absolute_url() for file in EditionFile.objects.select_related("part__edition")))
    saved(client, folder, f"{PRESS}/1/SHA256SUMS", f"{PRESS}/1/SHA256SUMS.sig", "/.well-known/declaration-key")
    check = ["sha256sum", "--ignore-missing", "--strict", "-c", "SHA256SUMS"]
    told = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert told.count(": OK") == 4 * 7
    verify = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "declaration-key", "-in", "SHA256SUMS"]
    verify += ["-sigfile", "SHA256SUMS.sig"]
    assert subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode == 0
    for words in ("SHA256SUMS.sig", "openssl pkeyutl"):
        assert words in client.get(f"{PRESS}/1/").content.decode()

    first = (folder / "declaration-key").read_text()
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    keys = client.get("/.well-known/declaration-key").content.decode()
    assert first in keys
    assert not keys.startswith(first)

    with (folder / "music-edition-1.csv").open("ab") as file:
        file.write(b" ")
    assert subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode == 1
    (folder / "SHA256SUMS").write_text(told)
    assert subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode == 1


def test_the_printed_commands_are_true_for_editions_before_and_after_a_rotation(
    client: Client, settings: Settings, own_folder: Path
) -> None:
    people()
    for number in (1, 2):
        settings.SIGNING_KEY = Fernet.generate_key().decode()
        build()
        assert client.get(f"{PRESS}/{number}/").status_code == 200
    keys = set()
    for number in (1, 2):
        folder = own_folder / f"saved{number}"
        folder.mkdir()
        page = client.get(f"{PRESS}/{number}/").content.decode()
        links = re.findall(r'href="([^"]*(?:SHA256SUMS(?:\.sig)?|\.pem|signatories\.pdf))"', page)
        assert len(links) == 4
        saved(client, folder, *links)
        commands = [html.unescape(found) for found in re.findall(r"<pre><code>(.*?)</code></pre>", page)]
        assert [command.split()[0] for command in commands] == ["sha256sum", "openssl"]
        for command in commands:
            done = subprocess.run(shlex.split(command), cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done
        (key,) = folder.glob("*.pem")
        assert key.read_text() in client.get("/.well-known/declaration-key").content.decode()
        keys.add(key.name)
        (folder / "SHA256SUMS").write_text("something else")
        refused = subprocess.run(shlex.split(commands[1]), cwd=folder, capture_output=True, check=False)
        assert refused.returncode == 1
    assert len(keys) == 2
    assert client.get("/.well-known/declaration-key-0123456789abcdef.pem").status_code == 404


def test_without_a_key_nothing_is_signed_and_nothing_says_so(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEY = ""
    people()
    build()
    assert client.get(f"{PRESS}/1/SHA256SUMS").status_code == 200
    for path in (f"{PRESS}/1/SHA256SUMS.sig", "/.well-known/declaration-key", f"{PRESS}/7/SHA256SUMS"):
        assert client.get(path).status_code == 404
    assert "openssl" not in client.get(f"{PRESS}/1/").content.decode()
