"""Invented people for the demo, the tests and the benchmarks: many scripts, professions, countries. Nobody is real."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from declaration.models import Text
from signatories.identity import consent, mailbox, names
from signatories.identity.filing import guess_filing
from signatories.lifecycle.transitions import next_number
from signatories.models import Profession, Signature
from signatories.models.signature import State
from signatories.models.signup import new_nonce
from signatories.screening import holds
from signatories.tally import services as tally

# (weight, countries, given names, family names, family first and without space, Latin forms or None)
PEOPLES: list[tuple[int, list[str], list[str], list[str], bool]] = [
    (30, ["GB", "US", "IE", "AU", "CA", "NZ"],
     ["Aveline", "Bram", "Corisande", "Delphin", "Elowen", "Fenwick", "Guinevra", "Hartley", "Isolde", "Jocasta",
      "Kestrel", "Linnet", "Marigold", "Nerys", "Orlan", "Peverell", "Quill", "Rosamund", "Sorrel", "Thaddea"],
     ["Ashgrove", "Bellweather", "Copperfell", "Duskwood", "Eddlestone", "Fairhollow", "Greyfriar", "Hazelmoor",
      "Inkpenny", "Juniperson", "Kettlewick", "Larkspurre", "Mossbank", "Netherby-Quince", "O'Dunmore", "Pennyroyal"],
     False),
    (12, ["FR", "BE", "CH", "CA"],
     ["Amandine", "Bérénice", "Célestin", "Désiré", "Éloïse", "Firmin", "Gaëlle", "Honoré", "Inès", "Joséphin"],
     ["d'Aubrepierre", "Beauchastel", "Chanteloube", "Desruisselles", "L'Hermitelle", "Fontainebrune", "Œuvrard-Lys"],
     False),
    (10, ["DE", "AT", "CH"],
     ["Änne", "Burkhild", "Cosimo", "Dörte", "Eberwin", "Friedlinde", "Götz", "Heilwig", "Ingerose", "Jörn"],
     ["Abendschön", "Birkenfäller", "von der Moosalm", "Grünspecht", "Silberdistel", "Wolkenstößer", "Ziegenrücker"],
     False),
    (8, ["SE", "NO", "DK", "FI", "IS"],
     ["Åsvild", "Björk-Elin", "Dagrún", "Eyvor", "Gøril", "Hjördis", "Ørnulf", "Sölvi", "Þórdís", "Ylva-Li"],
     ["Ångström-Vik", "Bjørkedalen", "Dalsgård", "Kärrhöök", "Nørrelykke", "Sjöstjärna", "Ödegaard-Ek"], False),
    (8, ["ES", "MX", "AR", "CO", "PT", "BR"],
     ["Ágata", "Baltasar", "Consuelo", "Dionísio", "Estrella", "Fermín", "Inmaculada", "João-Tomé", "Nuño", "Ximena"],
     ["Álamo Ruibarbo", "Caracoles Peña", "de la Higuera y Sol", "Ñandubay", "Jacarandá", "Lágrimas", "Zarzamora"],
     False),
    (6, ["PL", "CZ", "SK", "HU", "RO", "TR"],
     ["Bożydar", "Ctirad", "Đorđina", "Ágota", "Świętosława", "Ştefania", "İpek", "Łucja", "Žofie", "Gülşah"],
     ["Brzęczek-Łąka", "Čtvrtníček", "Kékfű", "Țepeluș", "Işıldar", "Źródłowska", "Řeřicha"], False),
    (4, ["VN"], ["Thị Ánh", "Văn Đỗ", "Ngọc Uyển", "Hữu Nghĩa", "Mỹ Lệ"], ["Nguyễn", "Trịnh", "Đặng", "Phùng", "Lưỡng"],
     False),
    (5, ["UA", "BG", "RS", "KZ"], ["Яна", "Богуслав", "Вишня", "Ждан", "Їлена", "Љубица", "Ёлка"],
     ["Барвинок", "Гречкосей", "Світлогор", "Ђурђевак", "Чарівна", "Щедринська", "Яблунева"], False),
    (3, ["GR", "CY"], ["Αριάδνη", "Θάλεια", "Ιάσονας", "Ζωή", "Ωρίων"], ["Ανεμώνης", "Ελαιώνα", "Λυχνάρη", "Ψαροπούλα"],
     False),
    (3, ["EG", "MA", "LB", "IR"], ["نورس", "ياسمين", "بدر", "زهرة", "می‌نا"],
     ["الرمّاني", "القمري", "السنديان", "باغستانی"],
     False),
    (2, ["IL"], ["נועם", "שקד", "אגם", "רימון"], ["הרדוף", "צפורת", "לוטם", "כלנית"], False),
    (3, ["IN", "NP"], ["प्रियांशी", "कमलिनी", "आकाशदीप", "वर्षा"], ["चन्द्रकान्त", "मेघवाल", "सरोजनी", "ऋतुराज"], False),
    (3, ["JP"], ["花音", "さくら", "風太郎", "しずく"], ["星野原", "水無瀬", "鈴懸", "月ヶ岡"], True),
    (2, ["CN", "TW"], ["墨竹", "清荷", "雲起", "听雨"], ["歐陽", "慕容", "上官", "东方"], True),
    (2, ["KR"], ["가온누리", "별하", "은결", "다솜"], ["남궁", "선우", "황보", "제갈"], True),
    (1, ["TH"], ["ก้องฟ้า", "ดาริกา", "พิมพ์ดาว"], ["ทองเมฆา", "จันทร์ฉาย", "รุ่งอรุณ"], False),
]  # fmt: skip
_SINGULAR = ["-Q-", "will.o.wisp", "Øyvé", "Sólveyg", "MÅNFRØ", "O", "Null", "Tintinnabula", "b r i n e", "Ember & Ash"]
_GROUPS = [
    "The Paper Lanterns", "Ensemble Nordlicht", "Quatuor des Brumes", "Teatro del Álamo", "Hollow Reed Press",
    "Choir of the Ninth Wave", "Lighthouse Radio Players", "Studio Vantablanc", "劇団ほたる", "Оркестр Світанок",
]  # fmt: skip
_SPAN = timedelta(hours=30)
DOMAIN = "invented.example"  # of all their mailboxes


@dataclass(frozen=True)
class Invented:
    """One invented person."""

    name: str
    name_latin: str
    country: str
    profession: str
    affiliation: str
    named: bool


def people(count: int, seed: int = 1) -> Iterator[Invented]:
    """Yield `count` people, the same for the same seed; names repeat only when the lists are used up."""
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    weights = [group[0] for group in PEOPLES]
    professions = [code for code in Profession.values if code != Profession.OTHER]
    for _ in range(count):
        _weight, countries, given, family, family_first = rng.choices(PEOPLES, weights)[0]
        if rng.random() < 0.02:
            name = rng.choice(_SINGULAR)
        elif family_first:
            name = rng.choice(family) + rng.choice(given)
        else:
            middle = f"{rng.choice('ABCDEFGHJKLMNPRSTVW')}. " if given[0].isascii() and rng.random() < 0.3 else ""
            name = f"{rng.choice(given)} {middle}{rng.choice(family)}"
        foreign = bool(names.scripts(name) - {"Latn"})
        yield Invented(
            name=name,
            name_latin=names.fold(name).title() if foreign and rng.random() < 0.6 else "",
            country=rng.choice(countries) if rng.random() < 0.9 else "",
            profession=rng.choice(professions),
            affiliation=rng.choice(_GROUPS) if rng.random() < 0.35 else "",
            named=rng.random() > 0.12,
        )


def signatures(count: int, *, until: datetime, seed: int = 1) -> None:
    """Store `count` published signatures of invented people, with a launch-day curve that ends at `until`."""
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    texts = {text.language: text for text in Text.objects.filter(published_at__isnull=False)}
    # Most sign in the first hours after the release.
    moments = sorted(until - _SPAN + _SPAN * min(rng.expovariate(5), 1) for _ in range(count))
    rows = []
    for n, (person, moment) in enumerate(zip(people(count, seed), moments, strict=True)):
        text = texts["fr" if person.country in {"FR", "BE", "CH"} and "fr" in texts else "en"]
        rows.append(_row(person, text, moment, f"person{seed}-{n}@{DOMAIN}"))
    with transaction.atomic():
        Signature.objects.bulk_create(rows, batch_size=1000)
        tally.add(Counter(facet for row in rows for facet in tally.facets(row)))
    tally.fold()


def waiting(names_like: Iterable[str], *, until: datetime) -> None:
    """Store confirmed signatures that wait for a person, one for each name, one hour apart."""
    text = Text.objects.filter(published_at__isnull=False).earliest("pk")
    for hours, (name, person) in enumerate(zip(names_like, people(99, seed=2), strict=False)):
        invented = Invented(**vars(person) | {"name": name, "name_latin": "", "named": True})
        row = _row(invented, text, until - timedelta(hours=hours), f"waiting{hours}@{DOMAIN}")
        row.state, row.number, row.published_at = State.HELD, None, None
        row.held_for = holds.name_reasons(holds.candidate(row))
        row.save()


def _row(person: Invented, text: Text, moment: datetime, address: str) -> Signature:
    signature = Signature(
        **vars(person), filed_under=guess_filing(person.name), language=text.language, text=text,
        consent=consent.VERSION, source="demo", state=State.PUBLISHED,
        address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
        domain=mailbox.domain_of(address), nonce=new_nonce(), signed_at=moment, confirmed_at=moment, changed_at=moment,
    )  # fmt: skip
    signature.first_published(number=next_number(), now=moment)
    signature.set_keys()
    return signature
