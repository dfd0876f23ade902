"""A class in which everybody's work is right and everybody has one habit: all get full points, and the same ones again."""

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.grading import receipts
from tests.conftest import HOMEWORK, Command
from tests.exploits.submissions import FULL
from tests.grading.habits import HABITS, Desk

ANSWER = "Because it is so."


@pytest.fixture(scope="module")
def course(built_toy: Path, tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """The class, graded twice under one seed; the second time for the receipts only."""
    course = Path(shutil.copytree(built_toy, tmp_path_factory.mktemp("habits") / "course"))
    solved, released = (
        json.loads((course / part / HOMEWORK / f"{HOMEWORK}.ipynb").read_text(encoding="utf-8"))
        for part in ("source", "release/en")
    )
    solved["cells"] = [cell for cell in solved["cells"] if cell["metadata"].pop("lang", "en") != "fa"]
    for name, habit in HABITS.items():
        desk = Desk(solved, released)
        desk.of("why")["source"] = ANSWER
        habit(desk)
        place = course / "submitted" / name.replace(" ", "-") / HOMEWORK / f"{HOMEWORK}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(desk.notebook))
    command(course, "autograder", "grade", HOMEWORK)
    shutil.move(course / "receipts", course / "receipts.first")
    command(course, "autograder", "grade", HOMEWORK, "--force")
    return course


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_costs_no_point(course: Path, habit: str) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(HOMEWORK, HOMEWORK, habit.replace(" ", "-"))
        earned = {grade.name: grade.auto_score for grade in notebook.grades}
        asked = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
    assert (earned, asked) == (FULL | {"why": None}, {"why"})


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_is_graded_alike_twice(course: Path, habit: str) -> None:
    first, again = (
        receipts.read(course / folder / habit.replace(" ", "-") / HOMEWORK / "1.json")
        for folder in ("receipts.first", "receipts")
    )
    assert first == again
