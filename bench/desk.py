"""Times of the pages of the desk with 1,000 signatures, and with 100,000 signatures, 5,000 held and 1,000,000 acts.

The pages are asked in this process, without a web server: what grows is what they ask of the database. Pages are full
at both sizes. The acts are not sealed, because no page of the desk reads seals.
"""

import logging
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from bench import crowd, listing
from declaration.demo import text as demo_text
from signatories.accounts import second_factor
from signatories.desk.duplicates import finding
from signatories.models import Act, Alarm, HourlyFigure, Organizer, Signature
from signatories.models.figures import What
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.screening import holds
from signatories.tally import hourly
from signatories.tally import services as tally

OK = 200
NAMES = 10_000
# So many signatures have another one of the same name and profession, and so many are reported, at the two sizes.
DOUBLES = {1_000: 1_000, 10_000: 5_000, 100_000: 20_000}


class Size(NamedTuple):
    """How much there is; `hours` are those of which figures are kept."""

    signatures: int
    held: int
    acts: int
    hours: int


SMALL, LARGE = Size(1_000, 500, 10_000, 24), Size(100_000, 5_000, 1_000_000, 30 * 24)
QUICK = Size(10_000, 1_000, 100_000, 240)
# A tenth are acts of organizers, of which one in a hundred is a rejection; all others are of signers and rules.
_ACTS = """
INSERT INTO signatories_act (verb, actor, organizer_id, role, signature_id, before, after, reason, acted_at)
SELECT CASE WHEN n % 1000 = 0 THEN 'reject' WHEN n % 10 = 0 THEN 'publish' ELSE 'confirm' END,
       CASE WHEN n % 10 = 0 THEN 'organizer' ELSE 'signer' END,
       CASE WHEN n % 10 = 0 THEN (%(organizers)s::int[])[1 + (n / 10) % cardinality(%(organizers)s::int[])] END,
       CASE WHEN n % 10 = 0 THEN 'moderator' ELSE '' END,
       (%(people)s::bigint[])[1 + n % cardinality(%(people)s::bigint[])], '', 'published', 'Bench.',
       now() - (%(last)s - n) * interval '1 second'
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
_APART = "UPDATE signatories_signature SET skeleton = 'one ' || id WHERE skeleton NOT LIKE 'one %%'"
_DOUBLE = """
UPDATE signatories_signature SET skeleton = 'two ' || numbered.place / 2, profession = 'poet'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM signatories_signature WHERE state = 'published' LIMIT %s)
    AS numbered
