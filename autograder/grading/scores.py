"""What a notebook's graded cells earn by themselves, before any person looks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from nbformat import NotebookNode
from nbgrader import utils

from autograder.grading.judge import points
from autograder.grading.verdict import Verdict


def is_check(cell: NotebookNode) -> bool:
    return bool(utils.is_grade(cell) and not utils.is_solution(cell))


def is_essay(cell: NotebookNode) -> bool:
    return bool(utils.is_grade(cell) and utils.is_solution(cell))


def untouched(cell: NotebookNode) -> bool:
    """Whether a solution or an essay is as it was released."""
    return bool(cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell))


def automatic(notebook: NotebookNode, verdicts: Iterable[Verdict]) -> dict[str, float | None]:
    """The score of each graded cell, by its id; None for an essay with an answer, and for what the grader couldn't grade."""
    given = list(verdicts)
    return {cell.metadata.nbgrader.grade_id: _score(cell, given) for cell in notebook.cells if utils.is_grade(cell)}


def _score(cell: NotebookNode, verdicts: list[Verdict]) -> float | None:
    if is_essay(cell):
        return 0.0 if untouched(cell) else None
    about = cell.metadata.nbgrader
    return points([verdict for verdict in verdicts if verdict.cell == about.grade_id], float(about.points))


def essays(notebook: NotebookNode) -> dict[str, str]:
    """A hash of each answer that a person grades, by its cell's id."""
    return {
        cell.metadata.nbgrader.grade_id: hashlib.sha256(cell.source.encode()).hexdigest()
        for cell in notebook.cells
        if is_essay(cell)
    }
