"""Which signs a name may have: what the list can print, and no emoji."""

import pytest
from django.test import Client

from declaration import fonts
from signatories.identity import names, signs
from signatories.models import Signup
from tests.people import post_form, text


@pytest.mark.parametrize(
    "name",
    [
        "Compagnie n° 7", "Ensemble № 5", "Clarinet in B♭", "F♯ Quill", "Records®", "Fallow™", "© Fallow", "Ann ℗ Vale",
        "∆lt-Ja", "Ke$tra", "Ann ★ Vale", "Ann ♥ Vale", "Ann ♪", "N◦ 3", "½ Moon", "Ⅻ Moons", "A → B", "1 שלום 2",
    ],
)  # fmt: skip
def test_signs_that_can_be_printed_are_taken(name: str) -> None:
    assert not fonts.missing_glyphs(name)
    assert names.tidy_name(name) == name


@pytest.mark.parametrize(("typed", "kept"), [("Fallow™️", "Fallow™"), ("Records®️", "Records®"), ("n°️ 7a", "n° 7a")])
def test_signs_that_keyboards_write_as_emoji_are_taken_without_their_selector(typed: str, kept: str) -> None:
    assert names.tidy_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sign"),
    [
        ("Ann 😀", "😀"), ("Ann ⌚ Vale", "⌚"), ("🇫🇷 Ann", "🇫"), ("Ann 👩‍🎤", "👩"), ("Ann ❤️ Bram", "❤️"), ("Ann 1️⃣", "1️⃣"),
        ("Ann ⭐😀", "⭐"), ("Ann 👍🏽", "👍"),
    ],
)  # fmt: skip
def test_an_emoji_is_refused_by_its_name(typed: str, sign: str) -> None:
    with pytest.raises(names.NameRefused) as refused:
        names.tidy_name(typed)
    assert str(refused.value) == f"Please leave out the emoji {sign}."


# Rare Han characters, which no face of ours draws and no face of other scripts will.
@pytest.mark.parametrize(("typed", "sign"), [("Ann \U00030001", "\U00030001"), ("Ann \U00031350 Vale", "\U00031350")])
def test_a_sign_without_a_glyph_is_refused_by_its_name(typed: str, sign: str) -> None:
    assert fonts.missing_glyphs(typed) == {sign}
    with pytest.raises(names.NameRefused) as refused:
        names.tidy_name(typed)
    assert f"the sign {sign} (U+{ord(sign):04X})" in str(refused.value)


@pytest.mark.django_db
def test_the_form_says_which_sign_in_every_field_that_is_printed(client: Client) -> None:
    text()
    for field in ("name", "name_latin", "affiliation"):
        page = post_form(client, **{field: "Ann \U00030001"})
        assert page.status_code == 422
        assert "\U00030001 (U+30001)" in page.content.decode()
    assert post_form(client, name="Ensemble № 5", affiliation="Fallow™").status_code == 303
    assert Signup.objects.get().name == "Ensemble № 5"


def test_what_is_common_needs_no_look_at_the_fonts_and_is_drawn_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000]
    looked_at: set[str] = set()

    def look(text: str) -> set[str]:
        looked_at.update(text)
        return set()

    with monkeypatch.context() as patched:
        patched.setattr(fonts, "missing_glyphs", look)
        for character in everything:
            signs.first_undrawn(character)
    common = set(everything) - looked_at
    assert common >= set("Björn Åkesson Яна Ψαροπούλα 星野原さくら 선우 שלום محمد शशि ° ®")
    assert {c for c in fonts.missing_glyphs("".join(common)) if names.tidy(c)} == set()
