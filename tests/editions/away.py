"""Storage that does not answer, as a bucket whose machine is away."""

from django.core.files.base import File
from django.core.files.storage import Storage
from pytest_django import Settings


class Away(Storage):
    """Whatever is asked of it fails."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        raise OSError("the storage is away")

    def exists(self, name: str) -> bool:
        raise OSError("the storage is away")


def take_away(settings: Settings) -> None:
    """From now on, in this test."""
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "tests.editions.away.Away"}}
