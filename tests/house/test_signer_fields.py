"""A field that a signer fills in is listed once: an imaginary one, added to the list, is found where it must be."""

import csv
import dataclasses
import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import models
from django.utils import timezone

from signatories.mine import services as mine
from signatories.mine.forms import MendForm
from signatories.mine.services import SignatureUpdate
from signatories.models import OutboundMail, Signature, Signup, WatchedName, signer_fields
from signatories.models.outbound_mail import MailKind
from signatories.models.person import Person
from signatories.models.signer_fields import FIELDS, ConfirmedInput, SignerField, SignerInput
from signatories.privacy import bare, own_data, retention
from signatories.screening import holds
from signatories.signing import services
from signatories.signing.forms import ConfirmForm, PersonForm, RepresentForm, SignForm, TidyField
from tests.listed import csv_of
from tests.people import form, signed, text

TOWN = SignerField(column="town", label="Town", public=True, like_a_name=True)
# Columns of a person that are no answers to a question about them.
NOT_SAID = {
    "language", "text_id", "consent", "source", "address_sealed", "address_digest", "domain", "representative",
    "representative_role", "channel_id",
}  # fmt: skip
LISTED = [field.column for field in FIELDS]
ASKED_AT_ONCE = {field.column for field in FIELDS if not field.guessed}


@dataclass(frozen=True, kw_only=True)
class TownInput(SignerInput):
    """What a signer says where the town is asked too."""

    town: str = ""


class TownForm(SignForm):
    """The form where the town is asked too."""

    town = TidyField(required=False)


class TownPerson(Person):
    """The columns where the town is kept too."""

    town = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True


def list_town(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the field to the list."""
    monkeypatch.setattr(signer_fields, "FIELDS", (*FIELDS, TOWN))


def of_avalon[Row: (Signature, Signup)](row: Row) -> Row:
    """A row as it would be with that column."""
    setattr(row, TOWN.column, "<Avalon>")
    return row


def columns(kind: type[SignerInput]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def asked(kind: type[PersonForm]) -> set[str]:
    """The columns that a form asks for; whether the name is shown is asked as the appearance."""
    return {"named" if name == "appearance" else name for name in kind.base_fields}


def test_every_listed_field_is_a_column_and_every_column_is_listed_or_known_not_to_be_said() -> None:
    assert len(set(LISTED)) == len(LISTED)
    assert set(LISTED) <= {field.name for field in Signature._meta.concrete_fields}
    assert {field.name for field in Signup._meta.concrete_fields} >= ASKED_AT_ONCE
    assert set(Person.shared_columns()) == ASKED_AT_ONCE | NOT_SAID


def test_every_listed_field_is_asked_by_the_forms_and_taken_by_the_services() -> None:
    assert asked(SignForm) >= ASKED_AT_ONCE
    assert asked(RepresentForm) >= ASKED_AT_ONCE
    assert asked(ConfirmForm) >= set(LISTED) - {"news"}
    assert asked(MendForm) >= set(LISTED)
    assert columns(SignerInput) == ASKED_AT_ONCE - {"news"}
    assert columns(ConfirmedInput) == set(LISTED) - {"news"}
    assert columns(SignatureUpdate) == set(LISTED)


@pytest.mark.django_db
def test_what_was_said_reaches_the_signature_and_leaves_the_erased_row() -> None:
    said = SignerInput(
        name="Яна Барвинок", profession="other", named=True, name_latin="Yana Barvinok", profession_other="Harpist",
        affiliation="The Paper Lanterns", country="UA",
    )  # fmt: skip
    assert all(dataclasses.asdict(said).values()), "a field is left empty here"
    now = timezone.now()
    services.sign(signer=said, address="yana@example.org", news=True, language="en", text=text(), now=now)
    signup = Signup.objects.get()
    signature = services.confirm(signup_id=signup.pk, corrections=services.said_by(signup), now=now)
    signature.refresh_from_db()
    assert signer_fields.input_values(signature, SignerInput) == dataclasses.asdict(said)
    assert (signature.news, signature.filed_under) == (True, "Барвинок")
    mine.withdraw(signature_id=signature.pk, now=now)
    assert retention.erase(signature_id=signature.pk, now=now + timedelta(days=settings.UNDO_DAYS + 1))
    signature.refresh_from_db()
    for field in FIELDS:
        stays = said.profession if field.column == "profession" else field.erased
        assert signer_fields.plain(signature, field.column) == stays


@pytest.mark.django_db
def test_a_field_more_is_asked_copied_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    list_town(monkeypatch)
    filled = TownForm({**form(), "town": "Avalon"}, current=text())
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_as(TownInput).town == "Avalon"
    assert signer_fields.input_values(of_avalon(Signup(name="Ann")), TownInput)["town"] == "<Avalon>"
    assert set(TownPerson.shared_columns()) == {*Person.shared_columns(), "town"}
    assert bare.bare_values()["town"] == ""


@pytest.mark.django_db
def test_a_field_more_is_found_in_own_data_csv_and_screening(monkeypatch: pytest.MonkeyPatch) -> None:
    signature = of_avalon(signed())
    list_town(monkeypatch)
    assert ("town", "Town", "<Avalon>") in own_data.facts(signature)
    assert own_data.as_json(signature)["town"] == "<Avalon>"
    (row,) = csv.DictReader(io.StringIO(csv_of([signature]).decode("utf-8-sig")))
    assert row["town"] == "<Avalon>"
    WatchedName.objects.create(name="Avalon")
    assert holds.name_reasons(holds.candidate(signature)) == ["looks-like:Avalon"]


@pytest.mark.django_db
def test_the_list_says_which_change_is_told_to_the_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    signature = signed(affiliation="The Paper Lanterns")
    told = OutboundMail.objects.filter(kind=MailKind.CHANGED)
    for country, is_told, count in (("IE", False, 0), ("FR", True, 1)):
        listed = [dataclasses.replace(f, told=is_told) if f.column == "country" else f for f in FIELDS]
        monkeypatch.setattr(signer_fields, "FIELDS", tuple(listed))
        update = dataclasses.replace(mine.update_of(signature), country=country)
        assert mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
        assert told.count() == count
