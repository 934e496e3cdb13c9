"""Markup stored in every field runs nowhere: no dialog, no word on the console, no request (T27, A9)."""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import expect

from signatories.demo import invented_people
from signatories.gathering import services as gathering
from signatories.groups import services as groups
from signatories.mail import messages
from signatories.models import Channel, GatheredBatch, Invitee, Membership, Partner, Signature, WatchedName
from signatories.models.gathering import BatchState
from signatories.models.signature import State
from signatories.screening import holds, previews
from signatories.screening.conditions import Conditions
from tests.gathering.gathering import HEAD, checked, gathering_partner, members, prove_and_ask, send_all, table, upload
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.partners.partners import officer
from tests.payloads import PAYLOADS
from tests.people import organizer, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = " ".join(PAYLOADS)


def hostile_people_and_partners() -> Partner:
    """Markup in every field of people, a band and partners; returns the last of these."""
    invented_people.signatures(len(PAYLOADS), until=timezone.now())
    for row, payload in zip(Signature.objects.all(), PAYLOADS, strict=True):
        row.name = row.name_latin = row.affiliation = row.profession_other = payload
        row.profession, row.named = "other", True
        row.save()
    for n, payload in enumerate(PAYLOADS):
        told = {"en": f"{payload} {HOSTILE}"[:600]}
        made = Partner.objects.create(
            name=payload[:120], slug=f"p{n}", skeleton=f"{n}", stance="supports", sentence=told, duties=told
        )
        Channel.objects.create(partner=made)
    band, *people = Signature.objects.order_by("pk")
    Signature.objects.filter(pk=band.pk).update(profession="band")
    Membership.objects.bulk_create(Membership(group=band, signature=person) for person in people)
    return made


def pages_of_the_desk(partner: Partner) -> list[str]:
    """Everybody waits in a burst and is previewed; watched names hold markup, too."""
    watched = [WatchedName.objects.create(name=payload[:200], note=HOSTILE[:200]) for payload in PAYLOADS]
    Signature.objects.update(state=State.HELD, held_for=[holds.DOMAIN], domain="bots.example")
    seen = previews.preview(conditions=Conditions(domain="bots.example"), organizer=get_user_model().objects.get())
    return [
        "", "queue/", "clusters/", "rules/", f"rules/preview/{seen.pk}/", "doubles/", "trail/", "notable/", "partners/",
        f"signatures/{Signature.objects.earliest('pk').pk}/", f"partners/{partner.pk}/", "settings/watched/",
        *(f"dossiers/{one.pk}/" for one in watched),
    ]  # fmt: skip


def test_on_every_public_page_and_at_the_desk(visit: Callable[..., Visitor]) -> None:
    text()
    partner = hostile_people_and_partners()
    organizer()
    visitor = visit(viewport=DESK)
    numbers = Signature.objects.values_list("number", flat=True)
    for path in (
        "/",
        "/signatories/",
        *(f"/signatories/{number}/" for number in numbers),
        "/press/",
        "/partners/",
        *(f"/with/p{n}/" for n in range(len(PAYLOADS))),
    ):
        visitor.go(path)
    visitor.left_no_trace()
    log_in(visitor)
    for payload in PAYLOADS:
        visitor.go("/desk/texts/2/")
        visitor.page.fill("#id_en-title", payload[:200])
        visitor.page.fill("#id_en-body", f"{payload} and words")
        visitor.page.locator("#preview-en >> text=and words").first.wait_for()
    for path in pages_of_the_desk(partner):
        visitor.go(f"/desk/{path}")
        assert visitor.page.locator("body.desk").count() == 1, path
    assert visitor.foreign == []
    assert visitor.complaints == []


@pytest.mark.parametrize("payload", [" ".join(PAYLOADS[:7]), " ".join(PAYLOADS[7:])], ids=["first", "second"])
def test_in_the_name_of_a_group(visit: Callable[..., Visitor], payload: str) -> None:
    """The link of a member, the speaker's page of members, the own pages of members, and its page on the list."""
    text()
    band = signed(name="Hollow Reed", address="reed@example.org", profession="band")
    named, unnamed, asked = (signed(name=f"Person {n}", address=f"p{n}@example.org") for n in range(3))
    assert groups.add_places(group_id=band.pk, count=4)
    for place, member in zip(band.members.order_by("pk"), (named, unnamed), strict=False):
        Membership.objects.filter(pk=place.pk).update(signature=member)
    Signature.objects.filter(pk=unnamed.pk).update(named=False)
    Signature.objects.filter(pk__in=[band.pk, named.pk]).update(name=payload)
    visitor = visit(viewport=DESK)
    free = band.members.latest("pk")
    visitor.go(f"/join/{groups.link_of(free)}/")
    expect(visitor.page.locator("#group-title")).to_contain_text(payload)
    assert visitor.page.input_value("[name=affiliation]") == payload
    visitor.page.fill("[name=name]", "Person 2")
    visitor.page.fill("[name=email]", "p2@example.org")
    visitor.page.fill("[name=affiliation]", "")
    visitor.page.select_option("[name=profession]", "poet")  # the same form once more would be taken for a double click
    visitor.page.check("[name=appearance][value=named]")
    visitor.page.click("button.sign:text-is('Sign')")
    visitor.page.wait_for_url("**/sign/sent/**")
    today = timezone.now().date()
    visitor.go(f"/mine/{messages.own_link(band, today)}/members/")
    expect(visitor.page.locator("h1")).to_contain_text(payload)
    expect(visitor.page.locator("article h3").first).to_have_text(payload)
    for member, said in ((named, "You stand under"), (unnamed, "You are a member of"), (asked, "asks you as a member")):
        visitor.go(f"/mine/{messages.own_link(member, today)}/")
        expect(visitor.page.locator("main")).to_contain_text(said)
        expect(visitor.page.locator("h2", has_text=said)).to_contain_text(payload)
    visitor.go(band.get_absolute_url())
    expect(visitor.page.locator("#members-title + ul")).to_contain_text(payload)
    visitor.left_no_trace()


