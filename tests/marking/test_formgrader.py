"""Formgrader's pages show the model answer and the scheme below each essay, and no page of a student's does."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.grading.config import configure
from autograder.marking.formgrader import ShowSchemes
from tests.marking import room

FORMGRADER = {"submission_id": "abc", "assignment_id": room.HOMEWORK, "notebook_id": room.HOMEWORK}
FEEDBACK = {"nbgrader": {"assignment": room.HOMEWORK, "student": "9910"}}


def configured() -> Config:
    made = Config()
    configure(made)
    return made


def page(course: Path, resources: dict[str, Any]) -> str:
    path = course / "autograded" / "9910" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb"
    html, _ = HTMLExporter(config=configured()).from_filename(str(path), resources=resources)
    return str(html)


def test_formgrader_shows_model_and_scheme_below_the_essay(course: Path) -> None:
    html = page(course, dict(FORMGRADER))
    answer, model, scheme, second = (
        html.index(words)
        for words in ("Answer number 10", "<strong>holds</strong>", "independence said", "The middle, says 9910")
    )
    assert answer < model < scheme < second
    assert html.count("Model answer") == 2 and "up to 1: a sensible example." in html and "earns nothing" in html


@pytest.mark.parametrize("resources", [{}, FEEDBACK, FORMGRADER | FEEDBACK])
def test_no_other_page_does(course: Path, resources: dict[str, Any]) -> None:
    html = page(course, dict(resources))
    assert "Answer number 10" in html and "Model answer" not in html and "holds" not in html


def test_what_a_student_calls_a_cell_shows_no_other_essay(course: Path) -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x"), nbformat.v4.new_markdown_cell("y")])
    nb.cells[0].metadata["nbgrader"] = {"grade_id": "no such essay"}
    resources = FORMGRADER | {"metadata": {"path": str(course / "autograded" / "9910" / room.HOMEWORK)}}
    made, _ = ShowSchemes().preprocess(nb, dict(resources))
    assert [cell.source for cell in made.cells] == ["x", "y"]


def test_without_the_homeworks_own_notebook_the_page_is_as_before(course: Path) -> None:
    (course / "source" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb").unlink()
    assert "Answer number 10" in page(course, dict(FORMGRADER))
