"""A partner hands a file over: read, mapped, checked row by row, proved, tested, and asked about."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from declaration.web import uploads
from signatories.gathering import preparing, reading, services
from signatories.gathering.file_reader import MOST_BYTES
from signatories.gathering.own_views import LARGEST_FORM
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import GatheredBatch, Invitee, Signature, Signup, StoppedMailbox
from signatories.models.profession import profession_code
from tests.gathering.gathering import (
    approved,
    checked,
    gathering_partner,
    members,
    people,
    proof,
    send_all,
    signing_form,
    table,
    upload,
)
from tests.partners.partners import officer, partner
from tests.people import post_form, read_mail, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = "otto@union.example"
FRENCH = {"accept-language": "fr"}


@pytest.fixture
def browser() -> Client:
    text()
    return officer(gathering_partner())


def test_a_partner_without_a_grant_reads_whom_to_ask() -> None:
    own = officer(partner())
    answer = own.get("/partner/names/")
    assert answer.status_code == 403
    assert "with a contract" in answer.content.decode()
    assert own.post("/partner/names/", {"file": SimpleUploadedFile("a.csv", b"x"), "language": "en"}).status_code == 403
    assert not GatheredBatch.objects.exists()


def test_the_columns_are_guessed_and_shown_with_their_first_rows(browser: Client) -> None:
    rows = [("Wilma Fernhill", "wilma@union.example", "IE"), ("Bram Oake", "bram@union.example", "FR")]
    batch = upload(browser, table(rows, ("Nom complet", "Courriel", "Pays")))
    assert batch.columns == {"name": 0, "address": 1, "country": 2}
    page = browser.get(f"/partner/names/{batch.pk}/").content.decode()
    assert "Wilma Fernhill" in page and "Courriel" in page
    wrong = browser.post(f"/partner/names/{batch.pk}/columns/", {"name": "0", "address": "0"})
    assert wrong.status_code == 422
    assert "one thing only" in wrong.content.decode()
    missing = browser.post(f"/partner/names/{batch.pk}/columns/", {"name": "0"})
    assert "Please choose the column." in missing.content.decode()


def test_each_row_has_a_verdict_and_a_reason(browser: Client) -> None:
    rows = [
        ("Wilma Fernhill", "wilma@union.example", "Chanteur", "fr"),  # 2
        ("BRAM OAKE", "bram@union.example", "", "de"),  # 3: capitals, a language we do not have
        ("Wilma Fernhill", "other@union.example", "Lantern maker", ""),  # 4: the same name
        ("Wilma F.", "WILMA+news@union.example", "", ""),  # 5: the same mailbox
        ("", "nobody@union.example", "", ""),  # 6
        ("Pia Reed", "no address", "", ""),  # 7
        ("<b>Pia</b>", "pia@union.example", "", ""),  # 8
        ("Pia Reed", "", "", ""),  # 9
        ("Pia Reed", "info@union.example", "", ""),  # 10
        ("Reed, Pia", "pia@gmial.com", "", ""),  # 11
    ]
    batch = checked(browser, table(rows))
    found = {line: (row.verdict, row.why) for line, row in people(batch).items()}
    assert found == {
        2: ("taken", ""),
        3: ("look", "capitals language"),
        4: ("look", "same_name"),
        5: ("twice", "twice"),
        6: ("refused", "no_name"),
        7: ("refused", "address"),
        8: ("refused", "name"),
        9: ("refused", "no_address"),
        10: ("look", "office"),
        11: ("look", "comma unmailed typing"),
    }
    first, other = people(batch)[2], people(batch)[4]
    assert (first.profession, first.language) == ("singer", "fr")
    assert (other.profession, other.profession_other) == ("other", "Lantern maker")
    assert people(batch)[6].name == people(batch)[7].name == ""  # of what is refused nothing is kept
    page = browser.get(f"/partner/names/{batch.pk}/?show=refused").content.decode()
    assert "Mail cannot be sent to this address." in page and "same name" not in page


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("singer", "singer"), ("SINGER", "singer"), ("Chanteur", "singer"), ("chanteuse", "singer"),
        ("Chanteur·se", "singer"), ("autrice", "author"), ("Musicienne", "musician"), ("visual artist", "visual_artist"),
        ("lantern maker", None), ("", None),
    ],
)  # fmt: skip
def test_a_profession_is_known_by_its_word_in_each_language(said: str, code: str | None) -> None:
    assert profession_code(said) == code


def test_the_check_never_depends_on_who_has_signed(browser: Client, client: Client, mailbox: Catcher) -> None:
    """Some sign, want no mail, or say no between two times the same file: to the last byte the partner reads the same."""
    odd = [
        ("", "x@union.example", "", ""),
        ("ANN ASH", "m3@union.example", "", ""),
        ("Pia, Reed", "p@gmial.com", "", ""),
    ]
    content = table([*members(120), *odd])
    before = checked(browser, content)
    for n in range(10):
        signed(address=f"m{n}@union.example", name=f"Member Number{n:04} Ash")
    gone = signed(address="m10@union.example", name="Member Number0010 Ash")
    mine.withdraw(signature_id=gone.pk, now=timezone.now())
    post_form(client, email="m11@union.example", name="Member Number0011 Ash")
    client.post(read_mail(mailbox, "m11@union.example").path("stop"))
    approved(gathering_partner("Label of Lanterns", "lanterns"), table(members(13)[12:]))
    send_all()
    client.post(mailbox.of("m12@union.example")[0].path("invited") + "no/")
    after = checked(browser, content)
    GatheredBatch.objects.update(created_at=timezone.now())  # the page tells the minute
    assert verdicts(before) == verdicts(after)
    assert services.verdicts(before) == services.verdicts(after)
    seen = [shown(browser, batch, f"?page={n}") for batch in (before, after) for n in (1, 2, 3)]
    assert seen[:3] == seen[3:]
    assert all("Member Number" in page for page in seen) and len(set(seen)) == 3
    for which in ("taken", "look", "twice", "refused", "left_out"):
        assert shown(browser, before, f"?show={which}") == shown(browser, after, f"?show={which}")


def shown(browser: Client, batch: GatheredBatch, query: str = "") -> str:
    """The whole page of a batch, without what tells two equal files apart: their numbers, those of rows, the token."""
    page = browser.get(f"/partner/names/{batch.pk}/{query}").content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "token", page)
    page = re.sub(r"/rows/[0-9]+/", "/rows/n/", page)
    assert page.rstrip().endswith("</html>")
    return page.replace(f"/{batch.pk}/", "/n/").replace(f"File {batch.pk}", "File n")


def verdicts(batch: GatheredBatch) -> list[tuple[object, ...]]:
    """All that a row is told by."""
    rows = Invitee.objects.filter(batch=batch).order_by("line")
    return list(rows.values_list("line", "verdict", "why", "left_out", "name", "language", "asked_at", "answer"))


def test_people_are_left_out_and_taken_in(browser: Client) -> None:
    batch = checked(browser, table(members(3)))
    row = people(batch)[3]
    path = f"/partner/names/{batch.pk}/rows/{row.pk}/"
    browser.post(path)
    assert people(batch)[3].left_out
    assert services.verdicts(batch)["left_out"] == 1
    browser.post(path, {"in": "1"})
    assert not people(batch)[3].left_out


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"asked_in": "Yes, you may write to me."}, "do not name"),
        ({"asked_in": f"Yes, {settings.OPERATOR_NAME} may write to me."}, "do not say that it is by e-mail"),
        ({"asked_in": ""}, "Please copy the words"),
        ({"asked_by": ""}, "Please say who"),
        ({"asked_on": ""}, "Please say when"),
        ({"asked_where": ""}, "Please say where"),
        ({"agreed": ""}, "no invitation can be sent"),
        ({"specimen": SimpleUploadedFile("form.pdf", b"MZ a program")}, "This is no PDF"),
        ({"specimen": SimpleUploadedFile("form.svg", b"<svg onload='x'/>")}, "This is no PDF"),
        ({"specimen": SimpleUploadedFile("form.pdf", b"%PDF-" + b"x" * 200_001)}, "At most 200 KB"),
        ({"specimen": ""}, "Please choose a file."),
    ],
)
def test_without_a_whole_proof_nothing_is_saved(browser: Client, changes: dict[str, object], wrong: str) -> None:
    batch = checked(browser, table(members(2)))
    answer = browser.post(f"/partner/names/{batch.pk}/proof/", proof(**changes))
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    batch.refresh_from_db()
    assert batch.asked_in == ""


def test_the_organizers_are_asked_only_with_proof_and_after_a_look_at_the_test(
    browser: Client, mailbox: Catcher
) -> None:
    batch = checked(browser, table(members(2)))
    path = f"/partner/names/{batch.pk}/"

    def state() -> str:
        batch.refresh_from_db()
        return batch.state

    browser.post(f"{path}ask/")
    assert state() == "open"
    browser.post(f"{path}proof/", proof())
    browser.post(f"{path}test/")
    browser.post(f"{path}looked/")
    browser.post(f"{path}ask/")
    assert state() == "open"  # the test had not been sent yet
    outbox.drain()
    mails = mailbox.of(OFFICER)
    assert len(mails) == 2  # in both languages of the file
    assert "Wilma Fernhill" in mails[0].text and "Member" not in mails[0].text
    assert "This is a test" in mails[0].text
    browser.post(f"{path}looked/")
    browser.post(f"{path}ask/")
    assert state() == "asked"
    assert (batch.file, batch.sample) == (b"", b"")
    browser.post(f"{path}rows/{people(batch)[2].pk}/")
    assert not people(batch)[2].left_out  # too late
    assert browser.get(path).status_code == 200


def test_the_page_of_the_test_takes_no_answer(browser: Client, mailbox: Catcher, client: Client) -> None:
    batch = checked(browser, table(members(1)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    path = mailbox.of(OFFICER)[0].path("invited")
    assert "This is a test" in client.get(path).content.decode()
    assert Invitee.objects.get(is_test=True).answer == ""


@pytest.mark.parametrize(
    ("press", "sent", "read"),
    [
        ("", signing_form(), ("after “Sign”", "You have signed. Thank you.")),
        ("no/", {}, ("after “No, thank you”", "We do not ask you again")),
        ("no/", {"never": "1"}, ("after “I never agreed to be asked”", "We do not ask you again", "pauses by itself")),
    ],
)
def test_each_button_of_the_test_says_what_the_person_would_read(
    browser: Client, mailbox: Catcher, client: Client, press: str, sent: dict[str, str], read: tuple[str, ...]
) -> None:
    batch = checked(browser, table(members(1)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    answer = client.post(mailbox.of(OFFICER)[0].path("invited") + press, sent)
    assert answer.status_code == 200
    said = answer.content.decode().partition("<h1>")[2]
    for words in ("Nothing was signed and nothing is kept", f'href="/partner/names/{batch.pk}/"', *read):
        assert words in said
    assert "signer" not in said and "desk" not in said
    assert Invitee.objects.get(is_test=True).answer == ""
    assert not (Signup.objects.exists() or Signature.objects.exists() or StoppedMailbox.objects.exists())


def test_rows_that_were_checked_anew_want_a_new_test(browser: Client, mailbox: Catcher) -> None:
    batch = checked(browser, table(members(2)))
    browser.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    browser.post(f"/partner/names/{batch.pk}/looked/")
    browser.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    preparing.work()
    batch.refresh_from_db()
    assert (batch.state, batch.looked_at) == ("open", None)


def test_a_file_that_cannot_be_read_says_why_and_is_gone(browser: Client) -> None:
    batch = upload(browser, b"%PDF-1.4 no table")
    assert batch.state == "failed"
    assert batch.file == b""
    assert "This is no CSV" in browser.get(f"/partner/names/{batch.pk}/").content.decode()


def test_why_a_file_cannot_be_read_is_told_in_the_language_of_whoever_reads_it(
    browser: Client, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = upload(browser, b'Name,E-mail\nAda,a@b.example\nBram "\n"x,y')
    line = re.search(r"line ([0-9]+)", browser.get(f"/partner/names/{refused.pk}/").content.decode())
    assert line and line[0] in desk.get(f"/desk/partners/{refused.partner_id}/names/{refused.pk}/").content.decode()
    french = browser.get(f"/partner/names/{refused.pk}/", headers=FRENCH).content.decode()
    assert f"ligne {line[1]}" in french and "quotation" not in french
    monkeypatch.setattr(reading, "packed", lambda _content: 1 / 0)
    broken = upload(browser, table(members(1)), language="fr")
    assert "The file could not be read." in browser.get(f"/partner/names/{broken.pk}/").content.decode()
    assert "n’a pas pu être lu." in browser.get(f"/partner/names/{broken.pk}/", headers=FRENCH).content.decode()
    GatheredBatch.objects.filter(pk=broken.pk).update(error="Words of an older row: shown as they are.")
    assert "Words of an older row" in browser.get(f"/partner/names/{broken.pk}/", headers=FRENCH).content.decode()


def test_verdicts_and_reasons_are_told_in_the_language_of_whoever_reads_them(browser: Client) -> None:
    batch = checked(browser, table([("Pia Reed", "no address", "", ""), ("BRAM OAKE", "b@union.example", "", "")]))
    french = browser.get(f"/partner/names/{batch.pk}/", headers=FRENCH).content.decode()
    assert "Aucun courriel ne peut être envoyé à cette adresse." in french and "refusé" in french
    assert "capitals" not in french and "cannot be sent" not in french


def test_an_empty_or_missing_file_is_refused_at_once(browser: Client) -> None:
    for sent in ({}, {"file": SimpleUploadedFile("a.csv", b"")}):
        answer = browser.post("/partner/names/", sent | {"language": "en"})
        assert answer.status_code == 422
    assert not GatheredBatch.objects.exists()


def test_a_file_may_be_larger_than_a_form_and_not_larger_than_two_megabytes(browser: Client) -> None:
    padded = [(name, address, "x" * 400, "en") for name, address, *_more in members(2500)]
    assert 1_000_000 < len(table(padded)) < MOST_BYTES
    assert checked(browser, table(padded)).state == "open"
    for size in (MOST_BYTES + 1, LARGEST_FORM):
        answer = browser.post("/partner/names/", {"file": SimpleUploadedFile("a.csv", b"x" * size), "language": "en"})
        told = answer.content.decode() + browser.get("/partner/names/").content.decode()
        assert "2 MB" in told.split("<h1>")[1]
    assert GatheredBatch.objects.count() == 1


def test_one_file_is_read_at_a_time_and_only_with_the_token(browser: Client) -> None:
    file = {"file": SimpleUploadedFile("a.csv", table(members(1))), "language": "en"}
    with uploads.one_upload:
        assert browser.post("/partner/names/", file).status_code == 303
    assert "Another file is being read" in browser.get("/partner/names/").content.decode()
    browser.handler.enforce_csrf_checks = True
    assert browser.post("/partner/names/", file).status_code == 403
    assert not GatheredBatch.objects.exists()


def test_no_more_than_ten_files_wait(browser: Client) -> None:
    for _ in range(services.MOST_OPEN):
        upload(browser, table(members(1)))
    file = SimpleUploadedFile("a.csv", table(members(1)))
    answer = browser.post("/partner/names/", {"file": file, "language": "en"})
    assert answer.status_code == 422
    assert "10 files" in answer.content.decode()


def test_the_template_can_be_handed_over_as_it_is(browser: Client) -> None:
    content = browser.get("/partner/names/template.csv").content
    batch = checked(browser, content)
    assert [row.verdict for row in people(batch).values()] == ["taken"]


def test_names_and_addresses_are_sealed_until_they_are_checked(browser: Client) -> None:
    batch = upload(browser, table(members(1)))
    stored = b"".join(bytes(part) for part in (batch.file, batch.sample))
    assert b"m0@union" not in stored and b"Number0000" not in stored


def test_the_file_of_the_handbook_says_what_the_handbook_says(browser: Client) -> None:
    """docs/gathered-names/members.csv, which is there to be tried with the demo."""
    batch = checked(browser, (Path(__file__).parents[2] / "docs/gathered-names/members.csv").read_bytes())
    # The first reason alone: which languages are known is said by the site.
    found = {row.line: (row.verdict, row.why.partition(" ")[0]) for row in people(batch).values()}
    assert found == {
        2: ("taken", ""),
        3: ("taken", ""),
        4: ("taken", ""),
        5: ("taken", ""),
        6: ("taken", ""),
        7: ("taken", ""),
        8: ("look", "capitals"),
        9: ("look", "comma"),
        10: ("look", "same_name"),
        11: ("twice", "twice"),
        12: ("look", "office"),
        13: ("look", "typing"),
        14: ("refused", "no_name"),
        15: ("refused", "address"),
        16: ("refused", "name"),
    }
    told = (Path(__file__).parents[2] / "docs/organizers.md").read_text()
    words = {one: len([row for row in people(batch).values() if row.verdict == one]) for one in ("taken", "look")}
    assert f"{words['taken']} of its 15 rows are taken, {words['look']} need a look" in " ".join(told.split())
