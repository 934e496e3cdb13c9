"""Editors write the text of the declaration in all languages, publish it, and lose no words to each other."""

import re
from html.parser import HTMLParser
from itertools import count

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils.html import escape

from declaration.models import Text, digest, forget_current
from signatories.desk.texts import services
from signatories.desk.texts.differences import compare
from signatories.models import Act
from signatories.models.act import Verb
from tests.desk.texts import SECOND, draft, fields, publish, reasons, save
from tests.payloads import PAYLOADS
from tests.people import organizer, post_form, text
from tests.races import at_once

pytestmark = pytest.mark.django_db


# --- Writing ----------------------------------------------------------------------------------------------------------
def test_the_first_text_is_written_in_all_languages_and_published(desk: Client, olga: AbstractBaseUser) -> None:
    assert "Write the text" in desk.get("/desk/texts/").content.decode()
    assert save(desk, 1, fr_title="Premier", fr_body="Des mots.").status_code == 303
    assert "Not open yet" in Client().get("/").content.decode()
    assert publish(desk, 1).status_code == 303
    forget_current()
    assert "New words." in Client().get("/").content.decode()
    assert "Des mots." in Client().get("/fr/").content.decode()
    first, *others = Act.objects.filter(verb=Verb.EDIT).order_by("pk")
    assert (first.organizer_id, first.about, first.reason) == (
        olga.pk, "text 1", f"text 1 (en) added; SHA-256 after: {SECOND}",
    )  # fmt: skip
    assert len(others) == 3
    assert first.reason in desk.get("/desk/trail/").content.decode()


def test_a_new_version_starts_as_a_copy_and_nothing_is_stored_by_looking(desk: Client) -> None:
    first = text()
    assert "Start version 2" in desk.get("/desk/texts/").content.decode()
    page = desk.get("/desk/texts/2/").content.decode()
    assert "It starts as a copy of version 1" in page
    assert f'value="{escape(first.title)}"' in page
    assert escape(Text.objects.get(version=1, language="fr").title) in page
    assert not Text.objects.filter(version=2).exists()


def test_other_words_are_an_act_with_both_digests(desk: Client) -> None:
    draft(desk)
    assert save(desk, 2, en_read=SECOND, en_title="Other", en_body="Other words.").status_code == 303
    after = digest("Other", "Other words.")
    assert reasons()[-1] == f"text 2 (en) changed: title, body; SHA-256 before: {SECOND}, after: {after}"


@pytest.mark.parametrize("body", ["New words.", "New words.\r\n", "  New words.  "])
def test_saving_without_a_change_is_no_act(desk: Client, body: str) -> None:
    draft(desk)
    done = len(reasons())
    answer = desk.post("/desk/texts/2/", fields(en_read=SECOND, en_body=body), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert len(reasons()) == done


def test_line_ends_of_browsers_do_not_change_the_digest(desk: Client) -> None:
    row = draft(desk, en_body="One.\r\n\r\nTwo.")
    assert row.body == "One.\n\nTwo."


def test_while_a_draft_is_written_there_is_no_further_version(desk: Client) -> None:
    draft(desk)
    assert desk.get("/desk/texts/3/").status_code == 404
    assert save(desk, 3).status_code == 404
    for number in (0, 9, 10**30):
        assert desk.get(f"/desk/texts/{number}/").status_code == 404
        assert desk.get(f"/desk/texts/{number}/publish/").status_code == 404
        assert publish_anyhow(desk, number) in (302, 303, 404, 409, 422)
    assert not Text.objects.filter(version__gt=2).exists()


def publish_anyhow(desk: Client, number: int) -> int:
    return desk.post(f"/desk/texts/{number}/publish/", {"now": "1", "shown": "en.x"}).status_code


def test_a_draft_is_deleted_and_anything_else_is_not(desk: Client) -> None:
    row = draft(desk)
    first = Text.objects.get(version=1, language="fr")
    desk.post("/desk/texts/1/fr/delete/", {"fr-read": first.sha256})  # published, not signed
    signed_one = Text.objects.get(version=1, language="en")
    desk.post("/desk/texts/1/en/delete/", {"en-read": signed_one.sha256})
    desk.post("/desk/texts/2/en/delete/", {"en-read": "another digest"})
    assert Text.objects.count() == 3
    desk.post("/desk/texts/2/en/delete/", {"en-read": row.sha256})
    assert Text.objects.count() == 2
    assert reasons()[-1] == f"text 2 (en) deleted; SHA-256 before: {SECOND}"
    assert len(reasons()) == 2


# --- Bad input --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"en_title": " "}, "English, title: Please write a title."),
        ({"en_body": "\r\n "}, "English, text: Please write the text."),
        ({"en_title": "x" * 201}, "it may have 200 characters"),
        ({"en_body": "x" * 40_001}, "it may have 40,000 characters"),
        ({"en_body": "![a picture](x.png)"}, "These words would show nothing."),
        ({"fr_title": "Seulement"}, "Français, text: Please write the text."),
        ({"en_body": "a\x00b"}, "Null characters"),
    ],
)
def test_what_cannot_be_stored_is_said_beside_the_words_that_were_typed(
    desk: Client, changes: dict[str, str], words: str
) -> None:
    text()
    answer = save(desk, 2, **{"en_body": "Kept words."} | changes)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert ("Kept words." in page) is ("en_body" not in changes)
    assert not Text.objects.filter(version=2).exists()
    assert reasons() == []


