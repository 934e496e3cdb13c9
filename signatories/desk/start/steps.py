"""The steps from an empty installation to an open declaration. Each is read from where its facts stand.

Nothing but a missing text keeps a declaration from being opened: a step that is not done is told, and can follow later.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.models import User
from django.template.defaultfilters import pluralize
from django.urls import reverse

from declaration.models import PressPage
from declaration.ops.mail_check import Verdict
from signatories.accounts import second_factor
from signatories.desk.mails import failed
from signatories.desk.organizers.services import all_accounts
from signatories.desk.texts import versions
from signatories.desk.texts.versions import Version
from signatories.models import Setup, Signup, WatchedName
from signatories.models.mailing import MailState
from signatories.models.organizer import Power, Role, may, role_of

_EXAMPLE = re.compile(r"\b(example|demo|test|invalid|localhost)\b", re.IGNORECASE)
_VERDICTS = {Verdict.FINE: "in order", Verdict.MEND: "to be mended", Verdict.UNSEEN: "could not be seen"}


class Status(StrEnum):
    """How far a step is; the page shows the word."""

    DONE = "done"
    TO_DO = "to do"
    WARNING = "warning"


@dataclass(frozen=True)
class Step:
    """One step: why it is there, how far it is, what was found, and the button that leads on."""

    key: str
    title: str
    why: str
    power: Power
    status: Status
    found: list[str]
    path: str
    label: str
    posts: bool = False  # whether the button acts, instead of leading to a page


def steps_of(account: User) -> list[Step]:
    """Return the steps that an organizer may take."""
    every, setup = versions.newest_first(), Setup.current()
    makers: tuple[tuple[Power, Callable[[], Step]], ...] = (
        (Power.OPEN, _operator),
        (Power.EDIT_TEXTS, lambda: _text(every)),
        (Power.EDIT_RULES, _watch_list),
        (Power.OPEN, lambda: _mail(setup)),
        (Power.MANAGE_ORGANIZERS, _organizers),
        (Power.OPEN, lambda: _rehearsal(setup, every)),
        (Power.EDIT_TEXTS, _press),
        (Power.OPEN, lambda: _open(every)),
    )
    return [make() for power, make in makers if may(account, power)]


def newest_draft(every: list[Version]) -> Version | None:
    """Return the newest version if opening publishes something of it."""
    return every[0] if every and every[0].unpublished else None


def _operator() -> Step:
    stated = {name: getattr(settings, name) for name in ("OPERATOR_NAME", "OPERATOR_EMAIL", "OPERATOR_ADDRESS")}
    examples = [name for name, value in stated.items() if not value or _EXAMPLE.search(value)]
    found = [", ".join(stated.values())]
    if examples:
        found.append(
            f"Looks like an example: {', '.join(examples)}. Whoever runs the server sets this in the file .env."
        )
    return Step(
        "operator", "Operator and contact",
        "They stand on every page and in every mail, so that signers know who keeps their data and whom to ask.",
        Power.OPEN, Status.WARNING if examples else Status.DONE, found, reverse("about"), "See the public page",
    )  # fmt: skip


def _text(every: list[Version]) -> Step:
    names, newest = dict(settings.LANGUAGES), every[0] if every else None
    found = [f"{names[code]}: {_state_of(every, code)}" for code in names]
    status = Status.DONE
    if newest is None or settings.LANGUAGE_CODE not in newest.texts:
        status = Status.TO_DO
        found.append(f"Without a text in {names[settings.LANGUAGE_CODE]} nothing can be opened.")
    elif newest.missing:
        status = Status.WARNING
        found.append("Readers of a language without a text see it in another one.")
    path = reverse("desk-texts") if newest else reverse("desk-text", args=[1])
    return Step(
        "text", "The text", "It is what people sign; once the first has signed, its words are locked for good.",
        Power.EDIT_TEXTS, status, found, path, "See the text" if newest else "Write the text",
    )  # fmt: skip


def _state_of(every: list[Version], code: str) -> str:
    newest = next((version for version in every if code in version.texts), None)
    if newest is None:
        return "not written"
    at = newest.texts[code].published_at
    state = "draft" if at is None else "published" if at <= newest.now else f"planned for {_moment(at)}"
    return f"version {newest.number}, {state}"


def _watch_list() -> Step:
    count = WatchedName.objects.count()
    words = "Empty: somebody who signs in a famous name is listed at once, like everybody else."
    if count:
        words = f"{count} name{pluralize(count)}. A signature that looks like one of them waits for a person."
    return Step(
        "watch-list", "Watched names", "Pranks in the names of famous people are what harms a list most.",
        Power.EDIT_RULES, Status.DONE if count else Status.WARNING, [words], reverse("desk-watched-names"),
        "Edit the watched names",
    )  # fmt: skip


def _mail(setup: Setup) -> Step:
    verdicts = [finding["verdict"] for finding in setup.mail_findings]
    if setup.mail_checked_at:
        wrong = verdicts.count(Verdict.MEND)
        status = Status.WARNING if wrong else Status.DONE
        found = [f"{each['about']} {_VERDICTS[each['verdict']]}: {each['words']}" for each in setup.mail_findings]
        by_whom = (
            f"{wrong} thing{pluralize(wrong, ' is,s are')} to be mended, by whoever runs the server and its domain."
        )
        found.append(f"Tested {_moment(setup.mail_checked_at)}. {by_whom if wrong else 'Nothing is to be mended.'}")
    else:
        status = Status.TO_DO
        waits = f"Asked for {_moment(setup.mail_asked_at)}; the answer is here within a minute: load this page again."
        found = [waits if setup.mail_asked_at else "Not tested yet."]
    return Step(
        "mail", "Mail", "Nobody can sign if mail does not arrive. One goes to your address, the way of all others.",
        Power.OPEN, status, found, reverse("desk-start-mail"), "Mail me a test", posts=True,
    )  # fmt: skip


def _organizers() -> Step:
    accounts = [account for account in all_accounts() if role_of(account)]
    missing = [
        each.username for each in accounts if second_factor.is_needed_by(each) and not second_factor.has_one(each)
    ]
    administrators = sum(role_of(account) == Role.ADMINISTRATOR for account in accounts)
    of_all = f"{len(accounts)} organizer{pluralize(len(accounts))} in all"
    found = [f"{administrators} administrator{pluralize(administrators)}, {of_all}."]
    if administrators == 1:
        found.append(
            "An only administrator who loses the second factor cannot be helped at the desk. Invite another one."
        )
    if missing:
        found.append(f"No second factor yet: {', '.join(missing)}.")
    return Step(
        "organizers", "Organizers", "A stolen password alone must open nothing; and no list should hang on one person.",
        Power.MANAGE_ORGANIZERS, Status.WARNING if missing or administrators == 1 else Status.DONE, found,
        reverse("desk-organizers"), "See the organizers",
    )  # fmt: skip


def _rehearsal(setup: Setup, every: list[Version]) -> Step:
    status, words = _rehearsed(setup, every)
    return Step(
        "rehearsal", "A rehearsal", "Sign once yourself, as all signers do: nothing of it is shown, counted or kept.",
        Power.OPEN, status, [words], reverse("desk-start-rehearsal"), "Rehearse",
    )  # fmt: skip


def _rehearsed(setup: Setup, every: list[Version]) -> tuple[Status, str]:
    if setup.rehearsed_at:
        return Status.DONE, f"Confirmed by {setup.rehearsal_by}, {_moment(setup.rehearsed_at)}."
    signup = Signup.objects.filter(pk=setup.rehearsal_signup or 0, rehearsal=True).first()
    if signup is None:
        return Status.TO_DO, "Not done yet." if every else "It needs a text, at least a draft."
    if signup.mail_state == MailState.WAITING:
        return Status.TO_DO, "The mail waits to be sent."
    if signup.mail_state == MailState.SENT and signup.sent_at:
        return Status.TO_DO, f"The mail was sent {_moment(signup.sent_at)}: open its link, and press the button there."
    return Status.WARNING, failed.explain(signup)


def _press() -> Step:
    names = dict(settings.LANGUAGES)
    pages = {code: PressPage.current(code) for code in names}
    empty = [name for code, name in names.items() if not (pages[code].behind or pages[code].has_contact)]
    found = [f"{name}: {'empty' if name in empty else 'filled in'}" for name in names.values()]
    status = Status.DONE if not empty else Status.TO_DO if len(empty) == len(names) else Status.WARNING
    return Step(
        "press", "The page for the press", "Journalists come on the first day, and look for who is behind it.",
        Power.EDIT_TEXTS, status, found, reverse("desk-press-page", args=[settings.LANGUAGE_CODE]), "Fill it in",
    )  # fmt: skip


def _open(every: list[Version]) -> Step:
    opened = opened_at(every)
    planned = min((version.planned_for for version in every if version.planned_for), default=None)
    status, words = Status.TO_DO, "Visitors see a page that says “Not open yet”."
    if opened:
        status, words = Status.DONE, f"Open since {_moment(opened)}."
    elif planned:
        words = f"It opens by itself on {_moment(planned)}."
    return Step(
        "open", "Open", "One switch publishes the text in all languages, and from then on people can sign.",
        Power.OPEN, status, [words], reverse("desk-start-open"), "See what will happen",
    )  # fmt: skip


def opened_at(every: list[Version]) -> datetime | None:
    """Return since when anybody can sign; None before."""
    moments = [text.published_at for version in every for text in version.texts.values() if text.published_at]
    return min((at for at in moments if at <= every[0].now), default=None)


def _moment(at: datetime | None) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC" if at else ""
