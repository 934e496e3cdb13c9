"""Who may do what at the desk: every address for every role, what each page shows, and a role that is taken away."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, resolve, reverse
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
from signatories.models.organizer import Power, Role, may
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.screening import alerts
from tests.desk.alarms import answer, newest_move, press
from tests.partners.partners import partner
from tests.people import enter, organizer, post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db

ALL = set(Role)
DECIDE, TEXTS, ADMIN = {Role.MODERATOR, Role.ADMINISTRATOR}, {Role.EDITOR, Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}
NO: set[Role] | None = None  # the address does not take this method
# Each address of the desk: who may GET it, and who may POST to it. A new address needs its line here.
WHO: dict[str, tuple[set[Role] | None, set[Role] | None]] = {
    "desk": (ALL, NO),
    "desk-queue": (DECIDE, NO),
    "desk-start": (TEXTS, NO),
    "desk-start-mail": (NO, ADMIN),
    "desk-start-rehearsal": (ADMIN, ADMIN),
    "desk-start-open": (ADMIN, ADMIN),
    "desk-numbers": (ALL, NO),
    "desk-decide": (NO, DECIDE),
    "desk-undo": (NO, DECIDE),
    "desk-find": (DECIDE, DECIDE),
    "desk-signup": (DECIDE, DECIDE),
    "desk-signature": (DECIDE, NO),
    "desk-reveal": (NO, DECIDE),
    "desk-resend": (NO, DECIDE),
    "desk-write": (DECIDE, DECIDE),
    "desk-correct": (DECIDE, DECIDE),
    "desk-at-request": (NO, DECIDE),
    "desk-allow-mails": (NO, DECIDE),
    "desk-reports": (DECIDE, NO),
    "desk-report-answer": (NO, DECIDE),
    "desk-report-reveal": (NO, DECIDE),
    "desk-doubles": (DECIDE, NO),
    "desk-double-answer": (NO, DECIDE),
    "desk-notable": (TEXTS, NO),
    "desk-feature": (NO, TEXTS),
    "desk-move": (NO, TEXTS),
    "desk-unfeature": (NO, TEXTS),
    "desk-settings": (TEXTS, ADMIN),
    "desk-press-page": (TEXTS, TEXTS),
    "desk-pictures": (TEXTS, TEXTS),
    "desk-picture": (TEXTS, TEXTS),
    "desk-picture-move": (NO, TEXTS),
    "desk-picture-remove": (NO, TEXTS),
    "desk-watched-names": (ADMIN, ADMIN),
    "desk-watched": (ADMIN, NO),
    "desk-unwatch": (NO, ADMIN),
    "desk-watched-upload": (ADMIN, ADMIN),
    "desk-watched-file": (ADMIN, ADMIN),
    "desk-watched-export": (NO, ADMIN),
    "desk-verify": (DECIDE, NO),
    "desk-verify-namesake": (NO, DECIDE),
    "desk-verify-agree": (NO, DECIDE),
    "desk-verify-stop": (NO, DECIDE),
    "desk-dossier": (DECIDE, NO),
    "desk-dossier-contact": (NO, DECIDE),
    "desk-dossier-contact-remove": (NO, DECIDE),
    "desk-dossier-enquiry": (NO, DECIDE),
    "desk-dossier-answer": (NO, DECIDE),
    "desk-dossier-proof": (NO, DECIDE),
    "desk-dossier-mailbox": (NO, DECIDE),
    "desk-dossier-mailbox-take-back": (NO, DECIDE),
    "desk-limits": (ADMIN, ADMIN),
    "desk-lists": (ADMIN, ADMIN),
    "desk-unlist": (NO, ADMIN),
    "desk-lists-take": (NO, ADMIN),
    "desk-lists-export": (ADMIN, NO),
    "desk-clusters": (DECIDE, NO),
    "desk-rules": (ADMIN, NO),
    "desk-preview-make": (NO, ADMIN),
    "desk-preview": (ADMIN, NO),
    "desk-preview-move": (NO, ADMIN),
    "desk-rule-end": (NO, ADMIN),
    "desk-claim": (NO, DECIDE),
    "desk-claims": (DECIDE, NO),
    "desk-alarms": (DECIDE, NO),
    "desk-alarm": (DECIDE, DECIDE),
    "desk-mass-move": (DECIDE, NO),
    "desk-mass-move-cancel": (NO, ADMIN),
    "desk-mass-move-undo": (NO, ADMIN),
    "desk-texts": (TEXTS, NO),
    "desk-text": (TEXTS, TEXTS),
    "desk-text-publish": (TEXTS, TEXTS),
    "desk-text-preview": (NO, TEXTS),
    "desk-text-delete": (NO, TEXTS),
    "desk-editions": (TEXTS, TEXTS),
    "desk-edition-cancel": (NO, TEXTS),
    "desk-edition-list": (NO, TEXTS),
    "desk-edition-list-cancel": (NO, TEXTS),
    "desk-mails": (DECIDE, NO),
    "desk-organizers": (ADMIN, NO),
    "desk-organizer-role": (NO, ADMIN),
    "desk-organizer-disable": (NO, ADMIN),
    "desk-organizer-enable": (NO, ADMIN),
    "desk-exports": (ADMIN, ADMIN),
    "desk-export-approve": (NO, ADMIN),
    "desk-export-cancel": (NO, ADMIN),
    "desk-export-file": (NO, ADMIN),
    "desk-organizer-factor": (NO, ADMIN),
    "desk-invite": (NO, ADMIN),
    "desk-invitation-revoke": (NO, ADMIN),
    "desk-embargo": (ADMIN, ADMIN),
    "desk-embargo-drop": (NO, ADMIN),
    "desk-embargo-release": (NO, ADMIN),
    "desk-embargo-invite": (NO, ADMIN),
    "desk-embargo-revoke": (NO, ADMIN),
    "desk-partners": (TEXTS, NO),
    "desk-partner-new": (TEXTS, TEXTS),
    "desk-partner": (TEXTS, TEXTS),
    "desk-partner-end": (NO, TEXTS),
    "desk-partner-channel": (NO, TEXTS),
    "desk-partner-channel-remove": (NO, TEXTS),
    "desk-partner-code": (TEXTS, NO),
    "desk-partner-sheet": (TEXTS, NO),
    "desk-partner-sheet-ask": (NO, TEXTS),
    "desk-partner-invite": (NO, TEXTS),
    "desk-partner-revoke": (NO, TEXTS),
    "desk-partner-account-close": (NO, TEXTS),
    "desk-partner-account-open": (NO, TEXTS),
    "desk-partner-names": (ADMIN, NO),
    "desk-partner-grant": (NO, ADMIN),
    "desk-partner-grant-end": (NO, ADMIN),
    "desk-partner-batch": (ADMIN, NO),
    "desk-partner-batch-specimen": (ADMIN, NO),
    "desk-partner-batch-decide": (NO, ADMIN),
    "desk-partner-batch-pause": (NO, ADMIN),
    "desk-partner-batch-resume": (NO, ADMIN),
    "desk-partner-batch-undo": (NO, ADMIN),
    "desk-news": (TEXTS, NO),
    "desk-update-new": (TEXTS, TEXTS),
    "desk-update": (TEXTS, TEXTS),
    "desk-update-publish": (NO, TEXTS),
    "desk-update-down": (NO, TEXTS),
    "desk-update-delete": (NO, TEXTS),
    "desk-mailing-new": (TEXTS, TEXTS),
    "desk-mailing": (TEXTS, TEXTS),
    "desk-mailing-test": (NO, TEXTS),
    "desk-mailing-start": (NO, TEXTS),
    "desk-mailing-pause": (NO, TEXTS),
    "desk-mailing-resume": (NO, TEXTS),
    "desk-mailing-cancel": (NO, TEXTS),
    "desk-mailing-pace": (NO, TEXTS),
    "desk-quotes": (TEXTS, TEXTS),
    "desk-quote-remove": (NO, TEXTS),
    "desk-repeat": (ALL, NO),
    "desk-handbook": (ALL, NO),
    "desk-handbook-picture": (ALL, NO),
    "desk-trail": (DECIDE, NO),
}
NOWHERE = {
    "pk": 987,
    "number": 987,
    "earlier": 987,
    "later": 988,
    "language": "en",
    "kind": "signature",
    "verb": "withdraw",
    "name": "nothing",
    "channel": 987,
    "sheet": 987,
    "invitation": 987,
    "account": 987,
    "batch": 987,
    "which": "handout",
    "contact": 987,
    "enquiry": 987,
    "mailbox": 987,
}
EVERY_ROLE = [*Role, None]


def come_in(role: Role | None, name: str = "vera") -> Client:
    """The browser of somebody with this role, logged in."""
    browser = Client()
    enter(browser, organizer(name, role=role))
    return browser


def address(pattern: URLPattern, **rows: int) -> str:
    """An address of the desk; where it names a row there is none, unless `rows` say which."""
    return reverse(str(pattern.name), kwargs={n: (NOWHERE | rows)[n] for n in pattern.pattern.regex.groupindex})


def is_refused(response: HttpResponse) -> bool:
    """Refused with words that say who may."""
    return response.status_code == 403 and "administrators may do this" in response.content.decode()


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_every_address_lets_in_those_roles_that_may(role: Role | None) -> None:
    browser, stranger = come_in(role), Client()
    assert {pattern.name for pattern in urls.urlpatterns} == set(WHO)
    for pattern in urls.urlpatterns:
        path = address(pattern)
        for method, allowed in zip(("GET", "POST"), WHO[str(pattern.name)], strict=True):
            inside, outside = browser.generic(method, path), stranger.generic(method, path)
            told = f"{method} {path}: {inside.status_code}, {outside.status_code}"
            if allowed is None:
                assert (inside.status_code, outside.status_code) == (405, 405), told
            else:
                assert is_refused(inside) is (role not in allowed), told  # type: ignore[arg-type]
                assert inside.status_code != 405 and "/login/" not in inside.get("Location", ""), told
                assert outside["Location"].startswith("/accounts/login/?next="), told
    # An empty form is valid for the page for the press, and for a new edition; nothing but a press is needed for the
    # watch list as a file.
    assert Act.objects.count() == 2 * (role in TEXTS) + (role in ADMIN)


@pytest.mark.parametrize(
    ("flags", "role", "expected"),
    [
        ({}, Role.VIEWER, {Power.LOOK_AT_NUMBERS}),
        ({"is_superuser": True}, Role.VIEWER, {Power.LOOK_AT_NUMBERS}),  # the row decides
        ({"is_superuser": True}, None, set(Power)),  # the first one, whom createsuperuser makes
        ({}, Role.ADMINISTRATOR, set(Power)),
        ({}, None, set()),
        ({"is_active": False}, Role.ADMINISTRATOR, set()),
        ({"is_staff": False}, Role.ADMINISTRATOR, set()),
        ({"is_active": False, "is_superuser": True}, None, set()),
    ],
)
def test_the_role_of_an_account(flags: dict[str, bool], role: Role | None, expected: set[Power]) -> None:
    made = organizer(role=role)
    get_user_model().objects.filter(pk=made.pk).update(is_superuser=False)
    get_user_model().objects.filter(pk=made.pk).update(**flags)
    account = get_user_model().objects.get(pk=made.pk)
    assert {power for power in Power if may(account, power)} == expected


def test_the_first_organizer_is_made_by_a_command(client: Client) -> None:
    """There is no Django admin, and createsuperuser needs none."""
    call_command("createsuperuser", username="ada", email="ada@declaration.example", interactive=False, verbosity=0)
    enter(client, get_user_model().objects.get(username="ada"))
    assert client.get("/desk/organizers/").status_code == 200


def test_templates_ask_for_powers_that_exist() -> None:
    """A name that is misspelt would hide a button from everybody."""
    folder = Path(settings.BASE_DIR) / "templates"
    asked = {name for path in folder.rglob("*.html") for name in re.findall(r"\bcan\.(\w+)", path.read_text())}
    assert asked <= set(Power)
    assert len(asked) > 10


# --- What pages show --------------------------------------------------------------------------------------------------
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
