"""Thousands of links of unconfirmed signups."""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MANY = 4_000  # more than one round uses


@contextmanager
def to_confirm() -> Iterator[Callable[[], Path]]:
    """Yield a function that makes signups and writes a file of their links, one per line."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda: _write(Path(folder) / secrets.token_hex(4))


def _write(target: Path) -> Path:
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
    for n in range(MANY):
        said = SignerInput(name=f"Aveline {crowd} {n}", profession="singer", country="IE", named=True)
        address = f"aveline-{crowd}-{n}@gmail.com"
        services.sign(signer=said, address=address, news=False, language="en", text=text, now=timezone.now())
    made = Signup.objects.order_by("-pk").values_list("pk", "nonce")[:MANY]
    paths = [reverse("signing-confirm", args=[links.make(Purpose.CONFIRM, pk, bytes(nonce))]) for pk, nonce in made]
    target.write_text("\n".join(paths) + "\n")
    return target
