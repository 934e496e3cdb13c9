"""The catalogues: complete, compiled, in step with code and templates, and no page in two languages.

Nothing here calls a gettext tool: machines that run the tests have none.
"""

import ast
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import icu
import polib  # type: ignore[import-untyped]
import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import ngettext, npgettext
from django.utils.translation.template import templatize
from pytest_django import Settings

from declaration import languages
from declaration.settings import BASE_DIR, LANGUAGE_CODE
from signatories.models import Edition, MailQuota, Signature, StoppedMailbox
from signatories.models.signature import State
from tests.people import enter, form, organizer, post_form, read_mail, signed, text
from tests.smtp import Catcher

CODES = [code for code, _name in languages.known()]
TRANSLATED = [code for code in CODES if code != LANGUAGE_CODE]
KINDS = ("gettext", "ngettext", "pgettext", "npgettext")
MARKERS = {"_", *KINDS, *(f"{kind}_lazy" for kind in KINDS)}
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"(n?p?gettext|_)\(({STRING}(?:, {STRING})*)(?:, ?count)?\)")
KEPT = re.compile(r"</?[a-z][^<>]*>|%\(\w+\)[sd]|%%|\{\w*\}")
LONG = 12
# Frequent words that are of one language alone.
COMMON = {
    "en": r"\b(the|and|your|you|with|this|please)\b",
    "fr": r"\b(vous|votre|nous|une|avec|cette|sont|veuillez|pas)\b",
    "de": r"\b(und|der|nicht|Sie|werden|auf|Ihre|ist)\b",
    "es": r"\b(usted|los|las|aquí|nadie|quien)\b",
    "it": r"\b(della|che|questa|è|degli|nella|può)\b",
    "pt": r"\b(não|uma|pela|você|ao)\b",
    "pl": r"\b(się|jest|lub|tego|który|przez|podpis)\b",
    "sv": r"\b(och|är|inte|som|din|ditt|här|eller)\b",
    "uk": r"\b(та|або|не|що|цей|це|ваш|підпис)\b",
    "ja": r"です|ます|この|ください",
    "ar": r"هذه|هذا|على|التي|من",
}


class Message(NamedTuple):
    """What a string is found by."""

    context: str
    words: str
    plural: str


def catalogue(language: str, kind: str = "po") -> dict[Message, list[str]]:
    """The live entries with their translations, one a plural form."""
    file = BASE_DIR / "locale" / language / "LC_MESSAGES" / f"django.{kind}"
    entries = polib.pofile(file) if kind == "po" else polib.mofile(file)
    return {
        Message(e.msgctxt or "", e.msgid, e.msgid_plural): [e.msgstr_plural[n] for n in sorted(e.msgstr_plural)]
        or [e.msgstr]
        for e in entries
        if not e.obsolete
    }


def message(marker: str, arguments: list[str]) -> Message:
    """What one call marks."""
    kind = marker.removesuffix("_lazy")
    context = arguments.pop(0) if "pgettext" in kind else ""
    return Message(context, arguments[0], arguments[1] if kind.startswith("n") else "")


def in_code() -> Iterator[Message]:
    """Every string that the code marks."""
    for file in [*BASE_DIR.glob("declaration/**/*.py"), *BASE_DIR.glob("signatories/**/*.py")]:
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call):
                continue
            marker = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if marker in MARKERS:
                strings = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                assert strings, f"{file}:{call.lineno} marks no literal"
                yield message(marker, strings)


def in_templates() -> Iterator[Message]:
    """Every string that the templates mark."""
    for file in [*BASE_DIR.glob("templates/**/*.html"), *BASE_DIR.glob("templates/**/*.txt")]:
        for marker, arguments in CALL.findall(templatize(file.read_text())):
            yield message(marker, list(ast.literal_eval(f"({arguments},)")))


