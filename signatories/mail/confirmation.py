"""The mail that asks to confirm: most of all mails on a busy day, so it is a form letter wherever it can be."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.identity.mailable import reads_as_name
from signatories.mail import form_letters
from signatories.mail.form_letters import FilledLetter, FormLetter, Places
from signatories.models import Signup

_MOST_BUILT = 64


class _Same(NamedTuple):
    """What is the same in the mails of one letter: when one of these changes, it is made anew."""

    language: str
    title: str
    site_url: str
    operator_name: str
    operator_email: str
    operator_address: str
    link_days: int


def letter(signup: Signup, address: str, own_id: str) -> FilledLetter | None:
    """The mail to somebody who has signed nothing before; None where it must be made by itself."""
    if signup.rehearsal or not form_letters.can_be_filled_in_for(address):
        return None
    built = _built(
        _Same(
            signup.language, signup.text.title, settings.SITE_URL, settings.OPERATOR_NAME, settings.OPERATOR_EMAIL,
            settings.OPERATOR_ADDRESS, settings.LINK_DAYS,
        )
    )  # fmt: skip
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
        links.make(Purpose.CONFIRM, signup.pk, signup.nonce), links.make(Purpose.STOP, signup.pk, signup.nonce)
    )


def _addresses(confirm: str, stop: str) -> dict[str, Any]:
    return {
        "confirm_url": settings.SITE_URL + reverse("signing-confirm", args=[confirm]),
        "stop_url": settings.SITE_URL + reverse("signing-stop", args=[stop]),
        "code_url": settings.SITE_URL + reverse("signing-code"),
        "link_days": settings.LINK_DAYS,
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
def _built(same: _Same) -> FormLetter:
    places = Places("confirm", "stop", "code", "called", "called in HTML")
    with translation.override(same.language):
        shown = _addresses(places["confirm"], places["stop"]) | {
            "signup": {"text": {"title": same.title}},
            "code": places["code"],
            "site_url": same.site_url,
            "operator_name": same.operator_name,
            "operator_email": same.operator_email,
            "operator_address": same.operator_address,
        }
        subject, plain = (
            render_to_string(f"emails/confirm/{name}.txt", shown | {"called": places["called"]})
            for name in ("subject", "body")
        )
        html = render_to_string("emails/confirm/body.html", shown | {"called": places["called in HTML"]})
    return FormLetter.made(places, subject=subject, plain=plain, html=html, stop_url=shown["stop_url"])
