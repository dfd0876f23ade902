"""The homeworks that ship total 100 points each; another course's may total what they like."""

import pytest

from autograder.building import text
from tests.conftest import ROOT

TEXTS = sorted(path for path in (ROOT / "assignments").glob("*/*.py") if path.stem == path.parent.name)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_each_homework_that_ships_totals_a_hundred(path) -> None:  # type: ignore[no-untyped-def]
    assert sum(cell.points for cell in text.read(path)) == 100
