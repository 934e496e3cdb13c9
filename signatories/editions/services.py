"""Services of editions: request an edition or one of its lists, build what waits, cancel."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from declaration.database.one_at_a_time import one_at_a_time
from declaration.models import Text
from signatories.editions import building, last_release, retiring
from signatories.editions.difference import changed_since
from signatories.models import Edition, EditionPart, Signature
from signatories.models import settings as site
from signatories.models.edition import EditionState, Part
from signatories.models.profession import Field, GroupKind

_BUILD_LOCK, _ASK_LOCK = 0xED17, 0xED18
_WAITS = (EditionState.ASKED, EditionState.BUILDING)


def ask() -> Edition:
    """Request an edition; returns the waiting one if there is one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ASK_LOCK])
        waiting = Edition.objects.filter(state=EditionState.ASKED).order_by("pk").first()
        return waiting or Edition.objects.create()


def ask_if_changed() -> Edition | None:
    """Request an edition unless the list is as in the latest one, or there is no text to print yet.

    While organizers make editions by hand, only if somebody in the latest one has left the list: its files are taken
    down by a newer one.
    """
    if Text.objects.current(settings.LANGUAGE_CODE) is None:
        return None
    latest = Edition.objects.latest_ready()
    if not site.current().editions_scheduled:
        return ask() if latest and retiring.names_who_left(latest) else None
    return ask() if latest is None or changed_since(latest) else None


def ask_part(edition: Edition, part: Part, *, language: str = "", since: int = 0) -> EditionPart:
    """Request a list of an edition; returns the one there is, which is built anew if it failed or was cancelled."""
    found, _made = EditionPart.objects.get_or_create(
        edition=edition, part=part, language=language or settings.LANGUAGE_CODE, since=since
    )
    ended = EditionPart.objects.filter(pk=found.pk, state__in=[EditionState.FAILED, EditionState.CANCELLED])
    ended.update(state=EditionState.ASKED, error="", pages_done=0, asked_at=timezone.now())
    found.refresh_from_db()
    return found


def cancel(edition_id: int) -> bool:
    """Cancel an edition that waits or is being built. Returns False if there was nothing to cancel."""
    waits = Edition.objects.filter(pk=edition_id, state__in=_WAITS)
    return bool(waits.update(state=EditionState.CANCELLED))


def cancel_part(part_id: int) -> bool:
    """The same for a list of an edition that is ready."""
    waits = EditionPart.objects.filter(pk=part_id, state__in=_WAITS, edition__state=EditionState.READY)
    return bool(waits.update(state=EditionState.CANCELLED))


def build_waiting() -> Edition | None:
    """Build the oldest requested edition, unless a build runs: one at a time bounds the memory."""
    with one_at_a_time(_BUILD_LOCK) as locked:
        if not locked:
            return None
        _clean_up()
        edition = Edition.objects.filter(state=EditionState.ASKED).order_by("pk").first()
        if edition is None:
            return None
        building.build(edition)
        retiring.retire(timezone.now())
        _ask_usual(edition)
        return edition


def build_waiting_part() -> EditionPart | None:
    """The same for a list of the latest edition. It gives way as soon as an edition is requested."""
    with one_at_a_time(_BUILD_LOCK) as locked:
        if not locked:
            return None
        _clean_up()
        part = _next_part()
        if part is None:
            return None
        building.build_part(part)
        part.refresh_from_db()
        return part


def _clean_up() -> None:
    """The lock was free, so what is in state BUILDING was left by a process that died."""
    Edition.objects.filter(state=EditionState.BUILDING).update(state=EditionState.ASKED)
    EditionPart.objects.filter(state=EditionState.BUILDING).update(state=EditionState.ASKED)
    last_release.take_over_editions()
    retiring.discard_unfinished()
    building.remove_left_folders()


def _ask_usual(edition: Edition) -> None:
    """Request what every edition has, and the lists that there are in other languages."""
    if edition.state != EditionState.READY:
        return
    before = Edition.objects.published().filter(number__lt=edition.number).first()
    since = before.number or 0 if before else 0
    tells_changes = building.can_tell_changes(edition, since)
    if tells_changes:
        ask_part(edition, Part.CHANGES, since=since)
    for part in _usual():
        ask_part(edition, part)
    for part, language in _translated():
        if part != Part.CHANGES or tells_changes:
            ask_part(edition, part, language=language, since=since if part == Part.CHANGES else 0)


def _usual() -> Iterable[Part]:
    """Yield the fields, and what is not empty or was not: the list that stays up until then must have a successor."""
    ready = set(EditionPart.objects.filter(state=EditionState.READY).values_list("part", flat=True))
    if Part.NOTABLE in ready or Signature.objects.featured_names().exists():
        yield Part.NOTABLE
    if Part.GROUPS in ready or Signature.objects.public().filter(profession__in=GroupKind.values).exists():
        yield Part.GROUPS
    yield from (Part(field.value) for field in Field)


def _translated() -> list[tuple[Part, str]]:
    """Return the lists that there are, or that wait, in languages of the site other than the main one."""
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    there = EditionPart.objects.filter(language__in=others, state__in=[EditionState.READY, *_WAITS])
    found = there.order_by("part", "language").values_list("part", "language").distinct()
    return [(Part(part), language) for part, language in found]


def _next_part() -> EditionPart | None:
    """Return the requested list of the latest edition of which the newest that was made is oldest.

    So each has its turn though editions follow each other sooner than all their lists can be built, also when the files
    of the older ones are deleted because somebody has left. Requests of older editions are cancelled: the latest has
    asked for the same.
    """
    latest = Edition.objects.latest_ready()
    asked = EditionPart.objects.filter(state=EditionState.ASKED)
    asked.exclude(edition=latest).update(state=EditionState.CANCELLED, error=building.SUPERSEDED)
    made = EditionPart.objects.filter(state=EditionState.READY).values_list("part", "language")
    newest = {(part, language): number for part, language, number in made.annotate(Max("edition__number"))}
    waiting = asked.filter(edition=latest).select_related("edition").order_by("pk")
    return min(waiting, key=lambda part: newest.get((part.part, part.language), 0), default=None)
