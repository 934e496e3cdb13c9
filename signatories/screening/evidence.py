"""What speaks for or against those who wait, beside each of them in the queue: counted for a page of them at once.

Counts stop at MOST, so that a large mail provider costs no more than a small one.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from signatories.models import Signature

MOST = 100
NEAR = timedelta(minutes=10)  # forms of one network within so long before and after

_OF_DOMAIN = """
SELECT wanted.domain,
       (SELECT min(confirmed_at) FROM signatories_signature WHERE domain = wanted.domain),
       (SELECT count(*) FROM (SELECT 1 FROM signatories_signature
                              WHERE domain = wanted.domain LIMIT %(most)s) AS few),
       (SELECT count(*) FROM (SELECT 1 FROM signatories_signature
                              WHERE domain = wanted.domain AND confirmed_at > %(lately)s LIMIT %(most)s) AS few)
FROM unnest(%(domains)s::text[]) AS wanted(domain)
"""
_OF_NETWORK = """
SELECT own.signature_id,
       (SELECT count(*) FROM (SELECT 1 FROM signatories_signup AS other
                              WHERE other.network = own.network AND other.confirmed_at IS NOT NULL
                                    AND other.confirmed_at BETWEEN own.confirmed_at - %(near)s
                                                               AND own.confirmed_at + %(near)s
                                    AND other.id <> own.id LIMIT %(most)s) AS few)
FROM signatories_signup AS own
WHERE own.signature_id = ANY(%(ids)s) AND own.network <> '' AND own.confirmed_at IS NOT NULL
"""
_OF_MAILBOX = """
SELECT own.id, other.state, count(*)
FROM signatories_signature AS own
JOIN signatories_signature AS other ON other.address_digest = own.address_digest AND other.id <> own.id
WHERE own.id = ANY(%(ids)s)
GROUP BY own.id, other.state
"""
_OF_NAME = """
SELECT own.id,
       (SELECT count(*) FROM (SELECT 1 FROM signatories_signature AS other
                              WHERE other.state = 'published' AND other.skeleton = own.skeleton
                                    AND own.skeleton <> '' LIMIT %(most)s) AS few)
FROM signatories_signature AS own WHERE own.id = ANY(%(ids)s)
"""
_OF_WORDS = """
SELECT own.id,
       (SELECT count(*) FROM (SELECT 1 FROM signatories_signature AS other
                              WHERE other.affiliation = own.affiliation AND other.affiliation <> ''
                                    AND other.id <> own.id LIMIT %(most)s) AS few)
FROM signatories_signature AS own WHERE own.id = ANY(%(ids)s) AND own.affiliation <> ''
"""
# The name that stood last, or was confirmed, before it was changed, with that in Latin letters. The trail keeps both
# until the person is erased.
_OF_CHANGES = """
SELECT id, old_name, old_latin FROM (
    SELECT own.id, own.name, own.name_latin,
           coalesce((array_agg(detail.before ->> 'name' ORDER BY act.id)
                     FILTER (WHERE detail.before ->> 'name' IS NOT NULL))[1], own.name) AS old_name,
           coalesce((array_agg(detail.before ->> 'name_latin' ORDER BY act.id)
                     FILTER (WHERE detail.before ->> 'name_latin' IS NOT NULL))[1], own.name_latin) AS old_latin
    FROM signatories_signature AS own
    JOIN signatories_act AS act ON act.signature_id = own.id
    JOIN signatories_actdetail AS detail ON detail.act_id = act.id
    WHERE own.id = ANY(%(ids)s)
        AND act.id > coalesce((SELECT max(stood.id) FROM signatories_act AS stood
                               WHERE stood.signature_id = own.id AND stood.after = 'published'), 0)
    GROUP BY own.id
) AS changed WHERE (old_name, old_latin) <> (name, name_latin)
"""


class OldName(NamedTuple):
    """A name before it was changed, and how it stood in Latin letters; empty where it did not."""

    name: str
    latin: str


@dataclass
class Evidence:
    """Of one signature. `of_domain` and the other counts leave nobody out but stop at MOST.

    `mailbox` is what the same mailbox has signed besides, as counts by state. `old_name` is the name before it was
    changed, which nobody has decided about yet.
    """

    domain_since: datetime | None = None
    of_domain: int = 0
    of_domain_lately: int = 0
    of_network: int = 0
    same_name: int = 0
    same_words: int = 0
    old_name: OldName | None = None
    mailbox: dict[str, int] = field(default_factory=dict)


def collect(signatures: Collection[Signature], now: datetime) -> dict[int, Evidence]:
    """Return the evidence about a page of signatures, by their keys; six queries, however many they are."""
    found = {signature.pk: Evidence() for signature in signatures}
    values: dict[str, Any] = {
        "ids": list(found), "domains": list({signature.domain for signature in signatures}),
        "most": MOST, "near": NEAR, "lately": now - timedelta(hours=1),
    }  # fmt: skip
    domains = {domain: rest for domain, *rest in _rows(_OF_DOMAIN, values)}
    for signature in signatures:
        each = found[signature.pk]
        each.domain_since, each.of_domain, each.of_domain_lately = domains[signature.domain]
    for pk, count in _rows(_OF_NETWORK, values):
        found[pk].of_network = count
    for pk, state, count in _rows(_OF_MAILBOX, values):
        found[pk].mailbox[state] = count
    for pk, count in _rows(_OF_NAME, values):
        found[pk].same_name = count
    for pk, count in _rows(_OF_WORDS, values):
        found[pk].same_words = count
    for pk, *before in _rows(_OF_CHANGES, values):
        found[pk].old_name = OldName(*before)
    return found


def old_name(signature: Signature) -> OldName | None:
    """Return the name before a change that nobody has decided about yet, if there was one."""
    return next((OldName(*before) for _pk, *before in _rows(_OF_CHANGES, {"ids": [signature.pk]})), None)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
