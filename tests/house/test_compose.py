"""The deployment files: valid, complete, without secrets, without root, small enough. See also test_topology.py."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.compose import (
    APP,
    ASKED,
    ROOT,
    compose,
    copied,
    dockerfile,
    dockerfile_env,
    env_file,
    environment,
    filled,
    megabytes,
    new_env,
    required,
    services,
)  # fmt: skip

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
BIN = Path(sys.executable).parent


def read_by_the_code() -> set[str]:
    """Every variable that the product reads from the environment, demo and tests aside."""
    found = set()
    for file in [*ROOT.glob("declaration/*.py"), *ROOT.glob("signatories/**/*.py")]:
        if file.name in {"embedded.py", "demo_environment.py"}:
            continue
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            door = ast.unparse(call.func)
            if (re.fullmatch(r"env\.\w+|os\.environ\.(get|setdefault)", door) or door == "required") and call.args:
                name = call.args[0]
                found |= {name.value} if isinstance(name, ast.Constant) and isinstance(name.value, str) else set()
    return {name for name in found if not name.startswith("DEMO_")} - {"DJANGO_SETTINGS_MODULE", "XDG_CACHE_HOME"}


def in_the_table() -> set[str]:
    """The variables of the table of docs/operations.md."""
    rows = [line.split("|")[1] for line in OPERATIONS.splitlines() if re.match(r"\| `[A-Z_]+`", line)]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_the_files_are_valid_and_found_in_order_by_the_linter() -> None:
    for command in (["check-jsonschema", "--builtin-schema", "vendor.compose-spec"], ["compose-lint"]):
        done = subprocess.run(
            [BIN / command[0], *command[1:], "docker-compose.yml"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_file_would_be_noticed(tmp_path: Path) -> None:
    wrong = (ROOT / "docker-compose.yml").read_text().replace("mem_limit:", "memory_limit:", 1)
    (tmp_path / "docker-compose.yml").write_text(wrong)
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", tmp_path / "docker-compose.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "memory_limit" in done.stdout + done.stderr
    assert done.returncode == 1


def test_the_proxy_reads_its_file() -> None:
    env = environment("caddy", new_env() | ASKED) | {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(
        [BIN / "caddy", "adapt", "--config", "Caddyfile"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"declaration.example"' in done.stdout
    assert '"office@declaration.example"' in done.stdout
    assert "web:8000" in done.stdout


def test_every_variable_is_documented_and_reaches_the_containers() -> None:
    read = read_by_the_code()
    assert len(read) > 20
    assert read == in_the_table()
    everywhere = set(compose()["x-environment"]) | set(dockerfile_env())
    of_one = {name for service in APP for name in compose()["services"][service]["environment"]}
    assert read - everywhere - of_one == set()
    assert (everywhere | of_one) - read <= {
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "XDG_CACHE_HOME",
        "PGOPTIONS",
    }


def test_what_is_required_stands_in_the_example_and_in_the_docs() -> None:
    example = (ROOT / ".env.example").read_text()
    assert set(env_file(example)) == required()
    offered = set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE))
    assert offered <= in_the_table()
    assert required() - in_the_table() == {"POSTGRES_PASSWORD"}
    assert "POSTGRES_PASSWORD" in OPERATIONS


@pytest.mark.parametrize("missing", sorted(required()))
def test_nothing_starts_with_a_variable_missing(missing: str) -> None:
    env = new_env() | ASKED
    assert all(environment(service, env) for service in APP)
    with pytest.raises(KeyError, match=missing):
        _start_all(env | {missing: ""})


def _start_all(env: dict[str, str]) -> None:
    for service in compose()["services"]:
        environment(service, env)


def test_fresh_secrets_make_a_production_start() -> None:
    env = new_env()
    assert {name for name, value in env.items() if not value} == set(ASKED)
    assert all(new_env()[name] != value for name, value in env.items() if value)
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment("web", env | ASKED) | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_no_secret_stands_in_a_file() -> None:
    assert not [v for n, v in env_file((ROOT / ".env.example").read_text()).items() if v]
    for service in compose()["services"].values():
        for name, value in service.get("environment", {}).items():
            if value and re.search("SECRET|KEY|PASSWORD|MAIL_URL", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", value), name
    assert not {name for name in dockerfile_env() if re.search("SECRET|KEY|PASSWORD|URL", name)} - {"STORAGE_URL"}
    assert not [rest for _stage, instruction, rest in dockerfile() if instruction == "ARG"]
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in kept if re.search(r"(^|/)\.env$|\.pem$|\.key$|id_rsa|secrets\.json", name)]


def test_all_that_runs_at_once_fits_into_two_gigabytes() -> None:
    at_once = {name: megabytes(service["mem_limit"]) for name, service in services().items() if name != "migrate"}
    assert set(at_once) == {
        "caddy",
        "web",
        "worker-mail",
        "worker-editions",
        "beat",
        "postgres",
        "valkey",
        "valkey-cache",
    }
    assert sum(at_once.values()) <= 2048
    # Migrating is done before the others begin, beside the two servers alone.
    assert (
        megabytes(services()["migrate"]["mem_limit"]) <= sum(at_once.values()) - at_once["postgres"] - at_once["valkey"]
    )


def test_nothing_runs_as_root_nor_writes_where_it_need_not() -> None:
    last_user = {stage: rest for stage, instruction, rest in dockerfile() if instruction == "USER"}
    for name, service in compose()["services"].items():
        user = service.get("user") or last_user[service["build"]["target"]]
        assert user.partition(":")[0] not in {"root", "0", ""}, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "privileged" not in service
        assert not [volume for volume in service.get("volumes", []) if volume.startswith(("/", "."))], name
    assert [n for n, s in compose()["services"].items() if "cap_add" in s] == ["caddy"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["caddy"]
    assert compose()["services"]["mailpit"]["ports"] == ["127.0.0.1:8025:8025"]
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey", "worker-editions", "beat"):
        assert services()[name]["networks"] == ["inside"]


def test_each_waits_for_what_it_needs_and_is_watched() -> None:
    for name in ("web", "worker-mail", "worker-editions", "beat"):
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services()[name]["restart"] == "unless-stopped"
    assert services()["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services()["migrate"]["restart"] == "no"
    assert all("healthcheck" in service for service in services().values())
    instructions = {instruction: rest for _stage, instruction, rest in dockerfile()}
    assert services()["web"]["healthcheck"]["test"] == ["CMD", "python", "-m", "declaration.health"]
    assert '"python", "-m", "declaration.health"' in instructions["HEALTHCHECK"]
    command = ", ".join(f'"{word}"' for word in services()["web"]["command"])
    assert instructions["CMD"] == f"[{command}]"


def test_images_are_pinned_by_major_version() -> None:
    images = [s["image"] for s in compose()["services"].values() if "build" not in s]
    images += [rest.partition(" ")[0] for _stage, instruction, rest in dockerfile() if instruction == "FROM"]
    stages = {stage for stage, _instruction, _rest in dockerfile()}
    for image in set(images) - stages:
        assert re.search(r":v?\d", image), image


def test_the_image_has_what_editions_need_and_the_docs_say_so() -> None:
    runs = " ".join(rest for stage, instruction, rest in dockerfile() if (stage, instruction) == ("app", "RUN"))
    installed = re.findall(r"\blib[a-z0-9.-]+", runs.partition("--no-install-recommends")[2].partition("&&")[0])
    pango = re.findall(r'has_pango \|\| wanted="([^"]+)"', (ROOT / "scripts" / "system-parts").read_text())[0].split()
    assert sorted(installed) == sorted(pango)
    assert " ".join(pango) in OPERATIONS


def test_the_image_is_built_from_what_is_there() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied()) == kept
    assert all((ROOT / source).exists() for source in copied())
    version = (ROOT / ".python-version").read_text().strip()
    assert {rest for _s, i, rest in dockerfile() if i == "FROM" and "python" in rest} == {
        f"python:{version}-slim-trixie AS build", f"python:{version}-slim-trixie AS app",
    }  # fmt: skip


def test_a_value_is_filled_in_as_compose_does() -> None:
    assert filled("a ${X:?why} ${Y:-z}", {"X": "x"}) == "a x z"
    with pytest.raises(KeyError):
        filled("${X:?why}", {"X": ""})
