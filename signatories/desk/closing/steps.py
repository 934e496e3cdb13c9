"""What follows from the end of signing, each with its true state, and what is deleted when."""

from datetime import datetime, timedelta

from django.conf import settings
from django.template.defaultfilters import pluralize
from django.urls import reverse

from signatories.desk.start.steps import Status, Step
from signatories.models import Closing, Edition, Signature, Signup, Update
from signatories.models.edition import EditionState
from signatories.models.organizer import Power
from signatories.models.signature import State
from signatories.privacy import dossiers


def steps_of(row: Closing) -> list[Step]:
    """Return the steps after the end, in their order."""
    return [_settled(row), _decided(), _dossiers(row), _edition(row), _archive(row), _thanks(row)]


def _settled(row: Closing) -> Step:
    days = f"{settings.END_DAYS} day{pluralize(settings.END_DAYS)}"
    waiting = Signup.objects.of_signers().filter(confirmed_at=None).count()
    status = Status.DONE if row.settled_at else Status.TO_DO
    found = [f"For {days} after the end those who asked before may still confirm; then they are forgotten."]
    if not settings.END_DAYS:
        found = ["Nobody has days left to confirm: END_DAYS is 0."]
    if row.settled_at:
        found = [f"Settled {_moment(row.settled_at)}: who had not confirmed is forgotten."]
    elif row.end:
        told = (
            f"{_count(waiting, 'person has', 'people have')} not confirmed yet."
            if waiting
            else "Everybody has confirmed."
        )
        found.append(f"By itself on {_moment(row.end.confirming_until)}. {told}")
    return Step(
        "settled", "The last confirmations", "Until then the end can be undone, and the number still grows.",
        Power.OPEN, status, found, reverse("desk-numbers"), "See the numbers",
    )  # fmt: skip


def _decided() -> Step:
    waiting = Signature.objects.filter(state=State.HELD).count()
    found = ["Nobody waits for a decision."]
    if waiting:
        told = _count(waiting, "signature waits", "signatures wait")
        found = [f"{told} for a decision: decide before the last edition."]
    return Step(
        "decided", "The last decisions", "Who is published later stands in no edition of before.",
        Power.DECIDE, Status.WARNING if waiting else Status.DONE, found, reverse("desk-queue"), "See who waits",
    )  # fmt: skip


def _dossiers(row: Closing) -> Step:
    left = dossiers.unsigned().count()
    found = ["No dossier is left of anybody who never signed."]
    if left:
        told = _count(left, "dossier is kept", "dossiers are kept")
        found = [f"{told}: deleted once the end is settled and nobody waits for a decision."]
    return Step(
        "dossiers", "Dossiers of people who never signed", "The page on privacy promises that they go at the end.",
        Power.DECIDE, Status.DONE if row.settled_at and not left else Status.TO_DO, found,
        reverse("desk-watched-names"), "See the watched names",
    )  # fmt: skip


def _edition(row: Closing) -> Step:
    edition, latest = row.last_edition, Edition.objects.latest_ready()
    status, found = Status.TO_DO, ["It is asked for by itself, once the last confirmations are in."]
    if edition is not None and edition.state == EditionState.READY:
        status, found = Status.DONE, [f"Edition {edition.number} is ready, as of {_moment(edition.as_of)}."]
        if latest and (latest.number or 0) > (edition.number or 0):
            found.append(f"Somebody has left or was corrected since: edition {latest.number} is the newest.")
    elif edition is not None and edition.state in (EditionState.FAILED, EditionState.CANCELLED):
        status, found = Status.WARNING, [f"It {'failed' if edition.error else 'was cancelled'}: ask for it once more."]
    elif edition is not None:
        found = ["It is asked for, and is made as soon as the worker is free."]
    again = status == Status.WARNING
    return Step(
        "edition", "The last edition", "What is printed and kept.", Power.OPEN, status, found,
        reverse("desk-closing-edition") if again else reverse("desk-editions"),
        "Ask for it once more" if again else "See the editions", posts=again,
    )  # fmt: skip


def _archive(row: Closing) -> Step:
    latest = Edition.objects.latest_ready()
    status, found = Status.TO_DO, ["Not written yet."]
    if row.archived_at:
        files = _count(row.archived_files or 0, "file", "files")
        found = [f"Written {_moment(row.archived_at)}: {files}, with edition {row.archived_edition}."]
        is_last = bool(row.settled_at and latest and latest.number == row.archived_edition)
        status = Status.DONE if is_last else Status.WARNING
        found += [] if is_last else ["The list has changed since, or can still change: write it once more at the end."]
    found.append("Whoever runs the server writes it, when the last edition is ready: manage.py freeze /archive/site")
    return Step(
        "archive", "The archive", "The public site as plain files, which any web server can show for years.",
        Power.OPEN, status, found, reverse("desk-handbook"), "See the handbook",
    )  # fmt: skip


def _thanks(row: Closing) -> Step:
    told = Update.objects.public().filter(published_at__gte=row.ended_at) if row.ended_at else Update.objects.none()
    newest = told.order_by("-published_at").first()
    found = [f"News published {_moment(newest.published_at)}."] if newest else ["No news was published since the end."]
    return Step(
        "thanks", "Thank you", "Tell everybody what became of it; those who asked for news can get it by mail.",
        Power.SEND_NEWS, Status.DONE if newest else Status.TO_DO, found, reverse("desk-news"), "Write news",
    )  # fmt: skip


def kept(row: Closing) -> list[tuple[str, str]]:
    """Return what is kept of signers, and until when, as dates."""
    end = row.end
    assert end is not None  # noqa: S101 - asked once signing has ended
    confirmed = end.confirming_until + timedelta(days=settings.LINK_DAYS)
    mails = f"{settings.LETTER_DAYS} days after each was sent"
    addresses = "until you set a day below"
    if end.addresses_deleted_at:
        addresses = f"deleted on {end.addresses_deleted_at:%-d %B %Y}"
    elif end.addresses_until:
        addresses = f"until {end.addresses_until:%-d %B %Y}"
    return [
        ("Forms that nobody confirmed", f"until {_day(end.confirming_until)}"),
        ("People whom partners named and who did not answer", f"until {_day(end.confirming_until)}"),
        ("Forms that were confirmed, and networks they came from", f"until {_day(confirmed)} at the latest"),
        ("That a mail was sent", mails),
        ("Who withdraws", f"{settings.UNDO_DAYS} days, then a bare row"),
        ("Mail addresses of signers, and what is kept with them", addresses),
        ("Names that are shown, the number, and what organizers decided", "for good"),
    ]


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def _moment(at: datetime | None) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC" if at else ""