def test_every_language_of_the_site_has_a_catalogue_and_no_other_lies_about() -> None:
    assert sorted(entry.name for entry in languages.FOLDER.iterdir() if entry.is_dir()) == sorted(TRANSLATED)
    assert set(CODES) == set(COMMON)


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated_and_nothing_is_guessed_or_dead(language: str) -> None:
    file = polib.pofile(BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po")
    assert [e.msgid for e in file.untranslated_entries() + file.fuzzy_entries() + file.obsolete_entries()] == []
    assert file.metadata["Language"] == language
    forms = int(file.metadata["Plural-Forms"].partition("nplurals=")[2][0])
    assert {len(words) for found, words in catalogue(language).items() if found.plural} == {forms}


def numbers_of_forms(language: str) -> list[list[int]]:
    """For each plural form of a language, the numbers to 200 it is for: as gettext answers for a string whose forms differ."""
    found, forms = next((m, f) for m, f in catalogue(language).items() if m.plural and len(set(f)) == len(f))
    chosen: list[list[int]] = [[] for _ in forms]
    with translation.override(language):
        for n in range(201):
            said = npgettext(found.context, *found[1:], n) if found.context else ngettext(*found[1:], n)
            chosen[forms.index(said)].append(n)
    return chosen


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plural_forms_are_those_of_the_language(language: str) -> None:
    """As Unicode CLDR has them: numbers of one category, and no others, share a form."""
    rules = icu.PluralRules.forLocale(icu.Locale("pt_PT" if language == "pt" else language))  # European Portuguese
    by_form = [{rules.select(n) for n in numbers} for numbers in numbers_of_forms(language)]
    assert all(len(categories) == 1 for categories in by_form)
    assert len(set.union(*by_form)) == len(by_form)


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_and_markup_are_kept(language: str) -> None:
    """Only a form for a single number may say it as a word."""
    single = [len(numbers) == 1 for numbers in numbers_of_forms(language)]
    single[0] = single[0] or language == "fr"  # where none counts as one
    for found, translations in catalogue(language).items():
        wanted = [sorted(KEPT.findall(words)) for words in (found.words, found.plural) if words]
        for number, words in enumerate(translations):
            kept = sorted(KEPT.findall(words))
            assert kept in (wanted if single[number] else wanted[-1:]), words
            assert words.startswith("\n") == found.words.startswith("\n")
            assert words.endswith("\n") == found.words.endswith("\n")


def is_for_a_button(found: Message) -> bool:
    """Whether a string is short enough to stand on a button or in a menu."""
    return len(found.words) <= 24 and not found.plural and not KEPT.search(found.words)


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_too_long_for_its_button(language: str) -> None:
    """What has at most 24 letters in English has at most 44: a button of a phone with 320 pixels holds so many."""
    long = [
        words
        for found, each in catalogue(language).items()
        if is_for_a_button(found)
        for words in each
        if len(words) > 44
    ]
    assert long == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    assert catalogue(language, "mo") == catalogue(language)
    folder = BASE_DIR / "locale" / language / "LC_MESSAGES"
    head = polib.pofile(folder / "django.po").metadata
    del head["POT-Creation-Date"]  # left out by msgfmt, so that the same words give the same file
    assert polib.mofile(folder / "django.mo").metadata == head


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_what_code_and_templates_mark_and_no_more(language: str) -> None:
    marked = {*in_code(), *in_templates()}
    assert len(marked) > 300
    held = set(catalogue(language))
    assert marked - held == set(), "run make messages"
    assert held - marked == set(), "run make messages"


def test_french_is_set_as_the_french_set_it() -> None:
    """Typographic apostrophes; no-break spaces before : and inside « », narrow ones before ; ! ?"""
    for words in (w for translations in catalogue("fr").values() for w in translations):
        plain = html.unescape(re.sub(r"<[^<>]+>", "", words))
        wrong = r"['\"“”]|\.\.\.|[^\u202f][;!?]|[^\u00a0]:(?!//)|«[^\u00a0]|[^\u00a0]»"
        assert not re.search(wrong, plain), plain


def pieces(words: str) -> Iterator[str]:
    """The parts of a message between its placeholders and tags, long enough to be nobody else's."""
    for piece in KEPT.split(words):
        plain = " ".join(html.unescape(piece).split())
        if len(plain) > LONG:
            yield plain


def own_words(language: str) -> set[str]:
    """Everything that may stand on a page of `language`."""
    if language == LANGUAGE_CODE:
        found = [part for m in catalogue(TRANSLATED[0]) for part in (m.words, m.plural)]
    else:
        found = [words for translations in catalogue(language).values() for words in translations]
    return {piece for words in found for piece in pieces(words)}


def foreign_words(language: str) -> set[str]:
    """What the catalogues say in other languages and nowhere in this one."""
    own = own_words(language)
    others = {piece for code in CODES if code != language for piece in own_words(code)}
    return {piece for piece in others if not any(piece in mine for mine in own)}


def shown(page: str) -> str:
    """What a reader sees, hears or finds of a page: its text and the attributes that are words."""
    said = re.findall(r'(?:aria-label|alt|content|placeholder|title)="([^"]*)"', page)
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(" ".join([words, *said])).split())


