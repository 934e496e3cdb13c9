"""No page of the desk or of an account scrolls sideways on a window of 320 px, as WCAG 2.2 (1.4.10) asks for."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import URLResolver, get_resolver

from declaration.models import Text
from signatories.audit.services import by_organizer, record
from signatories.models import (
    Alarm,
    Channel,
    Edition,
    Listed,
    MassMove,
    Partner,
    Report,
    Signature,
    Signup,
    WatchedName,
)
from signatories.models.act import Verb
from signatories.models.signature import State
from tests.journeys.conftest import Visitor, log_in
from tests.people import form, signed, text

pytestmark = pytest.mark.django_db(transaction=True)
NARROW = {"width": 320, "height": 640}
LONG = "Bellweatherquincepennyroyal" * 4  # 108 letters without a place to break
HOST = f"{'mail' * 15}.{'office' * 10}.example"


def long_words_everywhere(olga: AbstractBaseUser) -> dict[str, str]:
    """Rows with very long words; returns what stands in a path for each of them."""
    text()
    shown, double, held = (signed(name=f"{LONG} {n}", address=f"{n}@example.org") for n in ("a", "a", "b"))
    Signature.objects.update(
        affiliation=LONG, profession_other=LONG, profession="other", domain=HOST, name_latin=LONG, filed_under=LONG
    )
    Signature.objects.filter(pk=double.pk).update(skeleton=shown.skeleton)
    Signature.objects.filter(pk=shown.pk).update(featured=1)
    Signature.objects.filter(pk=held.pk).update(
        state=State.HELD, held_for=[f"looks-like:{LONG}"], representative=LONG, representative_role="agent"
    )
    watched = WatchedName.objects.create(name=LONG, note=LONG)
    Report.objects.create(signature=shown, wrong="other", words=LONG, language="en")
    Listed.objects.create(kind="domain", value=HOST, note=LONG)
    alarm = Alarm.objects.create(kind="domain", subject=HOST, words=f"60 people with mail at {HOST} within an hour.")
    move = MassMove.objects.create(verb=Verb.REJECT, reason=LONG, organizer_id=olga.pk, total=60, batch_count=1)
    record(Verb.EDIT, by=by_organizer(olga, f"SHA-256 before: {'0' * 64}, after: {'f' * 64}"), signature=held)
    Client().post("/sign/", form(name=LONG, affiliation=LONG, email=f"unconfirmed@{HOST}"))
    Signup.objects.filter(signature=None).update(mail_state="undeliverable", mail_error=LONG)
    Edition.objects.create(state="failed", error=LONG)
    for code, _name in settings.LANGUAGES:
        Text.objects.create(version=2, language=code, title=LONG, body=f"{LONG} **{LONG}**")
    partner = Partner.objects.create(
        name=LONG[:100], slug="long", skeleton=LONG, stance="supports", sentence={"en": LONG}, site=f"https://{HOST}/"
    )
    Channel.objects.create(partner=partner)
    Channel.objects.create(partner=partner, slug="l" * 30, name=LONG[:60])
    rows = {
        "signatures": held,
        "signups": Signup.objects.latest("pk"),
        "alarms": alarm,
        "moves": move,
        "watched": watched,
        "partners": partner,
    }
    paths = {f"/{folder}/<int:pk>/": f"/{folder}/{row.pk}/" for folder, row in rows.items()}
    return paths | {"/texts/<int:number>/": "/texts/2/"}


def desk_pages(rows: dict[str, str]) -> Iterator[str]:
    """Every path of the desk; `rows` fills the place of an identifier, so a new page needs an entry there."""
    for pattern in get_resolver("signatories.desk.urls").url_patterns:
        path = f"/desk/{pattern.pattern}".replace("<str:language>", "en")
        for folder, filled in rows.items():
            path = path.replace(folder, filled)
        yield path


def account_pages() -> Iterator[str]:
    """Every path of allauth that names nobody."""
    todo = [("/accounts/", get_resolver("allauth.urls"))]
    while todo:
        start, resolver = todo.pop()
        for pattern in resolver.url_patterns:
            path = f"{start}{pattern.pattern}".replace("^", "").replace("$", "")
            if isinstance(pattern, URLResolver):
                todo.append((path, pattern))
            elif not {"<", "("} & set(path):
                yield path


def shown_pages(visitor: Visitor, paths: Iterator[str]) -> Iterator[str]:
    """Open each of the paths that is a page, and return it. Those that only take a POST answer 405."""
    for path in paths:
        answer = visitor.context.request.get(visitor.site + path)
        if answer.status != 405 and "content-disposition" not in answer.headers:  # a file is no page
            visitor.go(path)
            yield path


def test_at_320_pixels(visit: Callable[..., Visitor], olga: AbstractBaseUser) -> None:
    rows = long_words_everywhere(olga)
    visitor = visit(viewport=NARROW)
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        visitor.go(path)
        visitor.is_no_wider_than_the_window()
    log_in(visitor)
    pages = [*desk_pages(rows), *account_pages(), "/desk/texts/1/"]
    wide = {}
    for path in shown_pages(visitor, iter(pages)):
        if (width := visitor.page.evaluate("document.scrollingElement.scrollWidth")) > NARROW["width"]:
            wide[path] = width
    assert wide == {}


@pytest.mark.parametrize("width", [1280, 375])
def test_a_label_stands_above_its_field(visit: Callable[..., Visitor], olga: AbstractBaseUser, width: int) -> None:
    """In the forms of one line, which wrap: the filter of the trail, a look at an address, and what a signer asks for, twice."""
    signature = signed()
    visitor = visit(viewport={"width": width, "height": 800})
    log_in(visitor)
    for path, count in (("/desk/trail/", 2), (f"/desk/signatures/{signature.pk}/", 3)):
        visitor.go(path)
        labels = visitor.page.locator(".line label").all()
        assert len(labels) == count
        for label in labels:
            above = label.bounding_box()
            below = visitor.page.locator(f"#{label.get_attribute('for')}").bounding_box()
            assert above
            assert below
            assert above["x"] == pytest.approx(below["x"], abs=1)
            assert 0 <= below["y"] - above["y"] - above["height"] < 20
