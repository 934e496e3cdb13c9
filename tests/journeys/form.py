"""Fills in and sends the form, as a person does."""

from tests.journeys.conftest import Visitor


def fill(visitor: Visitor, **changes: str) -> None:
    """Type into the form as a person does."""
    typed = {"name": "Aveline Ashgrove", "email": "ann@example.org", "affiliation": "The Paper Lanterns"} | changes
    for name, value in typed.items():
        visitor.page.fill(f"[name={name}]", value)
    visitor.page.select_option("[name=profession]", "singer")
    visitor.page.select_option("[name=country]", "IE")
    visitor.page.check("[name=appearance][value=named]")


def send(visitor: Visitor) -> None:
    """Press the button under the form."""
    visitor.page.click("form[action$='/sign/'] [type=submit], form[action*='/sign/#'] [type=submit]")
