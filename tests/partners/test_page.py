"""Signing on the page of a partner: its link is kept to the confirmation, and told to nobody."""

import html
import re

import pytest
from django.core.cache import caches
from django.db import DataError, IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.partners import services
from signatories.mine import services as mine
from signatories.models import Channel, Partner, Signature, Signup
from signatories.privacy import own_data, retention
from tests.partners.partners import channel, partner
from tests.people import form, organizer, post_form, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/with/stage-hands/"


def words(page: str) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def get(client: Client, path: str = PAGE) -> str:
    caches["default"].clear()
    return client.get(path).content.decode()


def test_the_page_is_the_declaration_with_the_partner_and_its_form_has_no_address_of_its_own(client: Client) -> None:
    declared = text()
    partner(sentence={"en": "Our hands set the stage."}, site="https://union.example/")
    page = get(client)
    assert declared.title in words(page)
    assert "passed on to you by Union of Stage Hands" in words(page)
    assert "Our hands set the stage." in words(page)
    assert "Union of Stage Hands supports this declaration." in words(page)
    assert "is never told who has signed" in words(page)
    assert re.search(r'<form class="column" method="post" novalidate>', page)
    answer = client.get(PAGE)
    assert not answer.cookies and "public" in answer["Cache-Control"]


def test_who_only_helps_says_so(client: Client) -> None:
    text()
    partner(stance="collects")
    assert "only helps to collect signatures, and takes no side" in words(get(client))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""), ("?by=newsletter", "newsletter"), ("?by=unknown", ""), ("?by=NEWSLETTER", ""), ("?by=", ""),
        ("?by=newsletter%00", ""), ("?by=../newsletter", ""), ("?by=" + "a" * 5000, ""), ("?other=newsletter", ""),
        ("?by=%D5%B8ewsletter", ""),
    ],
)  # fmt: skip
def test_the_channel_is_kept_to_the_confirmation(client: Client, mailbox: Catcher, query: str, expected: str) -> None:
    text()
    made = partner()
    assert post_form(client, PAGE + query).status_code == 303
    assert Signup.objects.get().channel == channel(made, expected)
    assert client.post(read_mail(mailbox).path("confirm")).status_code == 303
    assert Signature.objects.get().channel == channel(made, expected)


def test_all_channels_share_one_page_of_the_cache(client: Client, settings: Settings) -> None:
    settings.PAGE_SECONDS = 60
    text()
    partner()
    first = client.get(PAGE + "?by=newsletter").content
    Partner.objects.update(name="Changed")
    assert client.get(PAGE + "?by=anything").content == client.get(PAGE).content == first


def test_bad_input_stays_on_the_page_with_what_was_typed(client: Client) -> None:
    text()
    partner()
    answer = post_form(client, PAGE + "?by=newsletter", name="", affiliation="The Paper Lanterns")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please enter your name." in page
    assert "The Paper Lanterns" in page
    assert "Union of Stage Hands" in page


def test_the_page_after_the_form_leads_back_to_it(client: Client) -> None:
    text()
    partner()
    sent = client.get(post_form(client, PAGE + "?by=newsletter", email="ann@gamil.com")["Location"]).content.decode()
    assert f'action="{PAGE}?by=newsletter"' in sent
    assert 'name="again"' not in sent


def test_in_french(client: Client, mailbox: Catcher) -> None:
    text()
    partner(sentence={"fr": "Nos mains font la scène."})
    assert "Nos mains font la scène." in words(get(client, "/fr" + PAGE))
    assert '<blockquote lang="fr"' in get(client)  # there is no other
    post_form(client, "/fr" + PAGE + "?by=newsletter")
    assert Signup.objects.get().language == "fr"
    assert Signup.objects.get().channel


def test_a_partner_that_ended_says_so_and_who_had_it_open_signs_all_the_same(client: Client, mailbox: Catcher) -> None:
    text()
    made, desk = partner(), organizer("ender")
    post_form(client, PAGE)
    services.end(partner_id=made.pk, organizer=desk, reason="They asked.", now=timezone.now())
    page = get(client)
    assert "helped to collect signatures. It does so no more" in words(page)
    assert "<form" not in page
    assert post_form(client, PAGE, email="late@example.org").status_code == 303
    late = Signup.objects.latest("pk")
    assert late.channel is None
    client.post(read_mail(mailbox).path("confirm"))
    assert Signature.objects.get().channel == channel(made, "")
    assert "Helped until" in words(get(client, "/partners/"))
    services.resume(partner_id=made.pk, organizer=desk, reason="Again.", now=timezone.now())
    assert "<form" in get(client)


@pytest.mark.parametrize("slug", ["nobody", "Stage-Hands", "stage_hands", "stage-hands%2f..", "-", "ѕtage-hands"])
def test_no_other_address_is_a_partner(client: Client, slug: str) -> None:
    text()
    partner()
    assert client.get(f"/with/{slug}/").status_code == 404
    assert post_form(client, f"/with/{slug}/").status_code == 404
    assert not Signup.objects.exists()


@pytest.mark.parametrize("slug", ["", "A", "a b", "../a", "ѕtage", "a--b", "-a", "a-", "a/b", "a" * 41])
def test_the_database_takes_no_other_slug(slug: str) -> None:
    with pytest.raises((IntegrityError, DataError), match=r"partner_slug|too long"):
        Partner.objects.create(name="X", slug=slug, skeleton=slug, stance="supports")


def test_nobody_is_told_who_came_by_which_link(client: Client, mailbox: Catcher) -> None:
    text()
    made = partner("Zyxw Union")
    post_form(client, PAGE + "?by=newsletter")
    client.post(read_mail(mailbox).path("confirm"))
    number = Signature.objects.get().number
    for path in (f"/signatories/{number}/", "/signatories/", "/api/v1/signatories", "/api/v1/tallies", "/press/"):
        assert "zyxw" not in get(client, path).lower(), path
        assert f"channel:{channel(made).pk}" not in get(client, path), path


def test_the_signer_reads_it_among_what_we_keep(client: Client, mailbox: Catcher) -> None:
    text()
    partner()
    post_form(client, PAGE + "?by=newsletter")
    client.post(read_mail(mailbox).path("confirm"))
    assert own_data.as_json(Signature.objects.get())["brought_by"] == "Union of Stage Hands"


def test_it_is_deleted_with_the_signature(client: Client, mailbox: Catcher) -> None:
    text()
    partner()
    post_form(client, PAGE)
    client.post(read_mail(mailbox).path("confirm"))
    signature = Signature.objects.get()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert retention.erase(signature_id=signature.pk, now=timezone.now())
    signature.refresh_from_db()
    assert signature.channel_id is None


def test_a_form_from_a_foreign_page_is_refused(client: Client) -> None:
    text()
    partner()
    assert client.post(PAGE, form(), headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert not Signup.objects.exists()


def test_the_public_list_tells_what_each_does(client: Client) -> None:
    text()
    partner(sentence={"en": "Our hands set the stage."})
    partner("Label of Lanterns", "lanterns", stance="collects")
    page = words(get(client, "/partners/"))
    assert page.index("Label of Lanterns") < page.index("Union of Stage Hands")
    assert "Label of Lanterns only helps to collect" in page
    assert "Our hands set the stage." in page
    assert Channel.objects.count() == 4
