"""The lists of networks and mail domains as files: out, in, and whatever else a file may hold."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from signatories.models import Act, Listed

pytestmark = pytest.mark.django_db


def take(desk: Client, content: bytes, name: str = "lists.csv") -> HttpResponse:
    """Send a file."""
    return desk.post("/desk/settings/lists/file/", {"file": SimpleUploadedFile(name, content)})  # type: ignore[return-value]


def test_what_goes_out_comes_in_again(desk: Client) -> None:
    Listed.objects.create(kind="network", value="192.0.2.0/24", note="=The hall")
    Listed.objects.create(kind="domain", value="union.example", note="")
    out = desk.get("/desk/settings/lists/lists.csv")
    assert out["Content-Disposition"] == 'attachment; filename="lists.csv"'
    rows = list(csv.reader(io.StringIO(out.content.decode("utf-8-sig"))))
    assert rows[0] == ["kind", "value", "note"] and ["network", "192.0.2.0/24", "'=The hall"] in rows
    before = set(Listed.objects.values_list("kind", "value", "note"))
    Listed.objects.all().delete()
    assert take(desk, out.content).status_code == 303
    assert set(Listed.objects.values_list("kind", "value", "note")) >= before
    acts = Act.objects.filter(reason__contains="a file of")
    assert acts.count() == 1
    take(desk, out.content)
    assert "0 were not before" in desk.get("/desk/settings/lists/").content.decode()


def test_values_are_written_as_in_the_form_and_a_later_line_counts(desk: Client) -> None:
    take(desk, b"value,kind,note\nAnn@Union.Example,Domain,one\nunion.example,domain,two\n2001:DB8::1/48,network,\n")
    assert set(Listed.objects.filter(value__in=["union.example", "2001:db8::/48"]).values_list("value", "note")) == {
        ("union.example", "two"), ("2001:db8::/48", ""),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"kind,value\ndomain,good.example\nfriends,bad.example\n", "Line 3: “friends” is no kind"),
        (b"kind,value\ndomain,good.example\nnetwork,not a network\n", "Line 3: Please enter a network"),
        (b"kind,value\ndomain,good.example\ndomain,<script>\n", "Line 3: Please enter a mail domain"),
        (b"kind,value,note\ndomain,good.example," + b"x" * 201 + b"\n", "Line 2: the note is too long"),
        (b"a,b\n1,2\n", "Line 1: the first line must name"),
        (b"kind,value\ndomain,a.exa\0mple\n", "NUL"),
        (b"kind,value\ndomain,\xff.example\n", "not UTF-8"),
        (b'kind,value\n"' + b"x" * 100_000, "quotation mark"),
        (b"kind,value" + b",x" * 10_000 + b"\ndomain,a.example\n", "too many columns"),
        (b"PK\x03\x04 no workbook", "damaged"),
        (b"", "choose a file"),
    ],
)
def test_a_bad_file_lists_nothing_and_says_why(desk: Client, content: bytes, told: str) -> None:
    before = Listed.objects.count()
    response = take(desk, content)
    assert response.status_code == 422
    assert told in response.content.decode()
    assert Listed.objects.count() == before
    assert not Act.objects.filter(reason__contains="a file of").exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(desk: Client) -> None:
    assert take(desk, b"kind,value\n" + b"domain,a.example\n" * 100_000).status_code == 413
