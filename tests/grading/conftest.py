"""The toy course with a small class, graded."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import HOMEWORK, Command
from tests.grading.classroom import everybody


@pytest.fixture(scope="module")
def graded(built_toy: Path, tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    course = Path(shutil.copytree(built_toy, tmp_path_factory.mktemp("graded") / "course"))
    everybody(course)
    command(course, "autograder", "grade", HOMEWORK)
    return course
