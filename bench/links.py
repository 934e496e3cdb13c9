"""Thousands of links of unconfirmed signups."""

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MANY = 4_000  # more than one round uses


@contextmanager
def to_confirm() -> Iterator[Callable[[], Path]]:
    """Yield a function that makes signups and writes a file of their links, one per line."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda: _write(Path(folder) / secrets.token_hex(4))


def _write(target: Path) -> Path:
    crowd = secrets.token_hex(3)
    target.write_text("\n".join(paths([f"Aveline {crowd} {n}" for n in range(MANY)])) + "\n")
    return target


def paths(names: Sequence[str], affiliation: str = "") -> list[str]:
    """Make a signup for each name; returns the paths of their links."""
    from django.urls import reverse
    from django.utils import timezone

    from declaration.models import Text
    from signatories.identity import links
    from signatories.identity.links import Purpose
    from signatories.models import Signup
    from signatories.models.signer_fields import SignerInput
    from signatories.signing import services

    text, crowd = Text.current("en"), secrets.token_hex(3)
    assert text
    for n, name in enumerate(names):
        said = SignerInput(name=name, profession="singer", country="IE", named=True, affiliation=affiliation)
        address = f"aveline-{crowd}-{n}@gmail.com"
        services.sign(signer=said, address=address, news=False, language="en", text=text, now=timezone.now())
    made = Signup.objects.order_by("-pk").values_list("pk", "nonce")[: len(names)]
    return [reverse("signing-confirm", args=[links.make(Purpose.CONFIRM, pk, bytes(nonce))]) for pk, nonce in made]
