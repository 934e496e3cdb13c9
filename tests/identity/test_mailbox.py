"""Addresses: which are one mailbox, which can be mailed, and that sealing keeps them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from signatories.identity import addresses, mailbox

SAME = [
    ("ann@example.org", "ANN@example.org"), ("ann@example.org", "ann@EXAMPLE.ORG"), ("ann@example.org", "ann+list@example.org"),
    ("ann@example.org", "Ann+a+b@example.org"), ("ann@example.org", " ann@example.org "), ("ann@example.org", "ann@example.org."),
    ("a.nn@gmail.com", "ann@gmail.com"), ("ann@googlemail.com", "a.n.n@gmail.com"), ("ann+x@googlemail.com", "ann@gmail.com"),
    ("ann@bücher.example", "ann@xn--bcher-kva.example"), ("ann@BÜCHER.example", "ann@bücher.example"),
    ("o'brien@example.org", "O'Brien@example.org"), ("ann@straße.example", "ann@STRASSE.example"),
    ("ann@пример.example", "ann@xn--e1afmkfd.example"), ("a_b@example.org", "A_B@example.org"),
]  # fmt: skip
DIFFERENT = [
    ("ann@example.org", "anna@example.org"), ("ann@example.org", "ann@example.com"), ("a.nn@example.org", "ann@example.org"),
    ("ann@mail.example.org", "ann@example.org"), ("ann-list@example.org", "ann@example.org"), ("ann_b@example.org", "annb@example.org"),
    ("1@example.org", "l@example.org"), ("ann@gmail.co", "ann@gmail.com"), ("ann@bucher.example", "ann@bücher.example"),
    ("+ann@example.org", "+bob@example.org"), ("ann@a.example", "ann@b.example"), ("an.n@gmail.org", "ann@gmail.org"),
    ("ann@gmail.example.org", "ann@gmail.com"), ("ann%x@example.org", "ann@example.org"), ("ann=x@example.org", "ann@example.org"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_mailbox(one: str, other: str) -> None:
    """T16."""
    assert mailbox.digest(one) == mailbox.digest(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_mailboxes(one: str, other: str) -> None:
    assert mailbox.digest(one) != mailbox.digest(other)


def test_mail_goes_to_the_address_as_typed() -> None:
    assert addresses.check(" Ann.O'Brien+News@Bücher.example ") == "Ann.O'Brien+News@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "typed",
    [
        "ann", "ann@", "@example.org", "ann@example", "a b@example.org", "ann@exam ple.org", '"a b"@example.org', "änn@example.org",
        "ann@example.org\r\nBcc: bob@example.org", "ann@example.org,bob@example.org",
        "ann@localhost", "ann@[127.0.0.1]", "ann@[IPv6:::1]", "ann@127.0.0.1", "a..b@example.org", "ab.@example.org", ".a@docomo.ne.jp",
        "Ann <ann@example.org> Bob <bob@example.org>", "mailto:", "<>", f"{'a' * 65}@example.org",
        f"ann@{'a' * 64}.org", f"ann@{'a.' * 130}org", "ann@..org", "ann@xn--\ufffd.org", "ann@example.org\0", "a\0nn@example.org", "ann\x07@example.org", "ann@\ud800.org", "",
    ],
)  # fmt: skip
def test_unusable_addresses_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        addresses.check(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "\u202aorla@example.org\u202c", "orla@exam\u200bple.org", "orla＠example.org", "orla@example.org.", "orla@example.org;",
        "Orla Fen <orla@example.org>", "mailto:orla@example.org", "MAILTO:orla@example.org?subject=Hello", "orla @example.org",
        "orla@ example.org", "<orla@example.org>", "orla@example．org", "orla@example。org", "\ufefforla@example.org\u00a0",
        "ｏｒｌａ@example.org", "orla@exam\u00adple.org", "Orla Fen <mailto:orla@example.org>,", "orla@example.org ,",
    ],
)  # fmt: skip
def test_what_nobody_sees_or_means_is_left_out(typed: str) -> None:
    assert addresses.check(typed) == "orla@example.org"


@pytest.mark.parametrize("typed", ["a..b@docomo.ne.jp", "ab.@docomo.ne.jp", "a...b..@ezweb.ne.jp", "a.-.b@au.com"])
def test_addresses_that_carriers_of_japan_gave_out_are_taken(typed: str) -> None:
    assert addresses.check(typed) == typed


@given(st.text(max_size=400))
def test_any_text_is_checked_without_a_crash(typed: str) -> None:
    try:
        checked = addresses.check(typed)
    except ValidationError:
        return
    assert len(mailbox.digest(checked)) == 32
    assert mailbox.unseal(mailbox.seal(checked)) == checked


def test_sealed_addresses_do_not_show() -> None:
    sealed = mailbox.seal("marker@example.org")
    assert b"marker" not in sealed
    assert mailbox.seal("marker@example.org") != sealed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ann@gamil.com", "ann@gmail.com"), ("Ann.O@GMIAL.COM", "Ann.O@gmail.com"), ("ann@hotmial.com", "ann@hotmail.com"),
        ("ann@gmail.co", "ann@gmail.com"), ("ann@outlok.com", "ann@outlook.com"), ("ann@icloud.con", "ann@icloud.com"),
        ("ann@gmail.com", ""), ("ann@gmx.at", ""), ("ann@ymail.com", ""), ("ann@mail.com", ""), ("ann@example.org", ""), ("", ""), ("@", ""),
    ],
)  # fmt: skip
def test_a_slip_in_a_large_providers_name_is_noticed(typed: str, meant: str) -> None:
    assert addresses.meant(typed) == meant
