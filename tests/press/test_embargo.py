"""The embargo: strangers find nothing before its end, invited press sees it marked, one switch releases it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import Text, forget_current
from signatories.mail import outbox
from signatories.models import Act, Edition, Embargo, PressAccount, Signature
from signatories.models.embargo import forget_embargo
from signatories.operations.static_export import ExportRefused, export
from signatories.press import embargo
from tests.editions.building import body, text_of
from tests.people import ADDRESS, organizer, read_mail, sign_up, text
from tests.press.early import hide, let_in, prepared
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
HIDDEN = (
    "/signatories/", "/signatories/?letter=V", "/signatories/{number}/", "/press/", "/press/cite.txt", "/press/latest.pdf",
    "/press/latest.csv", "/press/editions/", "/press/editions/1/", "/press/editions/1/signatories.json",
    "/press/editions/1/SHA256SUMS", "/press/editions/feed/", "/press/plots/curve.svg", "/press/plots/fields.png",
    "/press/verification/", "/press/sample/?size=5&seed=x", "/press/verify/", "/press/presence/", "/corrections/",
    "/corrections/feed/", "/api/v1/count", "/api/v1/corrections", "/fr/signatories/", "/fr/press/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0


def test_a_stranger_finds_nothing_and_every_answer_is_the_same(client: Client) -> None:
    signature = prepared()
    for path in HIDDEN:
        answer = client.get(path.format(number=signature.number))
        assert answer.status_code == 404, path
        assert "no-store" in answer["Cache-Control"], path
        assert "Vance" not in answer.content.decode()
    there = client.get(f"/signatories/{signature.number}/").content.decode()
    assert there == client.get("/signatories/999999999/").content.decode().replace("999999999", str(signature.number))
    home = client.get("/").content.decode()
    assert "Vance" not in home
    assert "Number and names become public on" in home
    assert "have signed" not in home
    assert "data-count-from" not in home
    assert 'name="robots" content="noindex"' in home
    assert client.get("/about/").status_code == client.get("/privacy/").status_code == 200


def test_one_switch_shows_everything(client: Client, desk: Client) -> None:
    signature = prepared()
    assert desk.post("/desk/embargo/release/", follow=True).status_code == 200
    for path in HIDDEN:
        answer = client.get(path.format(number=signature.number))
        assert (answer.status_code, bool(body(answer))) == (200, True), path
    assert "Ada Vance" in client.get("/").content.decode()
    again = desk.post("/desk/embargo/release/", follow=True).content.decode()
    assert "Nothing was changed" in again
    assert Act.objects.filter(about="embargo").count() == 1


def test_what_cannot_be_undone_is_told_on_a_page_of_its_own_first(desk: Client, client: Client) -> None:
    prepared()
    page = desk.get("/desk/embargo/").content.decode()
    assert 'action="/desk/embargo/release/"' not in page
    assert 'href="/desk/embargo/release/"' in page
    asked = desk.get("/desk/embargo/release/").content.decode()
    assert 'action="/desk/embargo/release/"' in asked
    assert "1 has signed." in asked and "Edition 1 with its files" in asked and "cannot be undone" in asked
    assert client.get("/signatories/").status_code == 404
    assert desk.post("/desk/embargo/release/").status_code == 303
    assert "nothing to release" in desk.get("/desk/embargo/release/").content.decode()


def test_it_ends_by_itself_at_its_moment(client: Client) -> None:
    prepared()
    assert client.get("/signatories/").status_code == 404
    Embargo.objects.update(until=timezone.now() - timedelta(seconds=1))
    forget_embargo()
    assert "Ada Vance" in client.get("/signatories/").content.decode()


def test_no_archive_is_made_while_it_holds(tmp_path: Path) -> None:
    prepared()
    with pytest.raises(ExportRefused, match="embargo"):
        export(folder=tmp_path / "archive", now=timezone.now())


def test_invited_press_sees_marked_pages_and_strangers_still_nothing(client: Client, tmp_path: Path) -> None:
    prepared()
    account, press = let_in()
    for path in ("/signatories/", "/press/", "/press/editions/1/"):
        answer = press.get(path)
        assert answer.status_code == 200, path
        assert 'Shown to <bdi translate="no">Nora Quill, The Evening Paper</bdi> alone' in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert client.get(path).status_code == 404
    assert "Ada Vance" in press.get("/signatories/").content.decode()
    pdf = tmp_path / "marked.pdf"
    pdf.write_bytes(body(press.get("/press/latest.pdf")))
    words = text_of(pdf)
    assert "Ada Vance" in words
    assert words.count(f"For Nora Quill, The Evening Paper (no. {account.pk}) only.") == Edition.objects.get().pages
    for path in ("/press/latest.csv", "/press/editions/1/signatories.json", "/api/v1/count", "/press/plots/curve.svg"):
        assert press.get(path).status_code == 404, path
    account.refresh_from_db()
    assert account.seen_at


def test_a_revoked_account_sees_nothing_at_once(desk: Client) -> None:
    prepared()
    account, press = let_in()
    assert press.get("/signatories/").status_code == 200
    desk.post(f"/desk/embargo/press/{account.pk}/revoke/")
    assert press.get("/signatories/").status_code == 404
    assert "Nothing was changed" in desk.post(f"/desk/embargo/press/{account.pk}/revoke/", follow=True).content.decode()


def test_who_holds_a_revoked_link_reads_whom_to_ask(desk: Client, client: Client) -> None:
    prepared()
    account, link = embargo.invite(name="Nora Quill", organizer=organizer("boss"), now=timezone.now())
    desk.post(f"/desk/embargo/press/{account.pk}/revoke/")
    for method in (client.get, client.post):
        answer = method(f"/press/early/{link}/")
        assert answer.status_code == 410
        assert "has been taken back" in answer.content.decode() and "mailto:" in answer.content.decode()
        assert "Vance" not in answer.content.decode()
        assert not answer.cookies
    assert "has been taken back" not in client.get(f"/press/early/{'A' * 32}/").content.decode()


def test_after_the_release_every_link_leads_to_the_press(desk: Client, client: Client) -> None:
    prepared()
    links = [embargo.invite(name="Nora", organizer=organizer(f"b{n}"), now=timezone.now())[1] for n in range(2)]
    PressAccount.objects.filter(pk=PressAccount.objects.earliest("pk").pk).update(revoked_at=timezone.now())
    desk.post("/desk/embargo/release/")
    for link in (*links, "A" * 32):
        for method in (client.get, client.post):
            answer = method(f"/press/early/{link}/")
            assert (answer.status_code, answer["Location"]) == (303, "/press/")
        assert client.get(f"/fr/press/early/{link}/")["Location"] == "/fr/press/"
    assert client.get("/press/early/x/").status_code == 404


def test_no_link_is_made_that_opens_nothing(desk: Client) -> None:
    text()
    page = desk.get("/desk/embargo/").content.decode()
    assert "Make a link" not in page and "Nothing is hidden, so nobody needs a link" in page
    refused = desk.post("/desk/embargo/press/", {"name": "Nora Quill"})
    assert refused.status_code == 409
    assert "No link was made" in refused.content.decode() and "/press/early/" not in refused.content.decode()
    assert not PressAccount.objects.exists()
    Text.objects.all().delete()
    forget_current()
    page = desk.get("/desk/embargo/").content.decode()
    assert "Set an embargo first" in page and "Nothing is published yet" in page and "Make a link" not in page


@pytest.mark.parametrize("link", ["x", "A" * 32, "%00", "../press"])
def test_other_links_open_nothing(client: Client, link: str) -> None:
    prepared()
    let_in()
    assert client.get(f"/press/early/{link}/").status_code == 404
    assert client.post(f"/press/early/{link}/").status_code == 404
    client.cookies["press"] = "forged"
    assert client.get("/signatories/").status_code == 404


def test_the_link_is_shown_once_at_the_desk_and_stored_nowhere(desk: Client, client: Client) -> None:
    prepared()
    page = desk.post("/desk/embargo/press/", {"name": "Nora Quill"}).content.decode()
    link = page.partition("/press/early/")[2].partition("/")[0]
    assert client.get(f"/press/early/{link}/").status_code == 200
    assert link not in desk.get("/desk/embargo/").content.decode()
    assert link.encode() not in bytes(PressAccount.objects.get().secret)
    wrong = desk.post("/desk/embargo/press/", {"name": ""})
    assert wrong.status_code == 422
    assert "Please type whom the link is for." in wrong.content.decode()


def test_signers_are_told_before_and_after_and_get_no_permalink(client: Client, mailbox: Catcher) -> None:
    hide()
    text()
    words = "your name is shown to nobody but invited press"
    assert words in client.get("/").content.decode()
    link = sign_up(client, mailbox).path("confirm")
    assert words in client.get(link).content.decode()
    confirmed = client.post(link, follow=True).content.decode()
    signature = Signature.objects.get()
    assert words in confirmed
    outbox.drain()
    (thanks,) = [
        mail for mail in mailbox.of(ADDRESS) if str(mail.message["Subject"]).startswith("Your signature is acc")
    ]
    client.post("/mine/", {"email": ADDRESS})
    own = client.get(read_mail(mailbox).path("mine")).content.decode()
    for told in (confirmed, thanks.text, thanks.html, own):
        assert words in told
        assert signature.get_absolute_url() not in told
        assert "Tell others" not in told
    sign_up(client, mailbox)  # once more: the mail says that it has signed already
    assert signature.get_absolute_url() not in read_mail(mailbox).text


def test_an_embargo_is_set_before_the_text_is_published_and_never_after(desk: Client, client: Client) -> None:
    Text.objects.all().delete()
    forget_current()
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert desk.post("/desk/embargo/", {"until": later}).status_code == 303
    assert client.get("/press/").status_code == 404
    assert desk.post("/desk/embargo/drop/").status_code == 303
    forget_embargo()
    assert client.get("/press/").status_code == 200
    text()
    forget_current()
    refused = desk.post("/desk/embargo/", {"until": later})
    assert refused.status_code == 409
    assert "cannot be taken back" in refused.content.decode()
    assert client.get("/press/").status_code == 200


def test_it_is_moved_while_it_holds_but_not_dropped(desk: Client) -> None:
    prepared()
    later = timezone.now() + timedelta(days=9)
    assert desk.post("/desk/embargo/", {"until": later.strftime("%Y-%m-%dT%H:%M")}).status_code == 303
    assert Embargo.current().until == later.replace(second=0, microsecond=0)
    assert desk.post("/desk/embargo/drop/").status_code == 409


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01T00:00", "2026-13-01T00:00", "9999-12-31T23:59"])
def test_a_moment_that_is_none_is_explained(desk: Client, until: str) -> None:
    answer = desk.post("/desk/embargo/", {"until": until})
    assert answer.status_code == 422
    assert "Please choose a moment" in (page := answer.content.decode()) or "This " in page
    assert f'value="{until}"' in page or not until
    assert not Embargo.objects.exists()
