"""A number bends the words beside it, in every language: "1 day", "2 days", "0 jour"."""

import html
import re
from datetime import timedelta

import polib  # type: ignore[import-untyped]
import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import strip_tags
from pytest_django import Settings

from declaration.settings import BASE_DIR
from signatories.editions import document
from signatories.models import Alarm, Edition, MassMove, Signup, Tally
from signatories.models.act import Verb
from signatories.models.mailing import MailState
from signatories.models.signature import State
from signatories.screening import alerts
from tests.people import set_to, signed, signed_many, text

NUMBERS = (0, 1, 2, 5, 11, 21)
# Placeholders that hold words, an address, a moment, or a number that names something ("edition 2").
WORDS = {
    "account", "address", "as_of", "ask_url", "average", "by", "code", "code_url", "corrections", "credit", "day", "domain",
    "edition", "email", "format", "highest", "home_url", "key", "kind", "label", "lang", "language", "line", "list", "mail", "meant",
    "mine_url", "moment", "name", "number", "oldest", "operator", "own_url", "page_url", "path", "place", "presence",
    "privacy_url", "reason", "received", "report_url", "robots", "role", "sample", "sign", "signature", "since",
    "site", "site_url", "sums", "tdmrep", "themes", "title", "url", "verify", "version", "when", "where", "why", "word", "words",
}  # fmt: skip
# Sentences in which no word bends with the numbers, in no language of the site.
UNBENT = {
    "%(all)s: %(named)s by name, %(unnamed)s without",
    "%(named)s by name, %(unnamed)s without.",
    "%(first)s–%(last)s",
    "at least %(count)s",
    "Link %(count)s",
    "At most %(most)d members get a link.",
    "There are %(most)d, the most that are possible.",
    "%(most)d were registered, with those that were removed: no more are possible.",
    "You had %(most)d tests today, the most for a day. From midnight (UTC) on there are more.",
    "Mails of the test that were sent: %(sent)s of %(all)s. The others are on their way; should the mail server not take one, "
    "we try again by ourselves.",
    "Mails of the test that could not be delivered: %(failed)s of %(all)s. Please look whether the mailbox of your account "
    "takes mail, and have the invitation mailed to you once more.",
    "%(most)d files are not sent yet: finish one of them, or take it back.",
    "This file is too large: the limit is %(megabytes)d MB. Please send the list in parts, or remove pictures and columns "
    "that are not needed.",
    "Line %(line)d has too many columns: the limit is %(columns)d. Please keep only the columns that are needed.",
    "There are too many lines in this file: the limit is %(rows)s, without the first. Please send it in parts.",
    'A cell in line %(line)d is too long: the limit in characters is %(signs)d. If it looks short, a quotation mark (") '
    "before it may not be closed.",
    "%(site)s · %(count)s by name, as of %(moment)s UTC",
    "%(site)s · %(count)s signed, as of %(moment)s UTC",
    "Signatures: %(all)s (%(named)s by name, %(unnamed)s without), as of %(moment)s UTC.",
    "For newsrooms: type or paste up to %(most)s names, one on a line. What you ask is not stored.",
    "%(share)s %% of those by name",
    "The number at %(moment)s UTC: %(all)s, %(named)s by name and %(unnamed)s without.",
    "At %(moment)s UTC: confirmed %(all)s, not counted %(off)s (waiting, withdrawn or refused).",
    'Its <a href="%(signature)s">signature</a> is checked with <a href="%(key_url)s">the key that signed this edition</a>. '
    'Keep a copy of it from another day, and compare: it is one of <a href="%(keys)s">all our keys</a>.',
    "Everyone by name, in filing order: what the CSV says of them. At most %(most_signatories)s on a page, with "
    "<code>size=</code>.",
    "The editions, newest first, at most %(most_editions)s on a page. Each has an address of its own, with its files and "
    "their SHA-256.",
    "%(first)s–%(last)s of %(total)s",
    "page %(page)s of %(pages)s",
    "page %(number)s of %(all)s",
    "Download (%(format)s, %(width)s × %(height)s pixels, %(size)s)",
    "A form may be %(limit)s KB long in all, and nothing of this one was stored. Please go back: your browser still has "
    "what you typed. Then shorten it, or choose a smaller file.",
    "Of the mails that a stranger could ask for, no mailbox gets more than %(mails)s of one sort a day, and every mail "
    "that asks you to confirm holds a link that stops them.",
    '<span data-number="named" data-value="%(plain_named)s">%(named)s</span> by name, <span data-number="unnamed" '
    'data-value="%(plain_unnamed)s">%(unnamed)s</span> without',
}
MANY = {
    "en": "(days|hours|people|persons|names|signatures|characters|mails|forms|reports|parts|pairs|times|domains|"
    "are|have|stand|wait|left as they)",
    "fr": "(jours|heures|personnes|noms|caractères|sont|ont)",
}
ONE = {
    "en": "(day|hour|person|name|signature|character|mail|form|report|part|pair|time|domain|is|has|stands|waits|"
    "left as it)",
    "fr": "(jour|heure|personne|nom|caractère|est|a)",
}


def wrong_forms(page: str, language: str = "en") -> list[str]:
    """Find numbers beside a word in the wrong form; French counts none as one."""
    words = " ".join(html.unescape(strip_tags(page)).split())
    single = "1" if language == "en" else "[01]"
    before = r"(?<![\d.,:–-])"
    found = re.finditer(rf"{before}{single} {MANY[language]}\b", words)
    others = re.finditer(rf"{before}(?!{single} )\d+ {ONE[language]}\b", words)
    return [words[max(hit.start() - 30, 0) : hit.end() + 20] for hit in (*found, *others)]


