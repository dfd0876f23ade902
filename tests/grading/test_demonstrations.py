"""Which of the instructor's own cells needn't run at grading."""

from pathlib import Path

import pytest

from autograder.building.text import Cell
from autograder.grading.demonstrations import left_out
from autograder.grading.homework import Homework

SETUP, SOLUTION, CHECK = "import torch", "def double(x):\n    return 2 * x", "check('double', double(y))"
FIGURE, DATA = "plot(double(torch.ones(3)))\nz = 1", "y = torch.ones(2)"


def homework() -> Homework:
    kinds = {SETUP: "given", SOLUTION: "solution", FIGURE: "code", DATA: "code", CHECK: "check"}
    return Homework("hw", tuple(Cell(kind, source, Path("hw.py"), 1) for source, kind in kinds.items()))


def idle(*sources: str) -> list[str]:
    return [sources[number] for number in sorted(left_out(list(sources), homework()))]


def test_a_figure_is_left_out_and_what_a_check_needs_is_not() -> None:
    assert idle(SETUP, SOLUTION, FIGURE, DATA, CHECK) == [FIGURE]


def test_a_demonstration_that_a_kept_demonstration_needs_is_kept() -> None:
    more = "y = z * torch.ones(2)"
    kinds = homework().cells + (Cell("code", more, Path("hw.py"), 1),)
    assert left_out([SETUP, SOLUTION, FIGURE, more, CHECK], Homework("hw", kinds)) == frozenset()


@pytest.mark.parametrize(
    "students",
    [
        "print(z)",
        "def double(x):\n    return 2 * x * z",
        "%timeit double(1)",
        "exec('z + 1')",
        "globals()['z']",
        "def (",
    ],
)
def test_what_the_students_own_cells_may_need_is_kept(students: str) -> None:
    assert idle(SETUP, SOLUTION, FIGURE, DATA, students, CHECK) == []


def test_a_demonstration_that_the_student_changed_runs() -> None:
    assert idle(SETUP, SOLUTION, FIGURE + "  # mine", DATA, CHECK) == []