def test_a_megabyte_is_refused_kindly_and_the_limit_is_said(desk: Client) -> None:
    text()
    for path in ("/desk/texts/2/", "/desk/texts/2/en/preview/"):
        answer = desk.post(path, fields(en_body="x" * 1_000_000))
        assert answer.status_code == 413
        assert "256" in answer.content.decode()
        assert "go back" in answer.content.decode().lower()
    assert not Text.objects.filter(version=2).exists()


@pytest.mark.parametrize("path", ["/desk/texts/2/xx/preview/", "/desk/texts/2/xx/delete/", "/desk/texts/9/en/preview/"])
def test_what_there_is_not_is_not_found(desk: Client, path: str) -> None:
    text()
    assert desk.post(path, fields()).status_code == 404
    assert desk.get(path).status_code == 405


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_is_shown_as_words(desk: Client, payload: str) -> None:
    draft(desk, en_title=payload[:200], en_body=f"{payload} and words", fr_title=payload[:200], fr_body="Mots")
    publish(desk, 2)
    forget_current()
    pages = [Client().get("/"), *(desk.get(f"/desk/texts/{path}") for path in ("", "2/", "2/publish/"))]
    pages.append(desk.post("/desk/texts/2/en/preview/", fields(en_body=payload)))
    for answer in pages:
        assert not active_markup(answer.content.decode())


