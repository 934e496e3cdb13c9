"""Log lines hold no private link, in any of its forms."""

import pytest

from declaration.ops.logs import mask

MAC = "Ab_-" * 8


@pytest.mark.parametrize("row", ["7", "9" * 19, "-_abcdefghijklmnopqrst", "A1" * 11])
@pytest.mark.parametrize("day", ["", "-739580"])
@pytest.mark.parametrize("around", ["{}", "task of {} failed", "/join/{}/", "link={},"])
def test_a_link_is_hidden(row: str, day: str, around: str) -> None:
    assert mask(around.format(f"{row}{day}.{MAC}")) == around.format("…")


def test_names_of_modules_stay() -> None:
    line = "signatories.editions.building.some_function_with_a_long_name_here"
    assert mask(line) == line
