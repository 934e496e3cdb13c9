"""An organizer finds out, in a real browser, whose name it is: from a list of names to the published signature."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from signatories.models import DossierProof, Signature, WatchedName
from signatories.models.signature import State
from tests.dossiers.moonwright import colleague
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.payloads import PAYLOADS
from tests.people import organizer, signed

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Cassius Moonwright"
FILE = f"name,note,kind,contact,found at\n{NAME},His union knows him,agent,Moonwright Agency,The handbook\n,,,,\n<b>,,,,\n=1,,,,\n"


def look(visitor: Visitor, name: str) -> None:
    """Axe on a page, its width, and a picture of it when somebody wants to see (SCREENSHOTS=folder)."""
    visitor.looks_right()
    if folder := os.environ.get("SCREENSHOTS"):
        visitor.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fill(visitor: Visitor, form: str, **said: str) -> None:
    """Open the part of the dossier with this form, fill it in and send it."""
    page = visitor.page
    page.click(f"details:has(form[action*='/{form}/']) summary")
    for name, words in said.items():
        field = page.locator(f"form[action*='/{form}/'] [name={name}]").last
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(label=words)
        else:
            field.fill(words)
    page.locator(f"details form[action*='/{form}/'] [type=submit]").last.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("viewport", "scheme", "javascript"),
    [(DESK, "light", True), (PHONE, "dark", True)],
    ids=["desk", "phone-dark"],
)
def test_from_a_list_of_names_to_the_published_signature(
    visit: Callable[..., Visitor], tmp_path: Path, viewport: dict[str, int], scheme: str, javascript: bool
) -> None:
    organizer()
    visitor = log_in(visit(viewport=viewport, color_scheme=scheme, javascript=javascript))
    page, size = visitor.page, f"{scheme}-{viewport['width']}"
    (tmp_path / "names.csv").write_text(FILE)
    visitor.go("/desk/settings/watched/file/")
    look(visitor, f"upload-{size}")
    page.set_input_files("[name=file]", tmp_path / "names.csv")
    page.click("main [type=submit]")
    look(visitor, f"preview-{size}")
    page.click("text=Watch 1 new name")
    look(visitor, f"watched-{size}")

    signature = signed(name=NAME, address="cassius@example.org")
    assert signature.state == State.HELD
    visitor.go("/desk/queue/")
    look(visitor, f"queue-{size}")
    page.click("text=Verify …")
    look(visitor, f"verify-{size}")
    page.click("text=Open the dossier")
    fill(visitor, "contacts", kind="official site", contact="moonwright.example", found_at="A printed poster")
    fill(visitor, "enquiries", contact="moonwright.example", asked="Did he sign on Sunday?")
    page.fill("textarea[id^=answer-]", "Yes, from his own telephone.")
    page.click("text=Log the answer")
    fill(visitor, "proofs", kind="video call", words="He held the text of today into the camera.")
    look(visitor, f"dossier-{size}")
    page.click("details:has(form[action*='/proofs/']) summary")
    page.locator("form[action*='/proofs/'] [type=submit]").click()
    page.wait_for_selector("#wrong")
    look(visitor, f"dossier-wrong-{size}")

    visitor.go(f"/desk/signatures/{signature.pk}/verify/")
    look(visitor, f"verify-alone-{size}")
    page.select_option("[name=proof]", index=1)
    page.click("text=I agree: it is the person")
    look(visitor, f"verify-due-{size}")
    assert "unless somebody stops it" in page.inner_text("main")

    second = log_in(visit(viewport=viewport, javascript=False), colleague().username)  # type: ignore[attr-defined]
    second.go(f"/desk/signatures/{signature.pk}/verify/")
    second.page.click("text=I agree: it is the person")
    assert "Two people agreed" in second.page.inner_text("main")
    assert Signature.objects.get().state == State.PUBLISHED
    visitor.go(f"/desk/dossiers/{WatchedName.objects.get().pk}/")
    look(visitor, f"dossier-verified-{size}")
    assert visitor.foreign == []
    # The proof without words is answered with 422, and its errors have the focus twice: by their address and by themselves.
    assert [each for each in visitor.complaints if "422" not in each and "Autofocus" not in each] == []


def test_hostile_words_run_nowhere(visit: Callable[..., Visitor]) -> None:
    olga = organizer()
    payload = max(PAYLOADS, key=len)
    watched = WatchedName.objects.create(name=NAME, note=payload)
    for each in PAYLOADS:
        DossierProof.objects.create(watched=watched, kind="agent", words=each, organizer_id=olga.pk)
        watched.contacts.create(kind="agent", contact=each, found_at=each, organizer_id=olga.pk)
    signature = signed(name=NAME, address="cassius@example.org")
    visitor = log_in(visit(viewport=PHONE))
    for path in (f"dossiers/{watched.pk}/", f"signatures/{signature.pk}/verify/"):
        visitor.go(f"/desk/{path}")
        look(visitor, f"hostile-{path.split('/')[0]}")
        assert payload in visitor.page.inner_text("main")
    assert visitor.foreign == [] and visitor.complaints == []
