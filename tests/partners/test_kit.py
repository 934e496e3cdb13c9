"""What a partner sends and prints by itself: mail, link, QR code, hand-out, poster."""

from pathlib import Path

import page
import pytest
import resvg_py
import zxingcpp
from django.conf import settings
from django.test import Client
from PIL import Image

from declaration.models import forget_current
from signatories.editions import render
from signatories.models import PartnerSheet
from signatories.partners import kit
from tests.desk import texts
from tests.editions.building import text_of
from tests.partners.partners import channel, officer, partner
from tests.people import enter, organizer, text

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_mail_says_who_keeps_the_list_and_that_nobody_was_told_an_address() -> None:
    declared = text()
    found = kit.of_partner(partner(), "en")
    assert found
    assert found.subject == declared.title
    assert "Union of Stage Hands supports it" in found.body
    assert f"{settings.SITE_URL}/with/stage-hands/\n" in found.body
    assert "We have given your address to nobody" in found.body
    neutral = kit.of_partner(partner("Label of Lanterns", "lanterns", stance="collects"), "fr")
    assert neutral
    assert "/fr/with/lanterns/" in neutral.body
    assert "Label of Lanterns" in neutral.body


def test_before_there_is_a_text_there_is_no_kit() -> None:
    assert kit.of_partner(partner(), "en") is None
    assert "There is no text to sign yet." in officer(partner("Other", "other")).get("/partner/").content.decode()


def test_the_code_leads_to_the_link(tmp_path: Path) -> None:
    text()
    made = partner()
    answer = officer(made).get(f"/partner/channels/{channel(made).pk}/code.svg?language=fr")
    assert answer["Content-Type"] == "image/svg+xml"
    picture = tmp_path / "code.png"
    picture.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=answer.content.decode())))
    (read,) = zxingcpp.read_barcodes(Image.open(picture))
    assert read.text.endswith("/fr/with/stage-hands/?by=newsletter")


@pytest.mark.parametrize("kind", ["handout", "poster"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_sheet_is_asked_for_made_and_sent(tmp_path: Path, kind: str, language: str) -> None:
    declared = text()
    made = partner(sentence={"en": "Our hands set the stage.", "fr": "Nos mains font la scène."})
    browser, link = officer(made), channel(made)
    asked = browser.post(f"/partner/channels/{link.pk}/{kind}/", {"language": language})
    assert asked["Location"] == f"/partner/?language={language}#kit"
    row = PartnerSheet.objects.get()
    path = f"/partner/sheets/{row.pk}.pdf"
    assert browser.get(path).status_code == 404
    assert kit.make_waiting() == 1
    assert kit.make_waiting() == 0
    answer = browser.get(path)
    assert answer["Content-Disposition"] == f'attachment; filename="stage-hands-newsletter-{kind}-{language}.pdf"'
    file = tmp_path / "sheet.pdf"
    file.write_bytes(answer.content)
    words = text_of(file)
    assert "stage-hands/?by=newsletter" in words
    assert declared.title.split()[0] in words if language == "en" else "/fr/with/" in words
    report = page.validate_pdf(file, profile="ua1")
    assert report.is_compliant, report
    assert path in browser.get(f"/partner/?language={language}").content.decode()


def test_at_the_desk_the_same(tmp_path: Path) -> None:
    text()
    made = partner()
    desk, link = enter(Client(), organizer("olga")), channel(made, "")
    desk.post(f"/desk/partners/{made.pk}/channels/{link.pk}/poster/", {"language": "en"})
    kit.make_waiting()
    row = PartnerSheet.objects.get()
    assert desk.get(f"/desk/partners/{made.pk}/sheets/{row.pk}.pdf").content.startswith(b"%PDF")
    assert desk.get(f"/desk/partners/{made.pk + 999}/sheets/{row.pk}.pdf").status_code == 404


def test_a_sheet_of_an_older_text_is_offered_no_more() -> None:
    text()
    made = partner()
    browser, link = officer(made), channel(made)
    browser.post(f"/partner/channels/{link.pk}/poster/", {"language": "en"})
    kit.make_waiting()
    desk = enter(Client(), organizer("olga"))
    texts.draft(desk)
    texts.publish(desk, 2)
    forget_current()
    page_ = browser.get("/partner/").content.decode()
    assert f"/partner/sheets/{PartnerSheet.objects.get().pk}.pdf" not in page_
    browser.post(f"/partner/channels/{link.pk}/poster/", {"language": "en"})
    assert PartnerSheet.objects.get().pdf == b""


def test_what_cannot_be_made_is_said_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    made = partner()
    browser, link = officer(made), channel(made)
    with monkeypatch.context() as broken:
        broken.setattr(render, "SECONDS_A_SHEET", 0.001)
        browser.post(f"/partner/channels/{link.pk}/poster/", {"language": "en"})
        assert kit.make_waiting() == 1
    assert "it could not be made" in browser.get("/partner/").content.decode()
    browser.post(f"/partner/channels/{link.pk}/poster/", {"language": "en"})
    assert kit.make_waiting() == 1
    assert PartnerSheet.objects.get().failed == ""