def public_pages(client: Client, prefix: str) -> Iterator[str]:
    """The pages anyone may open, full and empty, right and wrong."""
    yield client.get(f"{prefix}/signatories/").content.decode()
    yield client.get(f"{prefix}/press/").content.decode()
    signature = signed(profession="director", country="DE", address="first@example.org")
    Edition.objects.create(number=1, state="ready", as_of=datetime(2026, 11, 24, tzinfo=UTC), named=10140, unnamed=1392)
    paths = [
        "/", "/signatories/", "/signatories/?q=nobody-at-all", f"/signatories/{signature.number}/", "/press/", "/about/",
        "/privacy/", "/confirm/", "/sign/sent/", "/nowhere/", "/confirm/1.garbled/",
    ]  # fmt: skip
    for path in paths:
        yield client.get(prefix + path).content.decode()
    wrong: list[dict[str, str]] = [
        {},
        form(name="<b>", email="ann", affiliation="", country="XX"),
        form(name="😀", affiliation="", email="é@example.org"),
    ]
    for typed in wrong:
        yield client.post(f"{prefix}/sign/", typed).content.decode()
    yield client.post(
        f"{prefix}/sign/", form(affiliation=""), headers={"Sec-Fetch-Site": "cross-site"}
    ).content.decode()
    yield client.post(f"{prefix}/confirm/", {}).content.decode()
    yield client.post(f"{prefix}/confirm/", {"email": "ann@example.org", "code": "0000 0000"}).content.decode()


def private_pages(client: Client, mailbox: Catcher, prefix: str) -> Iterator[str]:
    """The mails to one person and the pages they lead to, in every state of the signature."""
    post_form(client, f"{prefix}/sign/", affiliation="", country="DE")
    mail = read_mail(mailbox)
    yield mail.html
    yield f"<title>{html.escape(str(mail.message['Subject']))}</title>{html.escape(mail.text)}"
    for path in (mail.path("confirm"), mail.path("stop")):
        yield client.get(path).content.decode()
    client.post(mail.path("confirm"))
    for named in (True, False):
        for state in State:
            Signature.objects.update(state=state, named=named, withdrawn_at=timezone.now())
            yield client.get(mail.path("confirm")).content.decode()
    for state in (State.PUBLISHED, State.HELD):
        Signature.objects.update(state=state, named=True)
        post_form(client, f"{prefix}/sign/", name=f"Again {state}", affiliation="")
        again = read_mail(mailbox)
        yield again.html
        yield html.escape(again.text)
    yield from own_pages(client, mailbox, prefix)
    yield client.post(mail.path("stop")).content.decode()


