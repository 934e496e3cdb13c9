"""Conditions in plain words, as the desk shows them."""

from datetime import datetime

from django.conf import settings
from django_countries import countries

from declaration.models import Text
from signatories.models import Partner
from signatories.models.profession import profession_label
from signatories.models.signature import State
from signatories.screening import holds
from signatories.screening.conditions import Conditions

DIGITS_SHOWN = 8  # of the digest of a network


def told(conditions: Conditions) -> list[tuple[str, str]]:
    """Return what is asked for, as labels and values, in the order of the form."""
    asked = conditions
    found = [
        ("Those who are", ", ".join(str(State(state).label) for state in asked.states)),
        ("Mail domain", asked.domain),
        ("Part of the name", asked.name),
        ("Band, ensemble or company", asked.affiliation),
        ("Profession", profession_label(asked.profession, "") if asked.profession else ""),
        ("Country", countries.name(asked.country)),
        ("Signed in", str(dict(settings.LANGUAGES).get(asked.language, ""))),
        ("Text", _text(asked.text)),
        ("Came by", str(Partner.objects.filter(pk=int(asked.partner)).first() or "") if asked.partner else ""),
        ("Wait because of", holds.explain(asked.reason) if asked.reason else ""),
        ("Network", f"{asked.network[:DIGITS_SHOWN]}…" if asked.network else ""),
        ("Mail server", asked.server),
        ("Confirmed from", _moment(asked.since)),
        ("Confirmed before", _moment(asked.until)),
        ("Also decided about", "yes" if asked.decided else ""),
    ]
    return [(label, value) for label, value in found if value]


def _moment(said: str) -> str:
    return f"{datetime.fromisoformat(said):%d %B %Y, %H:%M} UTC" if said else ""


def _text(key: str) -> str:
    text = Text.objects.filter(pk=int(key)).first() if key else None
    return f"{text.version}, {text.language}" if text else ""
