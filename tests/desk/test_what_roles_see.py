"""What each role sees at the desk, what depends on its answer, and a role that is taken away."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from signatories.desk import urls
from signatories.desk.duplicates import finding
from signatories.desk.queue import services as queue
from signatories.identity import mailbox
from signatories.models import (
    Act,
    Alarm,
    AnnouncedMailbox,
    DossierContact,
    DossierEnquiry,
    DossierProof,
    DuplicateGroup,
    Edition,
    GatheredBatch,
    Invitee,
    Mailing,
    Organizer,
    Report,
    Signature,
    Signup,
    Update,
    UpdateText,
    WatchedName,
)
from signatories.models.organizer import Role
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.screening import alerts
from tests.desk.alarms import answer, newest_move, press
from tests.desk.roles import DECIDE, WHO, address, come_in, is_refused
from tests.partners.partners import partner
from tests.people import organizer, post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


MARKER = "Zyxwmarker"


@pytest.fixture
def rows(olga: AbstractBaseUser) -> dict[str, dict[str, int]]:
    """A row of everything, full of words about persons; for each address that names a row, which it is."""
    text()
    marked: dict[str, Any] = {"name": f"{MARKER} Ashgrove", "affiliation": MARKER, "profession": "other"}
    marked |= {"profession_other": MARKER, "name_latin": MARKER}
    people = [signed(address=f"{MARKER}{n}@{MARKER}.example", **marked) for n in range(4)]
    first, double, held, gone = (row.pk for row in people)
    Signature.objects.filter(pk=held).update(state=State.HELD, representative=MARKER, representative_role="agent")
    Signature.objects.filter(pk=first).update(featured=1)
    queue.reject(signature_id=gone, organizer=olga, reason=f"{MARKER} was invented.", now=timezone.now())
    post_form(Client(), name=MARKER, email=f"new@{MARKER}.example")
    report = Report.objects.create(
        signature_id=first, wrong=ReportKind.OTHER, words=MARKER, language="en",
        address_sealed=mailbox.seal(f"reader@{MARKER}.example"),
    )  # fmt: skip
    network = Alarm.objects.create(kind="network", subject="00", words="60 forms came from one network.")
    domain = Alarm.objects.create(kind="domain", subject=f"{MARKER}.example", words=f"60 people of {MARKER}.example.")
    Signature.objects.filter(pk=held).update(domain=domain.subject, held_for=["many-of-domain"])
    watched = WatchedName.objects.create(name=MARKER, note=MARKER)
    signup = Signup.objects.get(signature=None)
    Signup.objects.filter(pk=signup.pk).update(mail_state="undeliverable", mail_error="SMTP 550")
    Edition.objects.create(state="failed", error="OSError: [Errno 28] No space left on device")
    finding.look(timezone.now())
    doubles = DuplicateGroup.objects.get(members=[first, double])
    batch = GatheredBatch.objects.create(partner=partner(), language="en", state="asked")
    Invitee.objects.create(batch=batch, line=2, verdict="taken", language="en", name=MARKER)
    update = Update.objects.create(published_at=timezone.now())
    UpdateText.objects.create(update=update, language="en", title="Printed", body="It is out.")
    mailing = Mailing.objects.create(update=update)
    proof = DossierProof.objects.create(watched=watched, kind="agent", words=MARKER, organizer_id=olga.pk)
    DossierContact.objects.create(watched=watched, kind="agent", contact=MARKER, found_at=MARKER, organizer_id=olga.pk)
    enquiry = DossierEnquiry.objects.create(
        watched=watched, asked=MARKER, asked_at=timezone.now(), organizer_id=olga.pk
    )
    announced = AnnouncedMailbox.objects.create(
        watched=watched, proof=proof, announced_by=MARKER, domain=f"{MARKER}.example", organizer_id=olga.pk,
        address_sealed=mailbox.seal(f"new@{MARKER}.example"), address_digest=mailbox.digest(f"new@{MARKER}.example"),
    )  # fmt: skip
    Signature.objects.filter(pk=held).update(held_for=["many-of-domain", f"looks-like:{MARKER}"])
    return {
        "dossiers": {"pk": watched.pk, "enquiry": enquiry.pk, "mailbox": announced.pk},
        "signatures": {"pk": held}, "notable": {"pk": first}, "signups": {"pk": signup.pk}, "reports": {"pk": report.pk},
        "alarms": {"pk": network.pk}, "doubles": {"pk": doubles.pk}, "watched": {"pk": watched.pk},
        "texts": {"number": 1}, "news": {"pk": update.pk}, "mailings": {"pk": mailing.pk},
        "partners": {"pk": batch.partner_id, "batch": batch.pk},
    }  # fmt: skip


def pages(browser: Client, rows: dict[str, dict[str, int]]) -> Iterator[tuple[str, str]]:
    """Every page of the desk that a browser is shown, with its address."""
    for pattern in urls.urlpatterns:
        ids = [found for part, found in rows.items() if f"{part}/" in str(pattern.pattern)]
        path = address(pattern, **(ids[-1] if ids else {}))
        response = browser.get(path, follow=True)
        if response.status_code == 200:
            yield path, response.content.decode()


def test_a_viewer_sees_numbers_and_nothing_about_persons(rows: dict[str, dict[str, int]]) -> None:
    seen = dict(pages(come_in(Role.VIEWER), rows))
    assert list(seen) == ["/desk/", "/desk/numbers/", "/desk/handbook/", "/desk/repeat/"]
    for path, page in seen.items():
        assert MARKER.lower() not in page.lower(), path
        assert "@" not in re.sub(r"vera@declaration\.example|@media", "", page), path
        assert "1</strong> waits" in seen["/desk/numbers/"]
    seen = dict(pages(come_in(Role.MODERATOR, "mona"), rows))
    assert MARKER in seen["/desk/queue/"]
    assert MARKER.lower() not in seen["/desk/"].lower()


def test_an_editor_sees_of_signers_what_everybody_sees(rows: dict[str, dict[str, int]]) -> None:
    """The notable name is public; once it is not, it is not shown here either."""
    editor = come_in(Role.EDITOR)
    seen = dict(pages(editor, rows))
    assert {path for path, page in seen.items() if MARKER in page} == {"/desk/notable/"}
    Signature.objects.filter(pk=rows["notable"]["pk"]).update(state=State.HELD)
    page = editor.get("/desk/notable/").content.decode()
    assert "not shown now" in page and MARKER not in page


@pytest.mark.parametrize("role", list(Role))
def test_no_page_has_a_link_or_a_button_that_its_reader_may_not_use(
    role: Role, rows: dict[str, dict[str, int]]
) -> None:
    browser = come_in(role)
    tried: set[str] = set()
    for path, page in pages(browser, rows):
        for link in set(re.findall(r'href="(/desk/[^"#]*)"', page)) - tried:
            tried.add(link)
            assert browser.get(link.replace("&amp;", "&")).status_code in (200, 302), (path, link)
        forms = re.findall(r'<form[^>]*method="post"[^>]*>', page)
        aims = [m[1] for form in forms if (m := re.search(r'action="([^"#?]*)', form))]
        for aim in [aim or path for aim in [*aims, *re.findall(r'formaction="([^"#]*)', page)]]:
            allowed = WHO[str(resolve(aim.partition("?")[0]).url_name)][1]
            assert allowed and role in allowed, (path, aim)
    assert ("/desk/organizers/" in tried) is (role == Role.ADMINISTRATOR)
    assert ("/desk/mails/" in tried) is (role in DECIDE)


def test_what_a_form_or_a_link_replaces_stands_on_its_page(rows: dict[str, dict[str, int]]) -> None:
    """Else nothing happens when it is pressed."""
    seen = dict(pages(come_in(Role.ADMINISTRATOR), rows))
    aims = [(path, aim) for path, page in seen.items() for aim in re.findall(r'hx-target="#([^"]+)"', page)]
    assert "/desk/queue/" in {path for path, _aim in aims}
    assert [(path, aim) for path, aim in aims if f'id="{aim}"' not in seen[path]] == []


# --- What depends on the answer ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["known", "hold", "reject"])
def test_moderators_put_an_alarm_aside_and_administrators_move_many(rows: dict[str, dict[str, int]], act: str) -> None:
    moderator, alarm = come_in(Role.MODERATOR), Alarm.objects.get(kind="domain")
    page = moderator.get("/desk/alarms/").content.decode()
    assert "Put aside" in page
    assert not re.search(r"is known to us|Reject all|Hold (all|who)", page)
    shown = f"{Signature.objects.latest('pk').pk}.{Act.objects.latest('pk').pk}.9.9.9"
    acts = Act.objects.count()
    assert is_refused(press(moderator, alarm, act, shown=shown))
    alarm.refresh_from_db()
    assert (alarm.closed_at, alarm.mass_moves.count(), Act.objects.count()) == (None, 0, acts)
    assert press(moderator, alarm, "seen").status_code == 303
    alarm.refresh_from_db()
    assert alarm.closed_at


def test_the_role_stands_in_the_act_also_when_many_are_moved(desk: Client, rows: dict[str, dict[str, int]]) -> None:
    moderator = come_in(Role.MODERATOR)
    held = rows["signatures"]["pk"]
    moderator.post(f"/desk/signatures/{held}/decide/", {"verb": "hold"})
    moderator.post(f"/desk/signatures/{held}/address/", {"reason": "proof"})
    assert Act.objects.latest("pk").role == Role.MODERATOR
    answer(desk, Alarm.objects.get(kind="domain"), "reject")
    Organizer.objects.filter(account__username="olga").update(role=Role.VIEWER)
    assert newest_move().moved == 1
    assert Act.objects.filter(signature=held).latest("pk").role == Role.ADMINISTRATOR
    assert "moderator" in moderator.get("/desk/trail/").content.decode()
    assert not Act.objects.filter(actor="signer").exclude(role="").exists()


def test_alarms_are_mailed_to_those_who_may_answer_them(mailbox: Catcher) -> None:
    for role in Role:
        organizer(role.value, role=role)
    organizer("nobody", role=None)
    closed = organizer("closed", role=Role.ADMINISTRATOR)
    get_user_model().objects.filter(pk=closed.pk).update(is_active=False)
    Alarm.objects.create(kind="held", words="Somebody waits.")
    alerts.notify(timezone.now())
    reached = {to for mail in mailbox.mails for to in mail.to}
    assert reached == {"moderator@declaration.example", "administrator@declaration.example"}


# --- A role that is taken away ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_role_taken_away_while_the_page_is_open(rows: dict[str, dict[str, int]], headers: dict[str, str]) -> None:
    moderator, held = come_in(Role.MODERATOR), rows["signatures"]["pk"]
    assert moderator.get("/desk/").status_code == 200
    Organizer.objects.filter(account__username="vera").update(role=Role.VIEWER)
    acts = Act.objects.count()
    refused = moderator.post(
        f"/desk/signatures/{held}/decide/", {"verb": "publish", "reason": "Known."}, headers=headers
    )
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "Only moderators and administrators may do this. Your role is viewer." in page
    assert MARKER not in page
    assert Signature.objects.get(pk=held).state == State.HELD
    assert Act.objects.count() == acts
    assert "Nothing here is for you to decide." in moderator.get("/desk/").content.decode()


def test_with_htmx_a_session_that_ended_leads_to_the_log_in(client: Client) -> None:
    """The whole page goes there, and comes back; otherwise the log-in would stand in a part of the page."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?after=7"}
    response = client.post("/desk/signatures/1/decide/", {"verb": "publish"}, headers=headers)
    assert response["HX-Redirect"] == "/accounts/login/?next=/desk/%3Fafter%3D7"
