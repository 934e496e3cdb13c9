"""Reads docker-compose.yml, the Dockerfile and .env.example as Docker does, as far as our files use them."""

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
APP = ("web", "worker-mail", "worker-editions", "beat", "migrate")
ASKED = {
    "SITE_URL": "https://declaration.example", "OPERATOR_NAME": "The Office", "MAIL_URL": "smtps://u:p@mail.example",
    "OPERATOR_EMAIL": "office@declaration.example", "OPERATOR_ADDRESS": "1 Example Street",
}  # fmt: skip
_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


@cache
def compose() -> dict[str, Any]:
    """The file, with its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def services() -> dict[str, dict[str, Any]]:
    """All services but those of a profile."""
    return {name: service for name, service in compose()["services"].items() if "profiles" not in service}


def required() -> set[str]:
    """The variables without which Compose refuses to start."""
    text = (ROOT / "docker-compose.yml").read_text()
    return {name for name, how, _rest in _VARIABLE.findall(text) if how == "?"}


def filled(text: str, env: Mapping[str, str]) -> str:
    """A value with its `${…}` replaced. Raises KeyError where a required one is missing or empty."""

    def replace(match: re.Match[str]) -> str:
        name, how, rest = match.groups()
        if env.get(name):
            return env[name]
        if how == "-":
            return str(rest)
        raise KeyError(name)

    return _VARIABLE.sub(replace, text)


def environment(service: str, env: Mapping[str, str]) -> dict[str, str]:
    """What the container of `service` finds in its environment when .env holds `env`."""
    declared: dict[str, str | None] = compose()["services"][service].get("environment", {})
    image = dockerfile_env() if service in APP else {}
    passed = {name: env[name] for name, value in declared.items() if value is None and name in env}
    return image | passed | {name: filled(value, env) for name, value in declared.items() if value is not None}


def env_file(text: str) -> dict[str, str]:
    """The assignments of an .env file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'\"") for name, _equals, value in (line.partition("=") for line in lines)}


@cache
def dockerfile() -> list[tuple[str, str, str]]:
    """The instructions: (stage, INSTRUCTION, rest), lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    found, stage = [], ""
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        instruction, _space, rest = line.partition(" ")
        if instruction == "FROM":
            stage = rest.rpartition(" AS ")[2]
        found.append((stage, instruction, rest.strip()))
    return found


def dockerfile_env() -> dict[str, str]:
    """What the image itself sets (PATH aside)."""
    pairs = " ".join(
        rest for stage, instruction, rest in dockerfile() if (stage, instruction) == ("app", "ENV")
    ).split()
    return {name: value for name, _equals, value in (pair.partition("=") for pair in pairs) if name != "PATH"}


def copied() -> list[str]:
    """What the Dockerfile copies out of the folder of the project."""
    copies = [rest.split() for _stage, instruction, rest in dockerfile() if instruction == "COPY"]
    return [source for parts in copies if not parts[0].startswith("--from") for source in parts[:-1]]


def megabytes(limit: str) -> int:
    """A memory limit."""
    assert limit.endswith("m")
    return int(limit[:-1])


def new_env() -> dict[str, str]:
    """What scripts/new-env writes."""
    done = subprocess.run([ROOT / "scripts" / "new-env"], capture_output=True, text=True, check=True)
    return env_file(done.stdout)