def hostile_batches(mailbox: Catcher) -> tuple[Partner, GatheredBatch, dict[int, str]]:
    """A partner with markup in every field, and files of it in each state; also the one that waits for a decision.

    Names and proof are hostile behind the forms, too, which refuse some of it.
    """
    union = gathering_partner()
    browser = officer(union)
    rows = [(payload, f"x{n}@union.example", payload, "en", payload) for n, payload in enumerate(PAYLOADS)]
    head = ("Name", "E-mail", "Profession", "Language", *PAYLOADS[:10])
    upload(browser, table(rows, (*head[:4], *PAYLOADS)))
    checked(browser, table(rows, (*HEAD, "Group")))
    for state, column in ((BatchState.FAILED, "error"), (BatchState.REFUSED, "reason")):
        made = upload(browser, table(members(2, f"{column}.example")))
        GatheredBatch.objects.filter(pk=made.pk).update(state=state, **{column: HOSTILE[:300]})
    asked = checked(browser, table([(*row[:3], "en") for row in members(len(PAYLOADS))]))
    prove_and_ask(browser, asked)
    for row, payload in zip(Invitee.objects.filter(batch=asked, is_test=False), cycle(PAYLOADS), strict=False):
        row.name = row.name_latin = row.affiliation = row.profession_other = payload
        row.profession = "other"
        row.save()
    said = dict.fromkeys(("asked_by", "asked_on", "asked_where"), HOSTILE[:100])
    GatheredBatch.objects.exclude(state=BatchState.COLUMNS).update(**said, asked_in=HOSTILE)
    told = {"en": HOSTILE[:600]}
    Partner.objects.filter(pk=union.pk).update(name=PAYLOADS[0], sentence=told, duties=told)
    Channel.objects.filter(partner=union).update(name=PAYLOADS[1][:60])
    mailbox.mails.clear()
    return union, asked, {batch.pk: batch.state for batch in union.batches.all()}


def test_in_gathered_names_and_their_invitations(visit: Callable[..., Visitor], mailbox: Catcher) -> None:
    """Heads and cells of files, names, proof and reasons: for the partner, at the desk, in the mail and behind its link."""
    text()
    union, asked, batches = hostile_batches(mailbox)
    organizer()
    own, desk = log_in(visit(viewport=DESK), "otto", then="**/partner/"), log_in(visit(viewport=DESK))
    assert set(batches.values()) == {"columns", "open", "failed", "refused", "asked"}
    for path in ("", "names/", *(f"names/{pk}/" for pk in batches), *(f"names/{pk}/?show=refused" for pk in batches)):
        own.go(f"/partner/{path}")
        assert "<script>alert" in own.page.locator("body").inner_text() or path in ("", "names/"), path
    for path in ("", "names/", *(f"names/{pk}/" for pk in batches)):
        desk.go(f"/desk/partners/{union.pk}/{path}")
        assert desk.page.locator("body.desk").count() == 1, path

    account = get_user_model().objects.get(username="olga")
    assert gathering.approve(batch_id=asked.pk, account=account, now=timezone.now() - timedelta(hours=2))
    send_all()
    for visitor, path in ((own, f"/partner/names/{asked.pk}/"), (desk, f"/desk/partners/{union.pk}/names/{asked.pk}/")):
        visitor.go(path)
        assert visitor.foreign == [] and visitor.complaints == []
    mail_program, reader = visit(viewport=DESK), visit(viewport=DESK)
    for n in range(len(PAYLOADS)):
        (mail,) = mailbox.of(f"m{n}@union.example")
        mail_program.page.set_content(mail.html)
        expect(mail_program.page.locator("body")).to_contain_text(HOSTILE)
        assert mail_program.page.locator("img, svg, script, a[href*='evil.example']").count() == 0
        reader.go(mail.path("invited"))
        expect(reader.page.locator("#notice-title + *")).to_be_attached()
        assert reader.page.input_value("[name=affiliation]") in PAYLOADS
        reader.page.click(f"text={'No, thank you' if n % 2 else 'I never agreed to be asked'}")
        expect(reader.page.locator("h1")).to_have_text("We do not ask you again")
    mail_program.left_no_trace()
    reader.left_no_trace()
