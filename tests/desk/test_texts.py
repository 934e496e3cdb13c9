"""Organizers write the text of the declaration; each change is an act with the digest of the words before and after."""

from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from declaration.models import Text, digest
from signatories.models import Act
from signatories.models.act import Verb
from tests.people import post_form, text

pytestmark = pytest.mark.django_db
PATH = "/desk/records/declaration/text/"
WORDS = {
    "version": "2",
    "language": "en",
    "title": "Second",
    "body": "New words.",
    "published_at_0": "",
    "published_at_1": "",
}
SECOND = digest("Second", "New words.")


def save(desk: Client, path: str, **changes: str) -> None:
    assert desk.post(f"{PATH}{path}", WORDS | changes).status_code == 302


def reasons() -> list[str]:
    """The reasons of all acts, the oldest first."""
    return [*Act.objects.order_by("pk").values_list("reason", flat=True)]


def written(desk: Client, **changes: Any) -> Text:
    save(desk, "add/", **changes)
    return Text.objects.latest("pk")


def test_a_new_text_is_an_act_with_the_digest_of_its_words(desk: Client, olga: AbstractBaseUser) -> None:
    written(desk)
    act = Act.objects.get()
    assert (act.verb, act.organizer_id) == (Verb.EDIT, olga.pk)
    assert act.reason == f"text 2 (en) added; SHA-256 after: {SECOND}"
    assert act.reason in desk.get("/desk/trail/").content.decode()


def test_other_words_are_an_act_with_both_digests(desk: Client) -> None:
    row = written(desk)
    save(desk, f"{row.pk}/change/", title="Other", body="Other words.")
    assert reasons()[1:] == [
        f"text 2 (en) changed: title, body; SHA-256 before: {SECOND}, after: {digest('Other', 'Other words.')}"
    ]


def test_publishing_and_unpublishing_are_acts(desk: Client) -> None:
    row = written(desk)
    save(desk, f"{row.pk}/change/", published_at_0="2026-05-03", published_at_1="10:00:00")
    save(desk, f"{row.pk}/change/")
    same = f"SHA-256 before: {SECOND}, after: {SECOND}"
    assert reasons()[1:] == [
        f"text 2 (en) changed: published from 2026-05-03 10:00 UTC; {same}",
        f"text 2 (en) changed: not published; {same}",
    ]


def test_another_version_and_language_name_both(desk: Client) -> None:
    row = written(desk)
    save(desk, f"{row.pk}/change/", version="3", language="fr")
    assert reasons()[1].startswith("text 2 (en) changed: version 3, language fr; ")


def test_saving_without_a_change_is_no_act(desk: Client) -> None:
    row = written(desk)
    save(desk, f"{row.pk}/change/")
    assert len(reasons()) == 1


def test_deleting_one_and_deleting_several_are_acts(desk: Client) -> None:
    row, other = written(desk), written(desk, version="3")
    assert desk.post(f"{PATH}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    chosen = {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"}
    assert desk.post(PATH, chosen).status_code == 302
    assert not Text.objects.exists()
    assert reasons()[2:] == [f"text {n} (en) deleted; SHA-256 before: {SECOND}" for n in (2, 3)]


def test_what_is_refused_is_no_act(desk: Client, client: Client) -> None:
    """The words of a signed text stay, and so does the text; only when it is published may be changed."""
    signed = text()
    post_form(Client())
    save(
        desk, f"{signed.pk}/change/", title="Hacked", body="Hacked", published_at_0="2026-05-03", published_at_1="10:00"
    )
    assert desk.post(f"{PATH}{signed.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(PATH, {"action": "delete_selected", "_selected_action": signed.pk, "post": "yes"})
    row = Text.objects.get(pk=signed.pk)
    assert (row.title, row.sha256) == (signed.title, signed.sha256)
    assert [reason.partition(";")[0] for reason in reasons() if reason] == [
        "text 1 (en) changed: published from 2026-05-03 10:00 UTC"
    ]
    assert desk.post(f"{PATH}add/", WORDS | {"body": ""}).status_code == 200
    assert Client().post(f"{PATH}add/", WORDS).status_code == 302
    assert Text.objects.count() == 2
    assert Act.objects.filter(verb=Verb.EDIT).count() == 1