WHERE numbered.id = signatories_signature.id
"""
_REPORT = """
INSERT INTO signatories_correction (signature_id, wrong, words, address_sealed, language, created_at)
SELECT id, CASE WHEN id %% 7 = 0 THEN 'not_me' ELSE 'other' END, 'Bench.', '', 'en', now() - id * interval '1 second'
FROM signatories_signature ORDER BY id LIMIT %s
"""


class PageTime(NamedTuple):
    """One page: median milliseconds at the small and at the large size."""

    name: str
    small: float
    large: float


def measure(rounds: int, large: Size = LARGE) -> Iterator[PageTime]:
    """Measure each page at both sizes, one after the other in one database."""
    logging.getLogger(tally.__name__).setLevel(logging.CRITICAL)  # the drift before the first count is expected
    with listing.database_of_our_own("desk"):
        call_command("migrate", verbosity=0)
        demo_text.publish()
        account = _account()
        times = []
        for size in (SMALL, large):
            _fill(size)
            browser = _enter(account)  # anew, for the second factor counts as fresh for five minutes only
            times.append({name: _median(browser, path, rounds) for name, path in _pages()})
        yield from (PageTime(name, times[0][name], found) for name, found in times[1].items())


def _account() -> User:
    """Make an administrator, and two others who have acted."""
    account = get_user_model().objects.create(username="bench-desk", is_staff=True)
    for name in ("bench-mona", "bench-otto"):
        get_user_model().objects.create(username=name, is_staff=True)
    Organizer.objects.create(account=account, role=Role.ADMINISTRATOR)
    second_factor.add_app(account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return account


def _enter(account: User) -> Client:
    """Open a session in which the second factor was shown just now."""
    browser = Client(SERVER_NAME=urlsplit(settings.SITE_URL).hostname)
    browser.force_login(account)
    request = HttpRequest()
    request.session = browser.session
    second_factor.mark_shown(request)
    request.session.save()
    return browser


def _fill(size: Size) -> None:
    crowd.fill(size.signatures, NAMES)
    held = Signature.objects.filter(state=State.HELD)
    if (more := size.held - held.count()) > 0:
        some = Signature.objects.public().order_by("-pk").values("pk")[:more]
        Signature.objects.filter(pk__in=some).update(state=State.HELD, held_for=[holds.DOMAIN])
    organizers = list(get_user_model().objects.order_by("pk").values_list("pk", flat=True))
    people = list(Signature.objects.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatories_act DISABLE TRIGGER act_to_be_sealed")
        values: dict[str, Any] = {
            "first": Act.objects.count() + 1,
            "last": size.acts,
            "organizers": organizers,
            "people": people,
        }
        cursor.execute(_ACTS.replace(" % ", " %% "), values)
        cursor.execute("ALTER TABLE signatories_act ENABLE TRIGGER act_to_be_sealed")
        cursor.execute("VACUUM ANALYZE")
    _double_and_report(DOUBLES[size.signatures])
    Alarm.objects.get_or_create(kind="domain", subject="invented.example", words="Many people of invented.example.")
    tally.repair()
    _count_hours(size.hours)


def _count_hours(hours: int) -> None:
    """Store figures as a job has counted them: of each hour all, and the largest mail domains."""
    now, domains = hourly.full_hour(timezone.now()), range(hourly.DOMAINS_KEPT)
    HourlyFigure.objects.bulk_create(
        (
            HourlyFigure(hour=now - n * hourly.HOUR, what=what, key=key, count=4_000 if not key else 150)
            for n in range(hours)
            for what in What
            for key in ("", *(f"d{domain}.invented.example" for domain in domains))
        ),
        ignore_conflicts=True,
        batch_size=10_000,
    )


def _double_and_report(count: int) -> None:
    """Give so many signatures another one of the same name and profession, and an open report each."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM signatories_correction")
        cursor.execute("DELETE FROM signatories_duplicategroup")
        cursor.execute("DELETE FROM signatories_duplicatesearch")
        # Nobody else has the name: the crowd draws from few names.
        cursor.execute(_APART)
        cursor.execute(_DOUBLE, [2 * count])
        cursor.execute(_REPORT, [count])
    finding.look(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _median(browser: Client, path: str, rounds: int) -> float:
    taken = []
    for turn in range(rounds + 2):  # the first two warm up
        began = time.perf_counter()
        answer = browser.get(f"/desk/{path}")
        if turn > 1:
            taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != OK:
            raise SystemExit(f"{path}: {answer.status_code}")
    return round(median(taken), 1)


def _pages() -> Iterator[tuple[str, str]]:
    """Yield a name for the table, and a path, of each page that shows rows."""
    held = Signature.objects.filter(state=State.HELD).order_by("confirmed_at")
    shown = Signature.objects.public().order_by("pk")
    middle = shown[shown.count() // 2]
    organizer, act = get_user_model().objects.latest("pk"), Act.objects.order_by("pk")
    yield "overview", ""
    yield "queue", "queue/"
    yield "queue, in the middle", f"queue/?after={held[held.count() // 3].pk}"
    yield "clusters", "clusters/"
    yield "rules", "rules/"
    for name in ("numbers", "reports", "mails", "texts", "editions", "organizers", "exports", "alarms", "settings"):
        yield name, f"{name}/"
    yield "doubles", "doubles/"
    yield "notable", "notable/"
    yield "watched names", "settings/watched/"
    yield "lists", "settings/lists/"
    yield "alarm", f"alarms/{Alarm.objects.latest('pk').pk}/"
    yield "signature", f"signatures/{middle.pk}/"
    yield "find, a number", f"find/?q={middle.number}"
    yield "find, an address", "find/?q=nobody@example.org"
    yield "find, a common name", "find/?q=aveline"
    yield "find, a rare name", f"find/?q={middle.name.split()[-1]}"
    yield "find, nobody", "find/?q=qxzvwq"
    yield "trail", "trail/"
    yield "trail, in the middle", f"trail/?before={act[act.count() // 2].pk}"
    yield "trail, a common act", "trail/?verb=publish"
    yield "trail, a rare act", "trail/?verb=reject"
    yield "trail, an act that nobody did", "trail/?verb=merge"
    yield "trail, an organizer", f"trail/?organizer={organizer.pk}"
    yield "trail, an organizer and a rare act", f"trail/?organizer={organizer.pk}&verb=reject"
