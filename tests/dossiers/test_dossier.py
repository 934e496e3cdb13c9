"""The dossier of a watched name: contacts, enquiries and proofs, seen by who decides and by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk.dossiers import services
from signatories.models import Act, DossierContact, DossierEnquiry, DossierProof, WatchedName
from signatories.models.organizer import Role
from tests.dossiers.moonwright import NAME, PRIVATE, WORDS, browser_of, proof, waiting, watched
from tests.people import organizer

pytestmark = pytest.mark.django_db
FOUND = f"{PRIVATE}: the printed handbook, page 12"
CONTACT = {"kind": "agent", "contact": f"{PRIVATE} Agency, +44 20 7946 0018", "found_at": FOUND}


def at(part: str = "", name: str = NAME) -> str:
    return f"/desk/dossiers/{watched(name).pk}/{part}"


def enquiry(**changes: Any) -> dict[str, Any]:
    moment = timezone.now() - timedelta(hours=2)
    filled = {"contact": "", "asked_at": f"{moment:%Y-%m-%dT%H:%M}", "asked": f"{PRIVATE}: did he sign?", "answer": ""}
    return filled | changes


def test_it_is_linked_from_the_watched_list_and_from_who_waits(desk: Client) -> None:
    signature = waiting()
    for page in ("/desk/settings/watched/", f"/desk/settings/watched/{watched().pk}/"):
        assert at() in desk.get(page).content.decode()
    verify = f"/desk/signatures/{signature.pk}/verify/"
    assert verify in desk.get("/desk/queue/").content.decode()
    assert verify in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert at() in desk.get(verify).content.decode()
    assert verify in desk.get(at()).content.decode()


def test_contacts_enquiries_and_proofs(desk: Client, olga: AbstractBaseUser) -> None:
    assert desk.post(at("contacts/"), CONTACT).status_code == 303
    contact = DossierContact.objects.get()
    assert desk.post(at("enquiries/"), enquiry(contact=contact.pk)).status_code == 303
    asked = DossierEnquiry.objects.get()
    assert (asked.contact, asked.answer, asked.answered_at, asked.organizer_id) == (contact, "", None, olga.pk)
    answer = f"{PRIVATE}: yes, yesterday."
    assert desk.post(at(f"enquiries/{asked.pk}/answer/"), {"answer": answer}).status_code == 303
    assert desk.post(at("proofs/"), {"kind": "call", "words": WORDS}).status_code == 303
    page = desk.get(at()).content.decode()
    for words in (CONTACT["contact"], FOUND, "did he sign?", answer, WORDS, "Video call"):
        assert words in page
    asked.refresh_from_db()
    assert asked.answered_at


def test_each_act_is_in_the_trail_and_repeats_nothing(desk: Client) -> None:
    desk.post(at("contacts/"), CONTACT)
    contact = DossierContact.objects.get()
    desk.post(at("enquiries/"), enquiry(contact=contact.pk))
    desk.post(at(f"enquiries/{DossierEnquiry.objects.get().pk}/answer/"), {"answer": PRIVATE})
    desk.post(at("proofs/"), {"kind": "met", "words": WORDS})
    desk.post(at(f"contacts/{contact.pk}/remove/"))
    acts = list(Act.objects.of_the_desk().order_by("pk"))
    assert len(acts) == 5
    for act in acts:
        assert act.about == f"watched name {watched().pk}"
        assert PRIVATE not in act.reason and NAME not in act.reason
    assert PRIVATE not in desk.get("/desk/trail/").content.decode()


def test_an_answer_is_not_written_over(desk: Client) -> None:
    desk.post(at("enquiries/"), enquiry(answer="No."))
    asked = DossierEnquiry.objects.get()
    again = desk.post(at(f"enquiries/{asked.pk}/answer/"), {"answer": "Yes."}, follow=True)
    assert "Nothing was changed" in again.content.decode()
    asked.refresh_from_db()
    assert asked.answer == "No."


def test_a_removed_contact_leaves_its_enquiries(desk: Client) -> None:
    desk.post(at("contacts/"), CONTACT)
    contact = DossierContact.objects.get()
    desk.post(at("enquiries/"), enquiry(contact=contact.pk))
    assert desk.post(at(f"contacts/{contact.pk}/remove/")).status_code == 303
    assert not DossierContact.objects.exists()
    assert "did he sign?" in desk.get(at()).content.decode()
    assert "Nothing was changed" in desk.post(at(f"contacts/{contact.pk}/remove/"), follow=True).content.decode()


def test_the_same_contact_is_noted_once(desk: Client) -> None:
    desk.post(at("contacts/"), CONTACT)
    assert "Nothing was changed" in desk.post(at("contacts/"), CONTACT, follow=True).content.decode()
    assert DossierContact.objects.count() == 1 and Act.objects.of_the_desk().count() == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("contacts/", CONTACT | {"kind": "friend"}),
        ("contacts/", CONTACT | {"contact": " "}),
        ("contacts/", CONTACT | {"found_at": ""}),
        ("contacts/", CONTACT | {"contact": "x" * 301}),
        ("contacts/", CONTACT | {"contact": "a\0b"}),
        ("contacts/", CONTACT | {"contact": "<b>"}),
        ("enquiries/", enquiry(asked="")),
        ("enquiries/", enquiry(asked_at="")),
        ("enquiries/", enquiry(asked_at="yesterday")),
        ("enquiries/", enquiry(asked_at="9999-12-31T23:59")),
        ("enquiries/", enquiry(asked_at="0001-01-01T00:00")),
        ("enquiries/", enquiry(contact="1")),
        ("enquiries/", enquiry(contact="x")),
        ("proofs/", {"kind": "call", "words": ""}),
        ("proofs/", {"kind": "rumour", "words": WORDS}),
        ("proofs/", {"kind": "call", "words": "x" * 2001}),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(desk: Client, part: str, said: dict[str, Any]) -> None:
    answer = desk.post(at(part), said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    for value in said.values():
        if str(value).startswith(PRIVATE) and "\0" not in value:
            assert value in page
    counts = [model.objects.count() for model in (DossierContact, DossierEnquiry, DossierProof)]
    assert counts == [0, 0, 0] and not Act.objects.exists()


def test_an_empty_answer_is_told_beside_its_enquiry(desk: Client) -> None:
    desk.post(at("enquiries/"), enquiry())
    asked = DossierEnquiry.objects.get()
    answer = desk.post(at(f"enquiries/{asked.pk}/answer/"), {"answer": " "})
    assert answer.status_code == 422
    assert f'aria-describedby="answer-error-{asked.pk}"' in answer.content.decode()
    assert DossierEnquiry.objects.get().answered_at is None


def test_rows_of_another_dossier_are_not_reached(desk: Client, olga: AbstractBaseUser) -> None:
    desk.post(at("contacts/"), CONTACT)
    desk.post(at("enquiries/"), enquiry())
    contact, asked = DossierContact.objects.get(), DossierEnquiry.objects.get()
    other = "Wilma Fernhill"
    desk.post(at(f"contacts/{contact.pk}/remove/", other))
    desk.post(at(f"enquiries/{asked.pk}/answer/", other), {"answer": "No."})
    assert desk.post(at("enquiries/", other), enquiry(contact=contact.pk)).status_code == 422
    assert DossierContact.objects.count() == 1
    assert DossierEnquiry.objects.get().answer == ""


def test_a_dossier_has_its_bound(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 2)
    for n in range(3):
        answer = desk.post(at("contacts/"), CONTACT | {"contact": f"number {n}"})
    assert answer.status_code == 422 and "the most that are possible" in answer.content.decode()
    assert DossierContact.objects.count() == 2


@pytest.mark.parametrize("role", list(Role))
def test_only_who_decides_sees_it(role: Role, olga: AbstractBaseUser) -> None:
    proof(olga)
    browser = browser_of(organizer("vera", role=role))
    answer = browser.get(at())
    allowed = role in (Role.MODERATOR, Role.ADMINISTRATOR)
    assert (answer.status_code, PRIVATE in answer.content.decode()) == ((200, True) if allowed else (403, False))


def test_it_goes_with_its_name(desk: Client, olga: AbstractBaseUser) -> None:
    proof(olga)
    desk.post(at("contacts/"), CONTACT)
    desk.post(f"/desk/settings/watched/{watched().pk}/remove/")
    assert not WatchedName.objects.exists()
    assert not DossierProof.objects.exists() and not DossierContact.objects.exists()
