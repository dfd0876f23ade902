"""What of a graded notebook a student may see, and what keeps feedback and export waiting."""

from types import SimpleNamespace
from typing import Any

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output
from nbgrader.converters.base import NbGraderException

from autograder.grading import harmless
from autograder.grading.feedback import Page, _shown, open_checks, refuse_open
from autograder.grading.rescue import new_cell

BAD = "<img src=x onerror=alert(1)>"
SCRIPT = new_output("display_data", data={"text/html": "<script>alert(1)</script>", "text/plain": "kept"})
PANEL = new_output("display_data", data={"text/html": "<b>the judge's words</b>"})
CHECK = {"grade": True, "solution": False, "grade_id": "double_check", "points": 5}
SOLUTION = {"grade": False, "solution": True, "grade_id": "double"}
MANUAL = {"grade": True, "solution": True, "grade_id": "by_hand", "points": 5}


def code(outputs: list[NotebookNode], nbgrader: dict[str, Any] | None = None) -> NotebookNode:
    return new_cell("code", "x = 1", {"nbgrader": nbgrader} if nbgrader else {}, outputs)


@pytest.mark.parametrize("nbgrader", [None, SOLUTION, MANUAL, {"grade": False, "solution": False, "grade_id": "setup"}])
def test_outputs_of_the_students_code_hold_no_script(nbgrader: dict[str, Any] | None) -> None:
    assert _shown(code([SCRIPT, PANEL], nbgrader)).outputs == [new_output("display_data", data={"text/plain": "kept"})]


def test_outputs_of_a_check_are_the_judges() -> None:
    assert _shown(code([PANEL], CHECK)).outputs == [PANEL]


@pytest.mark.parametrize("nbgrader", [None, MANUAL, SOLUTION])
def test_prose_holds_no_markup(nbgrader: dict[str, Any] | None) -> None:
    cell = new_cell("markdown", BAD, {"nbgrader": nbgrader} if nbgrader else {})
    shown, is_essay = harmless.markdown(BAD), bool(nbgrader)
    assert _shown(cell).source == (f'<div dir="auto">\n\n{shown}\n\n</div>' if is_essay else shown) and shown != BAD


def test_of_a_cell_only_what_is_known_to_be_harmless_is_left() -> None:
    cell = from_dict({**code([]), "id": "a", "execution_count": 3, "attachments": {}, "strange": BAD})
    cell.metadata = from_dict({"nbgrader": CHECK, "tags": [BAD], "collapsed": True})
    shown = _shown(cell)
    assert dict(shown) == {
        "id": "a", "cell_type": "code", "source": "x = 1", "outputs": [], "execution_count": 3, "attachments": {},
        "metadata": {"nbgrader": CHECK},
    }  # fmt: skip
    assert cell.strange == BAD, "the cell itself stays as it was"


def grade(name: str, kind: str = "code", auto: float | None = None, manual: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(name=name, cell=SimpleNamespace(cell_type=kind), auto_score=auto, manual_score=manual)


def submission(student: str, *grades: SimpleNamespace) -> SimpleNamespace:
    notebooks = [SimpleNamespace(grades=list(grades[:2])), SimpleNamespace(grades=list(grades[2:]))]
    return SimpleNamespace(student=SimpleNamespace(id=student), notebooks=notebooks)


def test_a_check_without_any_score_is_open() -> None:
    made = submission(
        "s",
        grade("scored", auto=0.0),
        grade("open"),
        grade("by a person", manual=0.0),
        grade("essay", kind="markdown"),
        grade("also open"),
        grade("both", auto=1.0, manual=2.0),
    )
    assert open_checks(made) == ["open", "also open"]
    assert open_checks(submission("s")) == []


class Book:
    """A gradebook of two homeworks: a check of b's is open in hw02."""

    assignments = [SimpleNamespace(name="hw01"), SimpleNamespace(name="hw02")]

    def assignment_submissions(self, homework: str) -> list[SimpleNamespace]:
        left = grade("double_check", auto=None if homework == "hw02" else 1.0)
        return [submission("a", grade("double_check", auto=0.0)), submission("b", left)]


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({}, True),
        ({"homework": "hw02"}, True),
        ({"homework": "hw02", "student": "b"}, True),
        ({"student": "b"}, True),
        ({"homework": "hw01"}, False),
        ({"homework": "hw02", "student": "a"}, False),
        ({"homework": "hw01", "student": "b"}, False),
    ],
)
def test_an_open_check_keeps_only_those_waiting_whom_it_concerns(asked: dict[str, str], refused: bool) -> None:
    if not refused:
        refuse_open(Book(), **asked)
        return
    with pytest.raises(NbGraderException) as said:
        refuse_open(Book(), **asked)
    assert str(said.value) == (
        "b, hw02: double_check is not graded, because of the grader and not the student. "
        "See the run's messages, then: autograder grade hw02 --student b --force. To export without such submissions: "
        "nbgrader export --Export.leave_out_open=True"
    )


def test_formulas_are_mathml_and_code_and_money_are_not() -> None:
    shown = _shown(
        new_cell(
            "markdown", "Since $\\delta_t = W^\\top x$, `$y$` costs $5 or $6.\n\n$$\na_1\n+ b\n$$\n\n```\n$z$\n```"
        )
    ).source
    assert shown.count("<math") == 2 and "<msub>" in shown and 'display="block"' in shown
    assert "`$y$`" in shown and "$5 or $6" in shown and "```\n$z$\n```" in shown and "\\delta" not in shown
    assert (
        _shown(new_cell("markdown", "$\\nosuch{x$")).source != ""
        and "<script" not in _shown(new_cell("markdown", "$<script>$")).source
    )


def test_the_releases_drawings_and_folds_are_shown_and_no_other_picture() -> None:
    drawing = '<img alt="Scores &amp; weights" src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">'
    assert (
        harmless.markdown(drawing) == drawing
        and harmless.markdown("<details>\n<summary>x</summary>") == "<details>\n<summary>x</summary>"
    )
    for other in (
        drawing.replace('alt="', 'onload="x" alt="'),
        drawing.replace("svg+xml", "html"),
        drawing.replace("data:", "https://there/"),
        drawing.replace('">', '" onerror="x">'),
        drawing.replace(">", " style=x>"),
    ):
        assert "<img " not in harmless.markdown(other), other


def test_a_page_asks_nobody_on_the_web() -> None:
    notebook = from_dict({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    plain, ours = (kind(template_name="classic").from_notebook_node(notebook)[0] for kind in (HTMLExporter, Page))
    assert "mathjax/2.7.7" in plain and "mathjax/2.7.7" not in ours and "x-mathjax-config" not in ours
