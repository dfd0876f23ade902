"""A class with essays to mark, and its marks."""

from pathlib import Path

import pytest

from autograder.marking.marks import Marking
from autograder.marking.serve import marking_of
from tests.marking import room


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return room.make(tmp_path / "course")


@pytest.fixture
def marking(course: Path) -> Marking:
    return marking_of(course, room.HOMEWORK)
