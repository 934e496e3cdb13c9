"""Markup stored in every field runs nowhere: no dialog, no word on the console, no request (T27, A9)."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from signatories.demo import invented_people
from signatories.models import Channel, Membership, Partner, Signature, WatchedName
from signatories.models.signature import State
from signatories.screening import holds, previews
from signatories.screening.conditions import Conditions
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.payloads import PAYLOADS
from tests.people import organizer, text

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
