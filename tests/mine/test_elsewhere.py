"""Where a name may stand: the consent at signing, given later on the own page, and taken back there."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.html import escape

from signatories.identity import consent
from signatories.models import Act, Signature, Signup
from signatories.models.act import Actor, Verb
from signatories.models.signature import State
from tests.people import post_form, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
BEFORE = "2026-11-24"
type OwnPage = Callable[[Signature], str]


def old_signer(name: str = "Aveline Ashgrove") -> Signature:
    """Somebody who signed under the version before."""
    signature = signed(name=name)
    Signature.objects.filter(pk=signature.pk).update(consent=BEFORE, shown_elsewhere=False)
    signature.refresh_from_db()
    return signature


def state(signature: Signature) -> tuple[str, bool]:
    signature.refresh_from_db()
    return signature.consent, signature.shown_elsewhere


@pytest.mark.parametrize(
    ("version", "allowed"), [("2026-11", False), (BEFORE, False), ("2026-11-28", True), ("", False), ("9999", False)]
)
def test_which_versions_let_others_show_a_name(version: str, allowed: bool) -> None:
    assert consent.allows_elsewhere(version) is allowed


def test_the_form_says_what_is_agreed_to(client: Client) -> None:
    text()
    for path in ("/", "/sign/for/"):
        page = client.get(path).content.decode()
        assert "in data and widgets that others may show" in page
        assert "I am 16 or older, or my guardian signs for me." in page
        assert f'name="consent" value="{consent.VERSION}"' in page


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"consent": "2026-11-28"}, "2026-11-28"),
        ({"consent": BEFORE}, BEFORE),  # the page stood open while the sentence was changed
        ({"text": "current"}, BEFORE),  # the page is of the release before, whose forms do not say it
        ({"text": "current", "consent": "invented"}, BEFORE),
        ({}, consent.VERSION),
    ],
)
def test_who_confirms_after_an_update_keeps_what_was_read(
    client: Client, mailbox: Catcher, sent: dict[str, str], stored: str
) -> None:
    mail = sign_up(client, mailbox, **sent | ({"text": text().sha256} if "text" in sent else {}))
    assert Signup.objects.get().consent == stored
    client.post(mail.path("confirm"))
    assert state(Signature.objects.get()) == (stored, consent.allows_elsewhere(stored))


def test_a_form_that_comes_back_shows_and_sends_the_newest(client: Client) -> None:
    text()
    page = post_form(client, name="", consent=BEFORE).content.decode()
    assert f'name="consent" value="{consent.VERSION}"' in page
    assert BEFORE not in page


def test_agreeing_and_taking_it_back(client: Client, own_page: OwnPage) -> None:
    signature = old_signer()
    own = own_page(signature)
    before = client.get(own).content.decode()
    assert escape(str(consent.SENTENCE)) in before
    assert "I agree" in before
    assert "Aveline" not in client.get("/embed/names/").content.decode()
    for _twice in range(2):
        answer = client.post(f"{own}elsewhere/", {"consent": consent.VERSION})
        assert (answer.status_code, answer["Location"]) == (303, f"{own}?saved#saved")
    assert state(signature) == (consent.VERSION, True)
    assert "Aveline" in client.get("/embed/names/").content.decode()
    page = client.get(own).content.decode()
    assert "Show my name in fewer places" in page
    assert "I agree</button>" not in page
    for _twice in range(2):
        client.post(f"{own}elsewhere/")
    assert state(signature) == (consent.VERSION, False)
    assert "Aveline" not in client.get("/embed/names/").content.decode()
    assert "Aveline" in client.get("/signatories/").content.decode()
    acts = Act.objects.filter(signature=signature, verb=Verb.CONSENT, actor=Actor.SIGNER).order_by("pk")
    changes = [(act.detail.before, act.detail.after) for act in acts]
    assert changes == [
        ({"shown_elsewhere": False, "consent": BEFORE}, {"shown_elsewhere": True, "consent": consent.VERSION}),
        ({"shown_elsewhere": True}, {"shown_elsewhere": False}),
    ]


@pytest.mark.parametrize("posted", ["", BEFORE, "invented", "9999"])
def test_what_is_no_such_consent_shows_nobody(client: Client, own_page: OwnPage, posted: str) -> None:
    signature = old_signer()
    assert client.post(f"{own_page(signature)}elsewhere/", {"consent": posted}).status_code == 303
    assert state(signature) == (BEFORE, False)
    assert not Act.objects.filter(verb=Verb.CONSENT).exists()


def test_it_takes_the_link_and_a_post(client: Client, own_page: OwnPage) -> None:
    signature = old_signer()
    assert client.get(f"{own_page(signature)}elsewhere/").status_code == 405
    assert client.post("/mine/1.invented/elsewhere/", {"consent": consent.VERSION}).status_code == 404
    assert state(signature) == (BEFORE, False)


def test_who_is_not_named_is_not_asked(client: Client, own_page: OwnPage) -> None:
    signature = old_signer()
    Signature.objects.update(named=False)
    assert b"elsewhere/" not in client.get(own_page(signature)).content


def test_who_waits_may_agree_and_is_not_shown(client: Client, own_page: OwnPage) -> None:
    signature = old_signer()
    Signature.objects.update(state=State.HELD)
    client.post(f"{own_page(signature)}elsewhere/", {"consent": consent.VERSION})
    assert state(signature) == (consent.VERSION, True)
    assert not Signature.objects.shown_elsewhere().exists()


def test_the_list_is_the_same_for_all_versions(client: Client) -> None:
    signature = old_signer(name="Old Signer")
    signed(name="New Signer", address="new@example.org")
    page = client.get("/signatories/").content.decode()
    assert "Old Signer" in page
    assert "New Signer" in page
    assert client.get(f"/signatories/{signature.number}/").status_code == 200


def test_the_own_data_tell_it(client: Client, own_page: OwnPage) -> None:
    signature = old_signer()
    told = client.get(f"{own_page(signature)}data.json").json()
    assert told["consent"].startswith(f"{BEFORE}: By signing")
    assert told["shown_elsewhere"] is False
