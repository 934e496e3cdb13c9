"""The topology of docker-compose.yml as processes: the tree and the packages that the image holds, started by the very
command lines of the file with production settings, behind a real Caddy with TLS, on real servers."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

import psutil
import psycopg
import pytest

from declaration.demo import embedded
from declaration.ops import proxy_check
from tests.house.compose import ASKED, ROOT, copied, dockerfile, environment, megabytes, new_env, services
from tests.servers import MAIL_PORT, servers
from tests.smtp import Catcher

BIN = Path(sys.executable).parent
HOST = "declaration.example"
PARTS = ("web", "worker-mail", "worker-editions", "beat")
NAME, ADDRESS = "Ottoline Marchbanks-Řeháková", "ottoline@example.org"


@dataclass
class Stack:
    """The services, each started as Compose would start it, with our ports and folders for those of the image."""

    folder: Path
    env: dict[str, str]
    database_url: str
    web_port: int = field(default_factory=embedded.free_port)
    https_port: int = field(default_factory=embedded.free_port)
    http_port: int = field(default_factory=embedded.free_port)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def here(self, service: str, text: str) -> str:
        """What Docker does with networks, ports and mounts, done with words."""
        text = text.replace("--host=0.0.0.0", "--host=127.0.0.1").replace("--port=8000", f"--port={self.web_port}")
        places = {"/srv/": f"{self.folder}/srv/", "/tmp/": f"{self.folder}/tmp/{service}/"}
        return re.sub(r"/srv/|/tmp/", lambda place: places[place[0]], text)

    def environment(self, service: str) -> dict[str, str]:
        """The container's environment, and where programs are found."""
        found = {name: self.here(service, value) for name, value in environment(service, self.env).items()}
        found |= {"DATABASE_URL": self.database_url, "REDIS_URL": os.environ["REDIS_URL"].replace("/0", "/7")}
        (self.folder / "tmp" / service).mkdir(parents=True, exist_ok=True)
        return found | {
            "PATH": f"{self.folder}/venv/bin:/usr/bin:/bin", "HOSTNAME": socket.gethostname(),
            "HOME": f"{self.folder}/tmp/{service}", "TMPDIR": f"{self.folder}/tmp/{service}",
        }  # fmt: skip

    def run(self, service: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """As `docker compose run --rm SERVICE COMMAND`; without words the service's own command."""
        words = command or tuple(services()[service]["command"])
        done = subprocess.run(
            [self.here(service, word) for word in words],
            cwd=self.folder / "app", env=self.environment(service), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, service: str) -> None:
        """As `docker compose up -d SERVICE`."""
        command = [self.here(service, word) for word in services()[service]["command"]]
        self._start(service, command, self.environment(service), self.folder / "app")

    def start_proxy(self) -> None:
        """Caddy with our file: other ports, and certificates of its own making."""
        env = environment("caddy", self.env) | {
            "WEB": f"127.0.0.1:{self.web_port}", "PATH": "/usr/bin:/bin", "HOME": str(self.folder / "caddy"),
            "XDG_DATA_HOME": str(self.folder / "caddy"), "XDG_CONFIG_HOME": str(self.folder / "caddy"),
        }  # fmt: skip
        done = subprocess.run(
            [BIN / "caddy", "adapt", "--config", ROOT / "Caddyfile"], env=env, capture_output=True, check=True
        )
        read = json.loads(done.stdout)
        read["admin"] = {"disabled": True}
        http = read["apps"]["http"]
        http |= {"http_port": self.http_port, "https_port": self.https_port}
        assert http["servers"]["srv0"]["listen"] == [":443"]
        http["servers"]["srv0"] |= {"listen": [f"127.0.0.1:{self.https_port}"], "protocols": ["h1", "h2"]}
        assert read["apps"]["tls"]["automation"]["policies"][0]["issuers"][0]["email"] == ASKED["OPERATOR_EMAIL"]
        read["apps"]["tls"]["automation"]["policies"] = [{"issuers": [{"module": "internal"}]}]
        read["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
        (self.folder / "caddy.json").write_text(json.dumps(read))
        self._start("caddy", [str(BIN / "caddy"), "run", "--config", str(self.folder / "caddy.json")], env, self.folder)

    def _start(self, name: str, command: list[str], env: dict[str, str], folder: Path) -> None:
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)

    def log(self, service: str) -> Path:
        """What the service printed."""
        return self.folder / f"{service}.log"

    def stop(self, service: str) -> int:
        """As `docker compose stop`: kindly, and within the time Compose gives. Returns the exit code."""
        process = self.running.pop(service)
        process.terminate()
        return process.wait(60)

    def healthy(self, service: str) -> bool:
        """The service's own health check."""
        _cmd, *command = services()[service]["healthcheck"]["test"]
        more = [str(self.web_port)] if service == "web" else []
        return self.run(service, *command, *more, check=False).returncode == 0

    def memory(self, service: str) -> float:
        """Megabytes of the service's processes; pages they share count once."""
        process = psutil.Process(self.running[service].pid)
        found = 0
        for member in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # a helper of an edition that is done
                found += member.memory_full_info().pss
        return found / 2**20

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        *,
        plain: bool = False,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[HTTPResponse, bytes]:
        """A request to the proxy, as from outside."""
        connection: HTTPConnection
        if plain:
            connection = HTTPConnection("127.0.0.1", self.http_port, timeout=30)
        else:
            connection = _Named("127.0.0.1", self.https_port, timeout=30, context=_trusting())
        body = urlencode(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            connection.request(method, path, body, {"Host": HOST} | kind | dict(headers))
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


class _Named(HTTPSConnection):
    """A connection to this machine that asks for the site's certificate."""

    def connect(self) -> None:
        self.sock = _trusting().wrap_socket(
            socket.create_connection((self.host, self.port), self.timeout), server_hostname=HOST
        )


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def wait_for(promise: Callable[[], bool], seconds: float = 60) -> None:
    """Poll until it holds; a door that is not open yet is no answer yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if promise():
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


@contextmanager
def database(name: str) -> Iterator[str]:
    """An empty database of its own."""
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield servers.database_url.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def image(folder: Path) -> None:
    """The image's tree and packages, made by the words of the Dockerfile."""
    app = folder / "app"
    for name in copied():
        kept = subprocess.run(
            ["git", "ls-files", "-z", name], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for file in filter(None, kept.split("\0")):
            if (ROOT / file).exists():
                (app / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, app / file)
    runs = [rest for stage, instruction, rest in dockerfile() if (stage, instruction) == ("build", "RUN")]
    sync = next(rest for rest in runs if rest.startswith("uv sync")).split()
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    venv = {
        "UV_PROJECT_ENVIRONMENT": str(folder / "venv"),
        "UV_PYTHON": str(BIN / "python"),
        "UV_COMPILE_BYTECODE": "1",
    }
    subprocess.run([uv, *sync[1:]], cwd=app, env=os.environ | venv, check=True)
    collect = (
        next(rest for rest in runs if "collectstatic" in rest).partition("&& ")[2].replace("/venv", f"{folder}/venv")
    )
    subprocess.run(["/bin/sh", "-ec", collect], cwd=app, env={"PATH": "/usr/bin:/bin"}, check=True)


@pytest.fixture
def stack(tmp_path: Path, mailbox: Catcher) -> Iterator[Stack]:
    """Everything up as after `docker compose up -d`."""
    for name in ("srv/editions", "srv/beat", "srv/ledger"):
        (tmp_path / name).mkdir(parents=True)
    image(tmp_path)
    env = new_env() | ASKED | {"MAIL_URL": f"smtp://127.0.0.1:{MAIL_PORT}", "EDITION_EVERY": "3"}
    with database(f"topology_{os.getpid()}") as url:
        made = Stack(tmp_path, env, url)
        try:
            made.run("migrate")
            assert made.run("migrate", "python", "-c", _LOCK_TIMEOUT).stdout == "5s\n"
            made.run("web", "python", "-c", _PUBLISH)
            for service in PARTS:
                made.start(service)
            made.start_proxy()
            wait_for(lambda: made.ask("GET", "/readyz")[0].status == 200)
            yield made
        finally:
            for process in made.running.values():
                process.terminate()
            for process in made.running.values():
                process.wait(60)


_DJANGO = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'declaration.settings'; django.setup();"
_PUBLISH = f"{_DJANGO} from declaration.demo import text; text.publish()"
_LOCK_TIMEOUT = f"""{_DJANGO}
from django.db import connection
print(connection.cursor().execute("SHOW lock_timeout").fetchone()[0])
"""


def test_a_signature_travels_through_the_topology(stack: Stack, mailbox: Catcher) -> None:
    _serves_as_production(stack)
    link = _sign_and_confirm(stack, mailbox)
    wait_for(lambda: stack.ask("GET", "/press/latest.pdf")[0].status == 200)
    for service in PARTS:
        wait_for(lambda service=service: stack.healthy(service))  # type: ignore[misc]
        assert stack.memory(service) < 0.8 * megabytes(services()[service]["mem_limit"]), service
    _survives_a_new_web(stack)
    _tells_calmly_that_web_is_away(stack, link)
    assert stack.stop("worker-mail") == 0
    minute_ago = time.time() - 60
    os.utime(stack.folder / "tmp" / "worker-mail" / "alive", (minute_ago, minute_ago))
    assert not stack.healthy("worker-mail")
    assert [stack.stop(service) for service in ("worker-editions", "beat", "caddy")] == [0, 0, 0]
    _logs_hold_nobody(stack, link)


def _serves_as_production(stack: Stack) -> None:
    plain, _body = stack.ask("GET", "/fr/", plain=True)
    assert plain.status == 308
    assert plain.getheader("Location", "").startswith(f"https://{HOST}")
    page, body = stack.ask("GET", "/")
    assert page.status == 200
    forged, _body = stack.ask("GET", "/about/", headers=proxy_check.FORGED)
    assert forged.status == 200
    assert "max-age=31536000" in page.getheader("Strict-Transport-Security", "")
    assert page.getheader("Server") is None
    assert page.getheader("Set-Cookie") is None
    style = re.search(rb'href="(/static/style\.[0-9a-f]{12}\.css)"', body)
    assert style
    static, _body = stack.ask("GET", style[1].decode())
    assert static.status == 200
    assert "immutable" in static.getheader("Cache-Control", "")


def _sign_and_confirm(stack: Stack, mailbox: Catcher) -> str:
    form = {"name": NAME, "profession": "poet", "email": ADDRESS, "appearance": "named"}
    assert stack.ask("POST", "/sign/", form)[0].status == 303
    wait_for(lambda: bool(mailbox.of(ADDRESS)), 20)
    mail = mailbox.of(ADDRESS)[0]
    assert f"https://{HOST}/confirm/" in mail.text
    link = mail.path("confirm")
    assert stack.ask("GET", link)[0].status == 200
    assert json.loads(stack.ask("GET", "/api/v1/count")[1])["count"] == 0
    assert stack.ask("POST", link)[0].status == 303
    wait_for(lambda: json.loads(stack.ask("GET", "/api/v1/count")[1])["count"] == 1, 20)
    assert NAME.encode() in stack.ask("GET", "/signatories/")[1]
    return link


def _survives_a_new_web(stack: Stack) -> None:
    """While web is replaced, as an update does, the proxy holds requests back instead of refusing them."""
    assert stack.stop("web") == 0
    assert not stack.healthy("web")
    stack.start("web")
    assert stack.ask("GET", "/about/")[0].status == 200


def _tells_calmly_that_web_is_away(stack: Stack, link: str) -> None:
    assert stack.stop("web") == 0
    answer, body = stack.ask("GET", link)
    assert answer.status == 503
    assert answer.getheader("Retry-After") == "10"
    assert "We are back in a moment" in body.decode()


def _logs_hold_nobody(stack: Stack, link: str) -> None:
    """Neither an address nor a name nor a private link, not even where the proxy could not reach web."""
    said = "".join(stack.log(service).read_text() for service in (*PARTS, "caddy"))
    assert "declaration.example" in stack.log("caddy").read_text()
    for secret in (ADDRESS, NAME, link.split("/")[-2], stack.env["SECRET_KEY"]):
        assert secret not in said, secret
