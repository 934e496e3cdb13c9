"""Names in the scripts that people write today: taken by the form, and printed so that everybody can read them."""

import html
import sys
from pathlib import Path

import page
import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from declaration import fonts
from tests.editions.building import build, glyphs, text_of
from tests.editions.page_pictures import pictures, plain, words
from tests.people import from_everywhere, post_form, signed_to, text

# A snapshot is a transaction of its own.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        sys.platform != "linux" and bool(fonts.missing_glyphs("བ")), reason="Noto for Tibetan is not installed"
    ),
]

NAMES = {
    "Adlam": ["𞤀𞤥𞤢𞤲𞤫", "𞤑𞤵𞤥𞤦𞤢 𞤔𞤢𞤤𞤮"],
    "Arabic": ["نورس الرمّاني"],
    "Armenian": ["Լուսին Շիրազուն"],
    "Balinese": ["ᬯᬬᬦ᭄ ᬢᬫᬦ᭄"],
    "Bamum": ["ꚠꚡꚢ ꛀꛁ"],
    "Batak": ["ᯅᯖᯂ᯲ ᯖᯬᯅ"],
    "Bengali": ["নদী মেঘমালা"],
    "Buginese": ["ᨒᨚᨈᨑ ᨔᨕᨚ"],
    "Canadian Aboriginal": ["ᐊᖅᓴᕐᓂᖅ ᓯᓚ", "ᓄᓇᕗᒥᐅᖅ", "ᒪᐦᑲᓯᐢ"],
    "Chakma": ["𑄌𑄋𑄴𑄟𑄳𑄦"],
    "Cham": ["ꨌꩌ ꨚꨗꨪ"],
    "Cherokee": ["ᏩᎭᏯ ᎤᏃᎴ", "Ꮳꮃꭹ"],
    "Coptic": ["ⲙⲁⲣⲓⲁ ⲛⲟⲩⲃ"],
    "Cyrillic": ["Яна Дикобарвина"],
    "Devanagari": ["रवि चंदनकर"],
    "Ethiopic": ["ጸሐይ አበባየሁ"],
    "Georgian": ["თოვლი ნისლაძე"],
    "Greek": ["Ιάσων Θυμαράκης"],
    "Gujarati": ["નદી મેઘાણીયા"],
    "Gurmukhi": ["ਚਾਨਣ ਤਾਰਾਵਾਲਾ"],
    "Hangul": ["김다솜별"],
    "Han and Kana": ["星野原さくら"],
    "Hanifi Rohingya": ["𐴌𐴟𐴇𐴥𐴝𐴚𐴒𐴙𐴝"],
    "Hebrew": ["דקל בן־לוטם", "1 שלום 2", "שלום 2 Ann", "Ann שלום"],
    "Javanese": ["ꦱꦼꦏꦂ ꦮꦺꦴꦏꦴ", "ꦒꦢꦶꦁ"],
    "Kannada": ["ನದಿ ಮೇಘರಾಜ"],
    "Kayah Li": ["ꤊꤢꤛꤢ꤭ ꤜꤟꤤ꤬"],
    "Khmer": ["ចន្ទ ផ្កាយ"],
    "Lao": ["ດາວ ພູຄຳ"],
    "Lepcha": ["ᰛᰩᰵ ᰛᰵᰶ"],
    "Limbu": ["ᤛᤡᤖᤡᤈᤨ"],
    "Lisu": ["ꓡꓲ ꓢꓴ", "ꓬꓰ ꓙꓵ"],
    "Malayalam": ["നദി മേഘമല"],
    "Mandaic": ["ࡌࡀࡍࡃࡀ ࡆࡉࡅࡀ"],
    "Mathematical": ["𝓐𝓷𝓷 𝓥𝓪𝓵𝓮", "𝔉𝔢𝔫 𝕄𝕠𝕠𝕟"],
    "Meetei Mayek": ["ꯂꯩ ꯅꯣꯡ"],
    "Mongolian": ["ᠰᠠᠷᠠ", "ᠨᠠᠷᠠᠨ ᠴᠡᠴᠡᠭ"],
    "Myanmar": ["မိုး တိမ်"],
    "New Tai Lue": ["ᦷᦟ ᦺᦑ"],
    "N'Ko": ["ߒߞߏ", "ߡߊ߬ߘߎ߬ ߞߋ߬ߕߊ"],
    "Ol Chiki": ["ᱪᱟᱸᱫᱚ ᱤᱯᱤᱞ"],
    "Oriya": ["ନଦୀ ମେଘମାଳା"],
    "Osage": ["𐓏𐓘𐓻𐓘𐓻𐓟"],
    "Saurashtra": ["ꢱꣃꢬꢵꢰ꣄ꢜ꣄ꢬ"],
    "Sinhala": ["සඳ තාරකා"],
    "Sundanese": ["ᮞᮥᮔ᮪ᮓ ᮘᮥᮜᮔ᮪"],
    "Syriac": ["ܫܡܫܐ ܕܟܘܟܒܐ", "ܢܗܪܐ ܙܥܘܪܐ"],
    "Tai Le": ["ᥖᥭᥰ ᥘᥫᥴ"],
    "Tai Tham": ["ᨩᩣ᩠ᨿ ᨯᩣ᩠ᩅ"],
    "Tai Viet": ["ꪼꪕ ꪒꪾ"],
    "Tamil": ["மகிழை மணிமலர்"],
    "Telugu": ["నది మేఘమాల"],
    "Thaana": ["ހަނދު ތަރި"],
    "Thai": ["ธาราไชย เมฆอินทร์"],
    "Tibetan": ["ཟླ་བ་སྐར་མ", "ཉི་མ འོད་ཟེར་ཚོ"],
    "Tifinagh": ["ⵜⴰⴼⵓⴽⵜ ⵏ ⵡⴰⵎⴰⵏ", "ⴰⵢⵢⵓⵔ"],
    "Vai": ["ꕙꔤ ꗏꔳ"],
    "Yi": ["ꆈꌠ ꉌꂷ"],
}
WIDEST_GAP = 11  # dots: 5.5 points, half a line; the widest space in these names is 5 points
ALL = [name for names in NAMES.values() for name in names]