def active_markup(page: str) -> list[str]:
    """What of a page runs, loads or leads somewhere by its words: scripts of the page itself, pictures, handlers."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag in ("img", "svg", "iframe", "object", "style") or (tag == "script" and not given.get("src")):
                found.append(tag)
            leads = (given.get(name) or "" for name in ("href", "src", "action"))
            found.extend(value for value in leads if "javascript:" in value)
            found.extend(name for name in given if name.startswith("on"))

    Reader().feed(page)
    return found


# --- Two editors ------------------------------------------------------------------------------------------------------
def test_the_second_editor_sees_what_the_first_did_and_keeps_their_own_words(desk: Client) -> None:
    draft(desk)
    assert save(desk, 2, en_read=SECOND, en_body="The first editor’s words.").status_code == 303
    done = reasons()
    lost = save(desk, 2, en_read=SECOND, en_body="The second editor’s words.", fr_title="Titre", fr_body="Mots.")
    assert lost.status_code == 409
    page = lost.content.decode()
    assert "Somebody else has saved this text since you opened it" in page
    assert re.search(r"<del>.*first.*</del>.*<ins>.*second.*</ins>", page)
    assert ">\nThe second editor’s words.</textarea>" in page
    assert ">\nMots.</textarea>" in page
    assert not Text.objects.filter(version=2, language="fr").exists()  # all languages or none
    assert reasons() == done
    (read,) = re.findall(r'name="en-read" value="(\w+)"', page)
    assert save(desk, 2, en_read=read, en_body="The second editor’s words.").status_code == 303
    assert Text.objects.get(version=2, language="en").body == "The second editor’s words."


def test_the_same_form_sent_twice_is_one_edit(desk: Client) -> None:
    draft(desk)
    for _time in range(2):
        assert save(desk, 2, en_read=SECOND, en_body="Once.").status_code == 303
    assert sum("changed" in reason for reason in reasons()) == 1


def test_who_wrote_in_another_language_loses_nothing(desk: Client) -> None:
    draft(desk)
    assert save(desk, 2, en_read=SECOND, en_body="Other words.").status_code == 303
    assert save(desk, 2, en_read=SECOND, fr_title="Titre", fr_body="Mots.").status_code == 303
    assert {row.language: row.body for row in Text.objects.filter(version=2)} == {"en": "Other words.", "fr": "Mots."}


def test_a_text_deleted_meanwhile_is_said(desk: Client) -> None:
    draft(desk)
    desk.post("/desk/texts/2/en/delete/", {"en-read": SECOND})
    lost = save(desk, 2, en_read=SECOND, en_body="My words.")
    assert lost.status_code == 409
    assert "Somebody else has deleted this draft" in lost.content.decode()
    assert save(desk, 2, en_body="My words.").status_code == 303


def test_a_text_signed_meanwhile_is_locked_and_the_words_are_kept(desk: Client) -> None:
    draft(desk)
    publish(desk, 2)
    forget_current()
    post_form(Client(), email="second@example.org")
    lost = save(desk, 2, en_read=SECOND, en_body="Words that come too late.")
    assert lost.status_code == 409
    page = lost.content.decode()
    assert "This text was signed meanwhile" in page
    assert "Words that come too late." in page
    assert Text.objects.get(version=2, language="en").sha256 == SECOND
    page = desk.get("/desk/texts/2/").content.decode()
    assert 'name="en-body"' not in page
    assert "start version 3" in page


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_the_same_moment() -> None:
    """One of them is first, whatever happens between reading and writing."""
    text()
    olga = organizer()
    first = {"en": services.Words("Second", "New words.", "")}
    assert services.save(version=2, words=first, organizer=olga)

    turns = count(1)

    def write() -> int:
        """The number of this editor; 0 if somebody else was quicker."""
        n = next(turns)
        words = {"en": services.Words("Second", f"Words {n}.", SECOND)}
        try:
            return n * services.save(version=2, words=words, organizer=olga)
        except services.ChangedMeanwhile:
            return 0

    *losers, winner = sorted(at_once(4, write))
    assert losers == [0, 0, 0]
    assert Text.objects.get(version=2).body == f"Words {winner}."
    assert sum("changed" in reason for reason in reasons()) == 1


# --- Preview and differences ------------------------------------------------------------------------------------------
def test_the_preview_shows_what_will_stand_and_stores_nothing(desk: Client) -> None:
    text()
    part = desk.post("/desk/texts/2/en/preview/", fields(en_body="**Strong** <b>x</b>")).content.decode()
    assert "<strong>Strong</strong> &lt;b&gt;" in part
    assert "<html" not in part
    whole = desk.post("/desk/texts/2/", fields(en_body="*Soft*", preview="1")).content.decode()
    assert "<em>Soft</em>" in whole
    assert ">\n*Soft*</textarea>" in whole
    assert not Text.objects.filter(version=2).exists()


def test_differences_to_the_version_before_are_marked_and_told(desk: Client) -> None:
    row = text()
    Text.objects.filter(pk=row.pk).update(title="First", body="We ask for this.")
    draft(desk, en_title="First", en_body="We ask loudly for that.")
    page = desk.get("/desk/texts/2/").content.decode()
    assert re.search(
        r"ask <ins><span[^>]*>\[added:</span>loudly <span[^>]*>\]</span></ins>for <del>.*this\..*</del><ins>", page
    )
    assert "Differences to version 1" in page


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "a"), ("a", ""), ("a b", "b a"), ("a\n\nb\n", "a\nb"), ("日本 語", "日本 人"), ("x " * 9000, "y " * 9000)],
)
def test_differences_lose_no_word(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert "".join(words for kind, words in pieces if kind != "ins") == before
    assert "".join(words for kind, words in pieces if kind != "del") == after
