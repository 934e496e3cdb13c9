"""A name says its own language, whatever the page around it is written in."""

import pytest

from signatories.identity.language import in_latin, language_of


@pytest.mark.parametrize(
    ("name", "country", "signed_in", "language"),
    [
        # Han: the language of signing, then the country; else Chinese.
        ("欧阳墨竹", "", "zh", "zh"), ("欧阳墨竹", "", "zh-hans", "zh"), ("歐陽墨竹", "", "zh-hant", "zh-Hant"),
        ("歐陽墨竹", "TW", "zh", "zh-Hant"), ("歐陽墨竹", "HK", "en", "zh-Hant"), ("歐陽墨竹", "MO", "fr", "zh-Hant"),
        ("欧阳墨竹", "CN", "en", "zh"), ("欧阳墨竹", "SG", "en", "zh"), ("欧阳墨竹", "", "en", "zh"),
        ("星野原花音", "", "ja", "ja"), ("星野原花音", "JP", "en", "ja"), ("星野原花音", "JP", "", "ja"),
        ("鮮于星河", "KR", "en", "ko"), ("鮮于星河", "KP", "fr", "ko"), ("鮮于星河", "", "ko", "ko"),
        # Kana, Hangul and Bopomofo tell it by themselves, wherever the person lives.
        ("星野原 かのん", "FR", "fr", "ja"), ("ホシノハラ", "CN", "zh", "ja"), ("선우 별하", "JP", "ja", "ko"),
        ("鮮于 별하", "CN", "zh", "ko"), ("ㄨㄤˊ ㄌㄧㄥˊ", "TW", "en", "zh-Hant"),
        # Scripts of one language.
        ("Ζωή Ψαροπούλα", "FR", "fr", "el"), ("נועם הרדוף", "", "en", "he"), ("ก้องฟ้า", "US", "en", "th"),
        ("ნინო", "", "fr", "ka"), ("Անի", "", "fr", "hy"), ("தமிழ்", "LK", "en", "ta"),
        # Scripts of many languages: a hint, or the script alone.
        ("Яна Ђурић", "RS", "en", "sr"), ("Лукьян", "RU", "en", "ru"), ("Ганна", "UA", "fr", "uk"),
        ("Яна Ђурић", "FR", "fr", "und-Cyrl"), ("Яна", "", "bg", "bg"),
        ("محمد الرمّاني", "EG", "fr", "ar"), ("نیلوفر", "IR", "en", "fa"), ("محمد", "FR", "fr", "und-Arab"),
        # Latin: as the person signed, unless that language is written otherwise.
        ("Aveline Ashgrove", "IE", "en", "en"), ("Anaïs", "", "fr", "fr"), ("Anna Vale", "JP", "ja", "und-Latn"),
        ("Anna Vale", "DE", "ja", "de"), ("Anna", "", "", "und-Latn"), ("007", "FR", "fr", "fr"),
        # Two scripts: the one that tells more.
        ("DJ 星野原", "JP", "en", "ja"), ("王 Lin", "", "en", "zh"), ("MC Яна", "RS", "fr", "sr"),
        # Whatever else stands there is no error.
        ("", "", "", "und-Latn"), ("\U0001f3b5", "", "xx", "und-Latn"), ("王", "??", "en", "zh"),
    ],
)  # fmt: skip
def test_script_language_and_country_decide(name: str, country: str, signed_in: str, language: str) -> None:
    assert language_of(name, country=country, signed_in=signed_in) == language


@pytest.mark.parametrize(("language", "latin"), [("ja", "ja-Latn"), ("zh-Hant", "zh-Latn"), ("und-Cyrl", "und-Latn")])
def test_latin_letters_beside_it_say_so(language: str, latin: str) -> None:
    assert in_latin(language) == latin
