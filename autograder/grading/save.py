"""A receipt into the gradebook, without losing what a person graded."""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, Gradebook

from autograder.grading import receipts, scores
from autograder.grading.late import Lateness, Policy, recompute
from autograder.grading.receipts import Receipt
from autograder.grading.verdict import VOID


def save(gradebook: Gradebook, course: Path, notebook: NotebookNode, receipt: Receipt, policy: Policy) -> Lateness:
    """Write a graded submission into the gradebook and the student's penalties with it: all of it or nothing; then its receipt.

    Doing it again changes nothing. A person's score stays; they look again only when what they graded has changed.
    """
    receipts.dumped(receipt)  # what can't be written is known before anything is
    stored = gradebook.find_submission_notebook(receipt.homework, receipt.homework, receipt.student)
    grades, comments = _rows(gradebook, stored, Grade), _rows(gradebook, stored, Comment)
    earlier = receipts.of(course, receipt.student, receipt.homework)
    for cell in notebook.cells:
        if utils.is_grade(cell):
            _grade(grades[cell.metadata.nbgrader.grade_id], receipt, earlier, float(cell.metadata.nbgrader.points))
        if utils.is_solution(cell):
            comment = comments[cell.metadata.nbgrader.grade_id]
            comment.auto_comment = "No response." if scores.untouched(cell) else None
    entries = recompute(gradebook, receipt.student, policy)  # which commits: all of it stands, or nothing
    entry = next(entry for entry in entries if entry.homework == receipt.homework)
    receipts.write(course, receipt)
    return entry


def _rows(gradebook: Gradebook, stored: Any, kind: Any) -> dict[str, Any]:
    """A submitted notebook's grades or comments by the names of their cells."""
    rows = gradebook.db.query(kind, BaseCell.name).join(BaseCell, kind.cell_id == BaseCell.id)
    return {name: row for row, name in rows.filter(kind.notebook_id == stored.id)}


def _grade(grade: Any, receipt: Receipt, earlier: list[Receipt], points: float) -> None:
    cell = grade.name
    verdicts = receipt.of_cell(cell)
    if verdicts and all(verdict.state == VOID for verdict in verdicts):
        grade.cell.max_score, grade.manual_score, grade.extra_credit = 0, None, None
    elif verdicts:
        grade.cell.max_score = points
    grade.auto_score = receipt.scores[cell]
    if grade.manual_score is None:
        flagged = any(verdict.flag for verdict in verdicts if verdict.state != VOID)
        grade.needs_manual_grade = grade.auto_score is None or flagged
    else:
        grade.needs_manual_grade = bool(grade.needs_manual_grade) or _changed(cell, receipt, earlier)


def _changed(cell: str, receipt: Receipt, earlier: list[Receipt]) -> bool:
    """Whether a cell's answer, or the score of its checks, is another than when it was last graded."""
    if cell in receipt.essays:
        last = [before.essays[cell] for before in earlier if cell in before.essays][-1:]
        return last != [receipt.essays[cell]]
    return [before.scores.get(cell) for before in earlier][-1:] != [receipt.scores[cell]]


def worth_a_look(receipt: Receipt, late: Lateness) -> list[str]:
    """What whoever grades is told of a submission."""
    return [f"look at this: {flag}" for flag in receipt.flags] + ([late.line()] if late.hours else [])


def time_of(arrived: datetime) -> str:
    """A time of arrival as it stands beside the graded notebook: by it nbgrader knows a newer submission."""
    return f"{arrived.isoformat(' ')} UTC"


SECRET = "submission_secret.txt"


def secret_of(folder: Path) -> str:
    """By which nbgrader's exchange hands feedback to its student alone; "" for what didn't come through the exchange."""
    try:
        with open(os.open(folder / SECRET, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = (
                file.read(1000).decode("ascii", errors="replace")
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                else ""
            )
    except OSError:
        return ""
    return found if re.fullmatch("[0-9a-f]{16,512}", found) else ""
