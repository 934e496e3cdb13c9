from datetime import timedelta
from pathlib import Path
import pytest
from django.utils import timezone
from signatories.press import embargo
from signatories.operations import closing, heartbeats
from signatories.models import Closing
from signatories.mail import messages
from tests.desk.start import draft
from tests.journeys.conftest import DESK, log_in
from tests.partners.partners import partner
from tests.people import organizer, signed, text
pytestmark = pytest.mark.django_db(transaction=True)
OUT = Path("/tmp/h-closing/shots")
PHONE = {"width": 375, "height": 740}

def beats():
    heartbeats.beat(part="beat", now=timezone.now())
    for queue in heartbeats.QUEUES:
        heartbeats.beat(part=queue, now=timezone.now())

def shoot(visitors, path, name, act=None):
    beats()
    for kind, v in visitors.items():
        v.go(path)
        if act and kind != "phone": pass
        if act: act(v)
        v.page.screenshot(path=OUT / f"{name}-{kind}.png", full_page=True)
        v.looks_right()

def test_shots(visit):
    OUT.mkdir(exist_ok=True)
    olga = organizer()
    now = timezone.now()
    vs = {"wide": log_in(visit(viewport=DESK)), "phone": log_in(visit(viewport=PHONE)), "dark": log_in(visit(viewport=DESK, color_scheme="dark"))}
    draft("en")
    embargo.set_until(until=now + timedelta(hours=3, minutes=12), organizer=olga, now=now)
    shoot(vs, "/desk/launch/", "launch")
    shoot({"phone": vs["phone"]}, "/desk/launch/", "menu", act=lambda v: v.page.click("summary:has-text('Menu')"))
    from declaration.models import Text, forget_current
    Text.objects.all().delete()
    text(); forget_current()
    s = signed()
    embargo.release(organizer=olga, now=now)
    shoot(vs, "/desk/closing/", "closing-before")
    shoot(vs, "/desk/queue/", "queue")
    closing.end(organizer=olga, now=now)
    closing.tell(words={"en": "It was handed over to the ministers on 3 May."}, organizer=olga)
    closing.keep_addresses_until(day=(now + timedelta(days=60)).date(), organizer=olga, now=now)
    shoot(vs, "/desk/closing/", "closing-after")
    stranger = {"wide": visit(viewport=DESK), "phone": visit(viewport=PHONE), "dark": visit(viewport=PHONE, color_scheme="dark")}
    shoot(stranger, "/", "home")
    shoot({"phone": stranger["phone"]}, f"/mine/{messages.own_link(s, now.date())}/", "own")
    shoot({"phone": stranger["phone"]}, "/sign/for/", "for")
    shoot({"phone": stranger["phone"]}, "/press/", "press")
