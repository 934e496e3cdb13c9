"""Words to which people agreed must name e-mail, in whatever language they were asked."""

import pytest
from django.conf import settings
from pytest_django import Settings

from declaration import languages
from signatories.gathering.email_words import name_email
from signatories.gathering.forms import ProofForm
from tests.gathering.gathering import WORDS

OPERATOR = "The Declaration Office"
SAID = {
    "en": ("{} may write to me by e-mail.", "{} may email me.", "{} may send me an E‑Mail.",
        "by electronic mail from {}"),
    "fr": ("{} peut m’écrire par courriel.", "{} peut m’écrire par mail.", "{} : par courrier électronique",
        "un mél de {}", "{} : par voie électronique", "{} : par voies électroniques"),
    "de": ("{} darf mir eine E-Mail schicken.", "{} darf mir mailen.", "{}: an meine Mailadresse", "{}: per EMail",
        "per E-Post von {}", "elektronische Post von {}", "{}: auf elektronischem Weg"),
    "es": ("{} puede escribirme por correo electrónico.", "{} puede enviarme un correo.", "{}: por vía electrónica",
        "{}: por via electronica"),
    "it": ("{} può scrivermi per posta elettronica.", "{} può mandarmi una mail.", "{}: per posta elettronica",
        "{}: per via elettronica"),
    "pt": ("{} pode escrever-me por correio eletrónico.", "{} pode me escrever por correio eletrônico.", "{}: e-mail",
        "{}: por correio eletrónico", "{}: por via eletrônica"),
    "pl": ("{} może do mnie napisać pocztą elektroniczną.", "{} może wysłać mi mejla.", "{}: e-mailem",
        "{}: drogą elektroniczną", "{}: na adres elektroniczny"),
    "sv": ("{} får skriva till mig med e-post.", "{} får mejla mig.", "{}: per epost", "{}: med elektronisk post",
        "{}: på elektronisk väg"),
    "uk": ("{} може написати мені електронною поштою.", "{} може надіслати мені імейл.", "{}: на е-пошту",
        "{}: поштою електронною", "{}: на ел. пошту", "{}: електронним листом", "{}: на мою эл. почту",
        "{}: на эл.почту", "{}: почтой электронной"),
    "ja": ("{}がメールで連絡することに同意します。", "{}：電子メール", "{}：ﾒｰﾙ"),
    "ar": ("يمكن لـ {} أن يكتب إليّ عبر البريد الإلكتروني.", "{}: إيميل", "{}: الـبَريد"),
}  # fmt: skip
UNSAID = (
    "{} may write to me.", "{} may call me.", "{} peut m’écrire une lettre.", "{} darf mir nach Mailand schreiben.",
    "{} : un maillot pour moi", "{} may write to me by post.", "{} może do mnie zadzwonić.", "{}: Remailers", "{}",
    "{} : par voie postale", "{} : la musique électronique", "{}: pocztą lub drogą telefoniczną",
    "{}: elektronische Musik, per Post",
    "{}: med post", "{}: por vía postal", "{}: música electrónica", "{}: per posta", "{}: por via postal",
    "{}: звичайною поштою",
    "{}: на почту ели и пихты", "{}: via electronic signature", "{}: wegen elektronischer Musik", "{}: 電話で",
    "{}: عبر الهاتف",
)  # fmt: skip


@pytest.mark.parametrize("language", sorted(SAID))
def test_it_is_found_in_each_language(language: str) -> None:
    for words in SAID[language]:
        assert name_email(words.format(OPERATOR), operator=OPERATOR), words


def test_each_language_of_the_site_has_words_here() -> None:
    assert {code for code, _name in languages.known()} == set(SAID)


@pytest.mark.parametrize("words", UNSAID)
def test_it_is_missed(words: str) -> None:
    assert not name_email(words.format(OPERATOR), operator=OPERATOR)


def test_the_name_of_the_operator_is_not_the_word() -> None:
    assert not name_email("The Mail Art Office may write to me.", operator="The Mail Art Office")
    assert name_email("The Mail Art Office may write to me by mail.", operator="The Mail Art Office")


def test_there_is_one_error_that_says_what_is_missing(settings: Settings) -> None:
    settings.OPERATOR_NAME = OPERATOR
    for words, wrong in (
        (f"{OPERATOR} may write.", "by e-mail"),
        ("By e-mail.", "do not name"),
        ("", "copy the words"),
    ):
        found = ProofForm({"asked_in": words}, has_specimen=True).errors["asked_in"]
        assert len(found) == 1 and wrong in found[0], found
    assert "asked_in" not in ProofForm({"asked_in": WORDS.format(OPERATOR)}, has_specimen=True).errors


def test_the_words_of_the_tests_pass() -> None:
    assert name_email(WORDS.format(settings.OPERATOR_NAME), operator=settings.OPERATOR_NAME)