@pytest.mark.parametrize(
    ("page", "language", "wrong"),
    [
        ("1 days", "en", 1), ("<b>1</b> day", "en", 0), ("0 day", "en", 1), ("21 people are", "en", 0), ("11 jour", "fr", 1),
        ("0 jours", "fr", 1), ("1 sont", "fr", 1), ("2 sont", "fr", 0), ("10:01 days", "en", 0),
    ],
)  # fmt: skip
def test_the_finder_itself(page: str, language: str, wrong: int) -> None:
    assert len(wrong_forms(page, language)) == wrong


@pytest.mark.parametrize("language", ["fr"])
def test_every_string_with_a_count_has_its_plurals(language: str) -> None:
    """The catalogue holds every string of code and templates; see test_catalogues.py."""
    entries = polib.pofile(BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po")
    without = {e.msgid for e in entries if not e.msgid_plural and set(re.findall(r"%\((\w+)\)", e.msgid)) - WORDS}
    assert without == UNBENT


@pytest.mark.django_db
@pytest.mark.parametrize("n", NUMBERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_that_everybody_reads(client: Client, settings: Settings, language: str, n: int) -> None:
    text()
    settings.LINK_DAYS = settings.LETTER_DAYS = settings.UNDO_DAYS = settings.DIGEST_DAYS = n
    settings.OWN_PAGE_DAYS = settings.REMINDER_HOURS = n
    facets = ("all", "named", "rejected", "withdrawn")
    Tally.objects.bulk_create([Tally(facet=facet, count=n) for facet in facets], update_conflicts=True,
                              unique_fields=["facet"], update_fields=["count"])  # fmt: skip
    Edition.objects.create(number=1, state="ready", as_of=timezone.now(), named=n, unnamed=n, pages=n)
    prefix = "" if language == "en" else f"/{language}"
    for path in (
        "/",
        "/press/",
        "/press/editions/1/",
        "/privacy/",
        "/mine/asked/",
        "/mine/1.garbled/",
        "/confirm/1.garbled/",
    ):
        page = client.get(prefix + path).content.decode()
        assert wrong_forms(page, language) == [], path
    assert re.search(
        rf"\b{n} ({ONE[language]}|{MANY[language]})\b", strip_tags(client.get(f"{prefix}/privacy/").content.decode())
    )


@pytest.mark.parametrize("n", NUMBERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_printed_edition(language: str, n: int) -> None:
    cover = document.Cover(
        title="T", text_html="", language=language, edition=1, named=n, unnamed=0, as_of=timezone.now(),
        site_url="http://localhost", operator_name="O", text_sha256="", version=1,
    )  # fmt: skip
    with translation.override(language):
        sheets = [document.cover_sheet(cover), *document.frame_sheets(cover, 1, [])]
    assert len(sheets) == 2
    pages = "".join(sheet.html for sheet in sheets)
    assert wrong_forms(pages, language) == []
    singular = n == 1 if language == "en" else n < 2
    assert f"{n} signature{'' if singular else 's'} ·" in html.unescape(pages)


def held(count: int) -> None:
    """So many who have waited for more than a day."""
    long_ago = timezone.now() - timedelta(hours=30)
    for n in range(count):
        row = signed(address=f"h{n}@example.org", name=f"Waiting Person {n}", now=long_ago)
        type(row).objects.filter(pk=row.pk).update(state=State.HELD)


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 2, 5])
def test_alarms_and_the_queue(desk: Client, n: int) -> None:
    text()
    held(n)
    limits = {
        "alarm_held_hours": 24 if n > 1 else 1,
        "alarm_arrivals": 1,
        "alarm_per_domain": n,
        "most_per_domain": n + 9,
    }
    set_to(**limits)
    Signup.objects.update(
        created_at=timezone.now() - timedelta(minutes=20), mail_due_at=timezone.now() - timedelta(minutes=20)
    )
    signed_many("bots.example", n)
    Signup.objects.update(network=b"0" * 32)
    set_to(alarm_per_network=1, alarm_reports=0, alarm_withdrawals=0)
    kinds = {alarm.kind for alarm in alerts.raise_alarms(timezone.now())}
    assert {"held", "mail", "domain", "network", "arrivals"} <= kinds
    for alarm in Alarm.objects.all():
        assert wrong_forms(alarm.words) == []
    for path in ("/desk/", "/desk/queue/", "/desk/alarms/"):
        assert wrong_forms(desk.get(path).content.decode()) == [], path


@pytest.mark.django_db
@pytest.mark.parametrize("n", NUMBERS)
def test_other_pages_of_the_desk(desk: Client, olga: AbstractBaseUser, n: int) -> None:
    signature = signed()
    move = MassMove.objects.create(
        verb=Verb.REJECT, reason="Invented.", organizer_id=olga.pk, total=n, moved=n, skipped=n, batch_count=n, cursor=n,
        state="done",
    )  # fmt: skip
    type(signature).objects.update(featured=1)
    waiting = Signup.objects.latest("pk")
    Signup.objects.update(
        signature=None, confirmed_at=None, mail_state=MailState.WAITING, mail_attempts=n, mail_error="away"
    )
    told = desk.get(f"/desk/signups/{waiting.pk}/").content.decode()
    assert f"Tried {n} time{'' if n == 1 else 's'}: away" in told
    for path in (f"/desk/alarms/moves/{move.pk}/", "/desk/notable/", "/desk/find/", "/desk/doubles/", "/desk/reports/"):
        assert wrong_forms(desk.get(path).content.decode()) == [], path