@pytest.fixture
def edition(tmp_path: Path, settings: Settings) -> Path:
    """The PDF of an edition of all of them."""
    settings.MEDIA_ROOT = tmp_path / "files"
    published = text()
    for number, name in enumerate(ALL):
        signed_to(published, name=name, address=f"p{number}@example.org")
    return Path(default_storage.path(build().pdf))


def test_on_the_pages_as_pictures_no_name_is_blank(edition: Path, tmp_path: Path) -> None:
    """Ink stands where a machine reads each of their words, all along it, and each has a look of its own: boxes would not.

    Poppler tells some words from right to left as they stand on the page, and some together with their neighbour: so it
    does with the digits of a name, which alone would also be found in each moment and number of the edition.
    """
    sheets, read = pictures(edition, tmp_path), list(words(edition))
    looks: dict[tuple[int, ...], str] = {}
    for name in ALL:
        for word in [word for word in plain(name).split() if not word.isdigit()]:
            places = [at for at in read if word in at.text or (word[::-1] in at.text and not word.isascii())]
            assert places, word
            for at in places:
                ink = sheets[at.page].ink(at)
                gaps = "".join("x" if dots else " " for dots in ink).split("x")
                assert sum(ink) >= 2 * len(ink) > 0, word
                assert max(map(len, gaps)) <= WIDEST_GAP, word
                assert looks.setdefault(tuple(ink), at.text) == at.text
    above = [at._replace(top=at.top - 60, bottom=at.top - 40) for at in read if at.page == 0][:1]
    assert [sum(sheets[at.page].ink(at)) for at in above] == [0]  # a blank place would be seen


def test_the_form_takes_them_and_list_and_edition_show_them(client: Client) -> None:
    assert len(ALL) >= 60
    from_everywhere()
    words = text()
    refused = []
    for number, name in enumerate(ALL):
        address = f"p{number}@example.org"
        if post_form(client, name=name, email=address).status_code != 303:
            refused.append(name)
        signed_to(words, name=name, address=address)
    assert refused == []
    listed = client.get("/signatories/").content.decode()
    assert [name for name in ALL if html.escape(name) not in listed] == []

    edition = build()
    path = Path(default_storage.path(edition.pdf))
    read = text_of(path)
    assert [name for name in ALL if name not in read] == []
    with pikepdf.open(path) as pdf:
        assert 0 not in [glyph for sheet in pdf.pages for glyph in glyphs(sheet)]
    report = page.validate_pdf(path, profile="ua1")
    assert [failure.message for failure in report.failures] == []
