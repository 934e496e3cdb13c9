"""The checksums of an edition's files, and their Ed25519 signature (RFC 8032), anew whenever a list is ready.

They are stored, so a signature stays valid when the key is changed: the public key stands beside it.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.db.models import Max

from signatories.models import Edition, EditionFile
from signatories.models.edition import EditionState


def sign(edition: Edition) -> None:
    """Write SHA256SUMS of all files that are ready, deleted ones included, and sign it where there is a key."""
    files = EditionFile.objects.filter(part__edition=edition, part__state=EditionState.READY)
    lines = sorted(f"{file.sha256}  {file.name}\n" for file in files.select_related("part__edition"))
    edition.sums, edition.sums_signature, edition.signed_by = "".join(lines), "", ""
    if key := _signing_key():
        edition.sums_signature = base64.b64encode(key.sign(edition.sums.encode())).decode()
        edition.signed_by = _public(key)
    edition.sums_sha256 = hashlib.sha256(edition.sums.encode()).hexdigest()
    signature = base64.b64decode(edition.sums_signature)
    edition.signature_sha256 = hashlib.sha256(signature).hexdigest() if signature else ""
    edition.save(update_fields=["sums", "sums_signature", "signed_by", "sums_sha256", "signature_sha256"])


def public_keys() -> list[str]:
    """Return the public keys as PEM: the one that signs now, then those that signed older editions, newest first."""
    key = _signing_key()
    signed = Edition.objects.published().exclude(signed_by="").order_by().values("signed_by")
    older = signed.annotate(newest=Max("number")).order_by("-newest").values_list("signed_by", flat=True)
    return list(dict.fromkeys([*([_public(key)] if key else []), *older]))


def public_key(fingerprint: str) -> str:
    """Return the public key with this fingerprint as PEM; empty if none of ours has it."""
    return next((pem for pem in public_keys() if fingerprint_of(pem) == fingerprint), "")


def fingerprint_of(pem: str) -> str:
    """Return 16 digits that name a public key: `openssl pkey -pubin -in FILE -outform DER | sha256sum` begins so."""
    der = load_pem_public_key(pem.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def _signing_key() -> Ed25519PrivateKey | None:
    if not settings.SIGNING_KEY:
        return None
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(settings.SIGNING_KEY))


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
