"""Builds an edition in the test's own process, and reads what the site sends."""

from typing import Any

from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import EditionState


def body(response: Any) -> bytes:
    """The bytes of an answer, streamed or not."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


def build() -> Edition:
    """An edition, built as the worker builds it."""
    editions.ask()
    edition = editions.build_waiting()
    assert edition
    assert edition.state == EditionState.READY, edition.error
    return edition
