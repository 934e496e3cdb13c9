"""News in a real browser: pages for readers and for the desk are right for screen readers and on a phone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.models import Mailing
from signatories.news import sending, services
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.news.news import BOTH, FRENCH, editor, prepared, published, reader, started
from tests.people import organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["wide", "phone"])
def test_every_page_of_news(visit: Callable[..., Visitor], mailbox: Catcher, viewport: dict[str, int]) -> None:
    organizer("olga")
    people = [reader(f"p{n}@example.org", name=f"Person{n} Ash") for n in range(3)]
    update, other = published(), published({"fr": FRENCH})
    draft = services.write(texts=BOTH, organizer=editor(), now=timezone.now())
    going, waiting = started(other), prepared(update, pace=600)
    sending.work(timezone.now())
    assert Mailing.objects.filter(people=3).count() == 2
    link = links.make(Purpose.NEWS, people[0].pk, people[0].nonce)
    visitor = visit(viewport=viewport)
    for path in ("/updates/", f"/updates/{update.pk}/", f"/updates/{other.pk}/", f"/updates/stop/{link}/"):
        visitor.go(path)
        visitor.looks_right()
        _keep(visitor, path, viewport)
    visitor.page.click("main form [type=submit]")
    visitor.page.wait_for_selector("text=You get no more news")
    visitor.left_no_trace()
    inside = log_in(visit(viewport=viewport))
    for path in (
        "", "new/", f"{draft.pk}/", f"{update.pk}/", f"{update.pk}/mailings/new/",
        f"mailings/{waiting.pk}/", f"mailings/{going.pk}/",
    ):  # fmt: skip
        inside.go(f"/desk/news/{path}")
        inside.looks_right()
        _keep(inside, f"/desk/news/{path}", viewport)
    assert inside.complaints == []


def _keep(visitor: Visitor, path: str, viewport: dict[str, int]) -> None:
    """Keep a picture of the page in the folder PICTURES, if one is named."""
    if folder := os.environ.get("PICTURES"):
        name = f"{path.strip('/').replace('/', '-')[:40]}-{viewport['width']}.png"
        visitor.page.screenshot(path=Path(folder) / name, full_page=True)
