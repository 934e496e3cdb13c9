"""The mail that asks to confirm: most of all mails on a busy day, so it is a form letter wherever it can be."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.identity.mailable import reads_as_name
from signatories.mail import form_letters
from signatories.mail.form_letters import FilledLetter, FormLetter, Places
from signatories.models import Signup
from signatories.models.closing import signing_end

_MOST_BUILT = 64


def letter(signup: Signup, address: str, own_id: str) -> FilledLetter | None:
    """The mail to somebody who has signed nothing before; None where it must be made by itself."""
    if signup.rehearsal or not form_letters.can_be_filled_in_for(address):
        return None
    built = _built(signup.language, signup.text.title, _days(signup), tuple(form_letters.operator().items()))
    called = _called(signup)
    return built.filled(
        address,
        own_id,
        {
            "confirm": links.make(Purpose.CONFIRM, signup.pk, signup.nonce),
            "stop": links.make(Purpose.STOP, signup.pk, signup.nonce),
            "code": _code(signup),
            "called": called,
            "called in HTML": escape(called),
        },
    )


def context(signup: Signup) -> dict[str, Any]:
    """The values that every mail about an unconfirmed signup shows, in the language that is active."""
    return {
        "signup": signup,
        "called": _called(signup),
        "code": _code(signup),
    } | _addresses(
        links.make(Purpose.CONFIRM, signup.pk, signup.nonce), links.make(Purpose.STOP, signup.pk, signup.nonce),
        _days(signup),
    )  # fmt: skip


def _days(signup: Signup) -> int:
    """For how many days the link is valid: once signing has ended, not longer than others may still confirm."""
    end = None if signup.rehearsal else signing_end()
    if end is None:
        return int(settings.LINK_DAYS)
    return max(1, min(settings.LINK_DAYS, (end.confirming_until - timezone.now()).days))


def _addresses(confirm: str, stop: str, link_days: int) -> dict[str, Any]:
    return {
        "confirm_url": settings.SITE_URL + reverse("signing-confirm", args=[confirm]),
        "stop_url": settings.SITE_URL + reverse("signing-stop", args=[stop]),
        "code_url": settings.SITE_URL + reverse("signing-code"),
        "link_days": link_days,
    }


def _called(signup: Signup) -> str:
    if reads_as_name(signup.name):
        return signup.name
    with translation.override(signup.language):
        return _("the name that you typed")


def _code(signup: Signup) -> str:
    code = links.make_code(signup.pk, signup.nonce)
    return f"{code[:4]} {code[4:]}"


@lru_cache(maxsize=_MOST_BUILT)
def _built(language: str, title: str, link_days: int, operator: tuple[tuple[str, str], ...]) -> FormLetter:
    """Make the letter. All that is the same in it stands among the arguments: when it changes, it is made anew."""
    places = Places("confirm", "stop", "code", "called", "called in HTML")
    with translation.override(language):
        shown = _addresses(places["confirm"], places["stop"], link_days) | dict(operator)
        shown |= {"signup": {"text": {"title": title}}, "code": places["code"]}
        subject, plain = (
            render_to_string(f"emails/confirm/{name}.txt", shown | {"called": places["called"]})
            for name in ("subject", "body")
        )
        html = render_to_string("emails/confirm/body.html", shown | {"called": places["called in HTML"]})
    return FormLetter.made(places, subject=subject, plain=plain, html=html, stop_url=shown["stop_url"])
