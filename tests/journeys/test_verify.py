"""Somebody of the press checks a file: chosen by the labelled button or dropped, hashed in the browser; or sent."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import expect
from pytest_django import Settings

from tests.editions.building import build
from tests.journeys.conftest import Visitor
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
OURS, NOT_OURS = "It is ours, unchanged", "It is no file of ours"
_DROPS = """
([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], name, {type: "application/pdf"}));
  const onto = document.querySelector("form.drop");
  for (const type of ["dragenter", "dragover", "drop"]) {
    onto.dispatchEvent(new DragEvent(type, {dataTransfer: dropped, bubbles: true, cancelable: true}));
  }
}
"""


@pytest.fixture
def saved(settings: Settings, tmp_path: Path) -> Path:
    """The PDF of an edition as it was saved, and beside it one that is the same but for one byte."""
    settings.MEDIA_ROOT = tmp_path / "files"
    signed()
    with default_storage.open(build().pdf) as file:
        content = file.read()
    (tmp_path / "ours.pdf").write_bytes(content)
    at = len(content) // 2
    (tmp_path / "changed.pdf").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    return tmp_path


def chosen(visitor: Visitor, file: Path) -> None:
    """Press the button beside "The file", and choose one."""
    visitor.page.get_by_label("The file", exact=True).set_input_files(file)


def dropped(visitor: Visitor, file: Path) -> None:
    """Drag a file onto the form."""
    visitor.page.evaluate(_DROPS, [base64.b64encode(file.read_bytes()).decode(), file.name])


@pytest.mark.parametrize("give", [chosen, dropped])
def test_hashed_in_the_browser(visit: Visit, saved: Path, give: Callable[[Visitor, Path], None]) -> None:
    visitor = visit()
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.method))
    for name, answer in (("ours.pdf", OURS), ("changed.pdf", NOT_OURS)):
        visitor.go("/press/verify/")
        expect(visitor.page.get_by_text("It stays on your machine")).to_be_visible()
        expect(visitor.page.get_by_text("It is sent to us")).to_be_hidden()
        give(visitor, saved / name)
        expect(visitor.page.get_by_role("heading", level=2, name=answer)).to_be_visible()
        visitor.looks_right()
    assert set(sent) == {"GET"}  # the file went nowhere
    visitor.left_no_trace()


def test_without_script_it_is_sent(visit: Visit, saved: Path) -> None:
    visitor = visit(javascript=False)
    for name, answer in (("ours.pdf", OURS), ("changed.pdf", NOT_OURS)):
        visitor.go("/press/verify/")
        expect(visitor.page.get_by_text("It stays on your machine")).to_be_hidden()
        chosen(visitor, saved / name)
        visitor.page.get_by_role("button", name="Send and check").click()
        expect(visitor.page.get_by_role("heading", level=2, name=answer)).to_be_visible()
    visitor.left_no_trace()


@pytest.mark.usefixtures("saved")
def test_the_commands_that_check_a_file_fit_on_a_phone(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/press/editions/1/")
    expect(visitor.page.get_by_text("sha256sum --ignore-missing -c SHA256SUMS")).to_be_visible()
    visitor.looks_right()
    visitor.left_no_trace()
