"""The digest of a form sent twice. The values are those stored before: a form sent before an upgrade and again after is one."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import repeats
from signatories.listing import services as listing
from signatories.mine import services as mine
from signatories.models import OutboundMail, Report, Signup
from signatories.models.outbound_mail import MailKind
from tests.people import signed

NOW = datetime(2026, 11, 28, 12, 34, 56, tzinfo=UTC)
TYPED = ("ann@example.org", "en")
SIGNER = {
    "name": "Zoë O'Brien", "profession": "singer", "named": True, "name_latin": "", "profession_other": "",
    "affiliation": "Band", "country": "NO",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.DIGEST_KEY = "a-key-of-the-tests"


def digest(kind: bytes = b"ask", typed: tuple[object, ...] = TYPED, now: datetime = NOW) -> bytes:
    return repeats.same_form_digest(kind, typed, now)


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (b"form", (SIGNER, "ann@example.org", False, "en", 7), "61d49e0d73b0815e980cfd6bd2adde8f16d2cf6d9ee7923b31abbafcf89f4295"),
        (b"ask", TYPED, "d36d2bfd5f36bcfaa854f0358c8a3e0535d1ea1cc940d3a6791db61c48f8a017"),
        (b"report", (12, "other", "Words of a reader", "ann@example.org", "en"), "cc275bc036fa4fa14c505bf65aded33528780083f9500d24a3a20912b08aa737"),
    ],
)  # fmt: skip
def test_the_digests_of_rows_stored_before_stay_as_they_are(
    kind: bytes, typed: tuple[object, ...], expected: str
) -> None:
    assert digest(kind, typed).hex() == expected


def test_within_the_window_the_same_form_is_one() -> None:
    assert digest(now=NOW + timedelta(minutes=5)) == digest()
    assert digest(now=NOW + repeats.SAME_FORM_WINDOW) != digest()
    assert digest(now=NOW.astimezone(timezone.get_fixed_timezone(330))) == digest()


def test_anything_else_is_another(settings: Settings) -> None:
    first = digest()
    assert digest(b"form") != first
    assert digest(typed=("ann@example.org", "de")) != first
    assert digest(typed=("ann@example.org", "en", "")) != first
    settings.DIGEST_KEY = "another"
    assert digest() != first


def by_hand(kind: str, *typed: object) -> bytes:
    """The digest as each form computed it by itself before."""
    values = repr((*typed, int(NOW.timestamp() // 600)))
    return hmac.digest(b"a-key-of-the-tests", kind.encode() + b"\0" + values.encode(), hashlib.sha256)


@pytest.mark.django_db
def test_each_form_stores_the_digest_it_stored_before() -> None:
    signature = signed(now=NOW, address="Una@Example.org", affiliation="Band")
    said = {"name": "Aveline Ashgrove", "profession": "singer", "named": True, "name_latin": ""}
    said |= {"profession_other": "", "affiliation": "Band", "country": ""}
    signup = Signup.objects.get()
    stored = bytes(signup.form_digest)
    assert stored == by_hand("form", said, "una@example.org", False, "en", signup.text_id)

    mine.ask(address="Una+tag@Example.org", language="fr", now=NOW)
    assert bytes(OutboundMail.objects.get(kind=MailKind.LINK).once) == by_hand("ask", "una@example.org", "fr")

    listing.report(
        number=signature.number or 0, wrong="other", words="No", address="A@Example.org", language="en", now=NOW
    )  # fmt: skip
    expected = by_hand("report", signature.number, "other", "No", "a@example.org", "en")
    assert bytes(Report.objects.get().once or b"") == expected
