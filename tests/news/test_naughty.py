"""Words that try to be more than words: in the title, the text, the subject of the mail, and the form."""

import pytest
from django.test import Client
from django.utils import timezone

from signatories.models import Update, UpdateText
from signatories.news.services import Words
from tests.news.news import news_of, published, reader, send_all, started
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<svg/onload=alert(1)>",
    '"><iframe src=//evil.example></iframe>',
    "</title><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<a href='//evil.example'>x</a>",
    "<style>*{display:none}</style>",
]
TAGS = (
    "<script>alert",
    "<img src=x",
    "<svg",
    "<iframe",
    'javascript:alert(1)"',
    "<a href='//",
    "<style>*",
    '<img src="https://evil',
)


@pytest.mark.parametrize("words", XSS)
def test_nothing_is_run_on_a_page_in_the_feed_in_the_api_or_in_a_mail(
    client: Client, mailbox: Catcher, words: str
) -> None:
    reader("ann@example.org")
    update = published({"en": Words(words, f"Before.\n\n{words}\n\nAfter.")})
    started(update)
    send_all()
    (mail,) = news_of(mailbox)
    for page in (
        client.get(f"/updates/{update.pk}/").content.decode(),
        client.get("/updates/").content.decode(),
        client.get("/updates/feed/").content.decode(),
        "".join(text["html"] for text in client.get("/api/v1/updates").json()["updates"][0]["texts"]),
        mail.html,
    ):
        assert not [tag for tag in TAGS if tag in page], page
    assert "After." in mail.html and words in mail.text
    assert " ".join(str(mail.message["Subject"]).split()) == words


def test_a_title_makes_no_header(mailbox: Catcher) -> None:
    """The form takes one line; also past the form a line break ends in the subject."""
    reader("ann@example.org")
    update = published()
    title = "News\r\nBcc: all@evil.example\r\n\r\nOther words"
    UpdateText.objects.filter(update=update, language="en").update(title=title)
    Update.objects.filter(pk=update.pk).update(words_at=timezone.now())
    started(Update.objects.get(pk=update.pk))
    send_all()
    (mail,) = news_of(mailbox)
    assert mail.message["Subject"] == "News Bcc: all@evil.example Other words"
    assert mail.message["Bcc"] is None and mail.to == ["ann@example.org"]
    assert "It is **out**." in mail.text


@pytest.mark.parametrize("title", ["Ω" * 200, "🎻 " * 60, "ﷺ" * 150, "a" * 200, "שלום עולם", "a\u202eb"])
def test_long_and_foreign_titles_are_whole(mailbox: Catcher, title: str) -> None:
    reader("ann@example.org")
    started(published({"en": Words(title, f"{title}\n\n{'x' * 3000}\n\n.\n\nFrom here.")}))
    send_all()
    (mail,) = news_of(mailbox)
    assert str(mail.message["Subject"]).replace(" ", "") == title.replace(" ", "")
    lines = {line.strip() for line in mail.text.splitlines()}
    assert {title.strip(), "x" * 3000, ".", "From here."} <= lines
    assert max(map(len, mail.message.as_bytes().splitlines())) < 998


def test_an_encoded_line_break_makes_no_header(mailbox: Catcher) -> None:
    reader("ann@example.org")
    started(published({"en": Words("=?utf-8?q?x=0D=0ABcc:_all=40evil.example?=", "Words.")}))
    send_all()
    (mail,) = news_of(mailbox)
    assert mail.message["Bcc"] is None and mail.to == ["ann@example.org"]
    assert "Words." in mail.text
