"""A partner's own page: its people see their links, and nothing of another partner, of the desk or of persons."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from signatories.accounts import second_factor
from signatories.desk.partners import services
from signatories.models import Act, Channel, Invitation, PartnerAccount, PartnerSheet, Signature
from signatories.partners import channels, own_urls
from tests.partners.partners import channel, officer, partner
from tests.people import SECRET, enter, organizer, post_form, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def shown(browser: Client) -> str:
    """The page as it is read, links as they are copied."""
    page = re.sub(r"</?span[^>]*>", "", browser.get("/partner/").content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_each_address_of_a_partner_is_closed_to_all_others() -> None:
    """Strangers log in; organizers and other partners find nothing: every address, every kind of visitor."""
    text()
    ours, theirs = partner(), partner("Label of Lanterns", "lanterns")
    sheet = PartnerSheet.objects.create(
        channel=channel(theirs), language="en", kind="handout", text=text(), pdf=b"%PDF-of theirs"
    )
    spy, stranger, desk = officer(ours), Client(), enter(Client(), organizer("olga"))
    rows = {"pk": channel(theirs).pk, "which": "handout"}
    tried = 0
    for pattern in own_urls.urlpatterns:
        names = pattern.pattern.regex.groupindex
        ids = {n: (sheet.pk if pattern.name == "partner-sheet" else rows[n]) for n in names}
        path = reverse(str(pattern.name), kwargs=ids)
        for method in ("GET", "POST"):
            outside = stranger.generic(method, path)
            if outside.status_code == 405:
                continue
            tried += 1
            assert outside["Location"].startswith("/accounts/login/?next="), path
            assert desk.generic(method, path).status_code == 403, path
            inside = spy.generic(method, path)
            assert b"Lanterns" not in inside.content and b"%PDF-of" not in inside.content, path
            if names:
                assert inside.status_code in (303, 404), path
    assert tried == len(own_urls.urlpatterns)
    assert Channel.objects.filter(pk=channel(theirs).pk).exists()
    assert PartnerSheet.objects.get() == sheet


def test_the_desk_is_closed_to_a_partner() -> None:
    spy = officer(partner())
    for path in ("/desk/", "/desk/partners/", "/desk/numbers/", "/desk/handbook/"):
        assert spy.get(path).status_code == 403


def test_links_are_added_and_removed() -> None:
    text()
    made = partner()
    browser = officer(made)
    added = browser.post("/partner/channels/", {"name": "Poster in the hall", "slug": "hall"})
    assert added.status_code == 303
    assert "/with/stage-hands/?by=hall" in shown(browser)
    assert Act.objects.filter(about=f"partner {made.pk}", organizer__username="otto").exists()
    hall = channel(made, "hall")
    browser.post(f"/partner/channels/{hall.pk}/remove/")
    assert "?by=hall" not in shown(browser)
    assert channels.of_link(made, "hall") == channel(made, "")
    browser.post("/partner/channels/", {"name": "Poster once more", "slug": "hall"})
    assert channels.of_link(made, "hall") == hall
    assert "Poster once more" in browser.get("/partner/").content.decode()


@pytest.mark.parametrize(
    ("name", "slug", "wrong"),
    [
        ("", "hall", "Please type a name."),
        ("Hall", "", "Please type what stands in the link."),
        ("Hall", "The Hall", "Small letters"),
        ("Hall", "../hall", "Small letters"),
        ("Hall", "hаll", "Small letters"),  # a Cyrillic letter
        ("Hall", "newsletter", "There is one with this link."),
        ("<b>Hall</b>", "hall", "leave out the signs &lt; and &gt;"),
        ("Hall", "h" * 31, "at most 30"),
    ],
)  # fmt: skip
def test_a_wrong_link_is_explained_and_kept(name: str, slug: str, wrong: str) -> None:
    text()
    answer = officer(partner()).post("/partner/channels/", {"name": name, "slug": slug})
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert Channel.objects.count() == 2


def test_twenty_links_and_no_more() -> None:
    text()
    made = partner()
    account = organizer("adder")
    for n in range(channels.MOST - 1):
        channels.add(partner_id=made.pk, name=f"Link {n}", slug=f"link-{n}", account=account)
    answer = officer(made).post("/partner/channels/", {"name": "One more", "slug": "more"})
    assert answer.status_code == 422
    assert "There are 20, the most that are possible." in answer.content.decode()


def test_who_came_by_a_link_that_is_removed_signs_all_the_same(client: Client, mailbox: Catcher) -> None:
    text()
    made = partner()
    post_form(client, "/with/stage-hands/?by=newsletter")
    browser = officer(made)
    answer = browser.post(f"/partner/channels/{channel(made).pk}/remove/", follow=True)
    assert "Removed." in answer.content.decode()
    client.post(read_mail(mailbox).path("confirm"))
    assert Signature.objects.get().channel == channel(made)
    answer = browser.post(f"/partner/channels/{channel(made, '').pk}/remove/", follow=True)
    assert "It stays" in answer.content.decode()
    assert "testserver/with/stage-hands/ " in shown(browser)


def test_a_hundred_links_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    monkeypatch.setattr(channels, "MOST_EVER", 3)
    made = partner()
    browser = officer(made)
    for slug in ("hall", "stairs"):
        browser.post("/partner/channels/", {"name": "A poster", "slug": slug})
        assert browser.post(f"/partner/channels/{channel(made, 'hall').pk}/remove/").status_code == 303
    answer = browser.post("/partner/channels/", {"name": "A poster", "slug": "roof"})
    assert answer.status_code == 422
    assert "3 were registered, with those that were removed: no more are possible." in answer.content.decode()
    assert browser.post("/partner/channels/", {"name": "A poster", "slug": "hall"}).status_code == 303


def test_a_second_factor_comes_before_the_numbers() -> None:
    account = get_user_model().objects.create_user("nova", "nova@union.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=partner())
    browser = Client()
    browser.force_login(account)
    assert browser.get("/partner/")["Location"] == reverse("mfa_index")
    second_factor.add_app(account, SECRET)
    assert "reauthenticate" in browser.get("/partner/")["Location"]


def test_from_the_invitation_to_the_page(mailbox: Catcher) -> None:
    text()
    made, desk = partner(), organizer("olga")
    browser = enter(Client(), desk)
    fields = {"address": "ina@union.example", "language": "en", "reason": "Their officer."}
    assert browser.post(f"/desk/partners/{made.pk}/invite/", fields).status_code == 303
    mail = read_mail(mailbox, "ina@union.example")
    assert "links and numbers of Union of Stage Hands" in mail.text
    link = re.search(r"https?://\S+(/accounts/invitation/\S+)", mail.text)
    assert link
    newcomer = Client()
    page = newcomer.get(link[1], follow=True).content.decode()
    assert "links and numbers of Union of Stage Hands" in page
    answer = newcomer.post("/accounts/signup/", {"password1": "a-long-and-new-one"})
    assert answer["Location"] == "/partner/"
    account = get_user_model().objects.get(email="ina@union.example")
    assert (account.is_staff, account.partner_account.partner) == (False, made)
    assert Invitation.objects.get().accepted_at
    assert newcomer.get("/partner/")["Location"] == reverse("mfa_index")


@pytest.mark.parametrize(
    ("stance", "said", "not_said"),
    [
        ("supports", "which supports the declaration", "collect"),
        ("collects", "which only helps to collect signatures, and takes no side", "supports"),
    ],
)
def test_the_invitation_speaks_of_the_stand_of_the_partner(
    mailbox: Catcher, stance: str, said: str, not_said: str
) -> None:
    text()
    made = partner(stance=stance)
    fields = {"address": "ina@union.example", "language": "en", "reason": "Their officer."}
    enter(Client(), organizer("olga")).post(f"/desk/partners/{made.pk}/invite/", fields)
    mail = read_mail(mailbox, "ina@union.example")
    for words in (mail.text, mail.html):
        assert said in " ".join(words.split()) and not_said not in words


def test_an_account_that_is_closed_opens_nothing() -> None:
    text()
    made, desk = partner(), organizer("olga")
    browser = officer(made)
    assert browser.get("/partner/").status_code == 200
    pk = PartnerAccount.objects.get().pk
    services.set_account_open(partner_id=made.pk, account_id=pk, is_open=False, organizer=desk, now=timezone.now())
    assert browser.get("/partner/")["Location"].startswith("/accounts/login/")


def test_a_page_asks_once_for_whom_it_is() -> None:
    """Its head, its first line and its menu name the partner; its guard and the second factor ask, too."""
    text()
    browser = officer(partner())
    with CaptureQueriesContext(connection) as asked:
        assert "Union of Stage Hands" in browser.get("/partner/").content.decode()
    assert sum('FROM "signatories_partneraccount"' in query["sql"] for query in asked) <= 3


@pytest.mark.parametrize("signed_in", ["before", "after"])
def test_when_a_partner_has_ended_its_people_are_told_so_at_once(signed_in: str) -> None:
    """Whatever they open, whether they were signed in before or not; if it goes on they are where they were."""
    text()
    made, desk = partner(), organizer("olga")
    browser = officer(made) if signed_in == "before" else None
    services.end(partner_id=made.pk, organizer=desk, reason="Over.", now=timezone.now())
    browser = browser or officer(made)
    for path in ("", "numbers.csv", f"channels/{channel(made).pk}/code.svg", "names/", "names/template.csv"):
        answer = browser.get(f"/partner/{path}")
        assert answer.status_code == 403, path
        assert "no longer collects signatures here" in answer.content.decode(), path
    for path, fields in (("channels/", {"name": "Hall", "slug": "hall"}), ("names/", {"language": "en"})):
        assert browser.post(f"/partner/{path}", fields).status_code == 403
    assert not made.channels.filter(slug="hall").exists()
    services.resume(partner_id=made.pk, organizer=desk, reason="Again.", now=timezone.now())
    assert browser.get("/partner/").status_code == 200


@pytest.mark.parametrize(
    "load", [lambda page: page.get("/partner/?language=xx"), lambda page: page.get("/partner/?language=")]
)
def test_an_invented_language_is_the_usual_one(load: Callable[[Client], object]) -> None:
    text()
    assert 'lang="en"' in load(officer(partner())).content.decode()  # type: ignore[attr-defined]


def test_in_french() -> None:
    text()
    page = officer(partner()).get("/partner/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="fr"' in page
    assert "/fr/with/stage-hands/" in page