def own_pages(client: Client, mailbox: Catcher, prefix: str) -> Iterator[str]:
    """The signer's own page and what it leads to, with the mails about it, and the form of a representative."""
    for path in ("/mine/", "/mine/asked/", "/mine/1.garbled/", "/mine/undo/1.garbled/", "/sign/for/"):
        yield client.get(prefix + path).content.decode()
        if path in ("/mine/", "/sign/for/"):
            yield client.post(prefix + path, {}).content.decode()
    StoppedMailbox.objects.all().delete()
    MailQuota.objects.all().delete()
    client.post(f"{prefix}/mine/", {"email": "ann@example.org"})
    mail = read_mail(mailbox)
    own = mail.path("mine")
    for way in ("", "?saved", "withdraw/", "data/"):
        yield client.get(own + way).content.decode()
    yield client.post(own, {"name": "Otto <b>"}).content.decode()
    changed = form(name="Avelinne Ashgrove", affiliation="", appearance="unnamed")
    client.post(own, changed)
    yield mail.html + read_mail(mailbox).html
    withdrawn = client.post(f"{own}withdraw/", follow=True)
    yield withdrawn.content.decode() + html.escape(read_mail(mailbox).text)
    yield client.post(withdrawn.redirect_chain[-1][0], follow=True).content.decode()


def account_pages(language: str) -> Iterator[str]:
    """The pages of accounts, which have one address in all languages: to somebody outside, wrongly filled, and inside."""
    browser = Client(headers={"Accept-Language": language})
    for path in (
        "login/",
        "password/reset/",
        "password/reset/done/",
        "login/code/",
        "signup/",
        "invitation/1.garbled/",
    ):
        yield browser.get(f"/accounts/{path}").content.decode()
    yield browser.post("/accounts/login/", {"login": "nobody", "password": ""}).content.decode()
    enter(browser, organizer())
    for path in ("2fa/", "2fa/totp/activate/", "2fa/recovery-codes/", "sessions/", "password/change/", "logout/"):
        yield browser.get(f"/accounts/{path}", follow=True).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", CODES)
def test_no_page_and_no_mail_speaks_two_languages(
    client: Client, mailbox: Catcher, settings: Settings, language: str
) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS = "Operator", "Example"
    settings.LANGUAGES = languages.known()
    text()
    foreign = foreign_words(language)
    assert len(foreign) > 200
    prefix = "" if language == LANGUAGE_CODE else f"/{language}"
    pages = [*public_pages(client, prefix), *private_pages(client, mailbox, prefix), *account_pages(language)]
    for page in pages:
        words = shown(page)
        assert [piece for piece in foreign if piece in words] == []
        direction = "rtl" if language == "ar" else "ltr"
        assert "<html" not in page or f'<html lang="{language}" dir="{direction}"' in page
        for other, common in COMMON.items():
            assert other == language or not re.search(common, words, re.IGNORECASE), words
    seen = " ".join(map(shown, pages))
    assert sum(piece in seen for piece in own_words(language)) > 150


@pytest.mark.django_db
def test_numbers_dates_countries_and_professions_are_french(client: Client) -> None:
    text()
    now = datetime(2026, 11, 24, 15, 4, tzinfo=UTC)
    signature = signed(profession="singer", country="DE", now=now)
    Edition.objects.create(number=1, state="ready", as_of=now, named=10140, unnamed=1392)
    page = client.get(f"/fr/signatories/{signature.number}/").content.decode()
    assert all(words in page for words in ("24 novembre 2026", "Allemagne", "Chanteur·se"))
    press = client.get("/fr/press/").content.decode()
    assert "24 novembre 2026, 15:04 UTC" in press
    assert re.search("11[\u00a0\u202f]532", press)
    with translation.override("fr"):
        signed_by = [ngettext("%(count)s person has signed", "%(count)s people have signed", n) for n in (0, 1, 2)]
    assert signed_by[0] == signed_by[1] != signed_by[2]  # French counts none as one


def test_what_marks_a_string_is_seen() -> None:
    """The finder itself: quotes, escapes, plurals, contexts and filters, as gettext reads them."""
    template = """{% translate "It’s 5%" %}{{ a|default:_("One") }}{% translate 'Two' context "x" %}
    {% blocktranslate trimmed count n=1 %}
      {{ n }} "day"
    {% plural %}
      {{ n }} days{% endblocktranslate %}"""
    found = [message(m, list(ast.literal_eval(f"({a},)"))) for m, a in CALL.findall(templatize(template))]
    assert found == [("", "It’s 5%%", ""), ("", "One", ""), ("x", "Two", ""), ("", '%(n)s "day"', "%(n)s days")]
