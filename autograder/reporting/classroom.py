"""A homework's class: what every page, file and command about it reads."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.collecting import roster
from autograder.grading import receipts
from autograder.grading.feedback import open_checks, waiting_essays
from autograder.grading.late import Lateness, Policy, ledger, term_of
from autograder.grading.receipts import Receipt
from autograder.problem import Problem


@dataclass(frozen=True)
class Cell:
    """A graded cell of a homework; an essay is graded by a person."""

    id: str
    points: float
    is_essay: bool


@dataclass(frozen=True)
class Row:
    """One student's submission.

    Attributes:
        cells: the score of each graded cell; None where nobody has given one.
        raw: their sum; ``penalty`` is what lateness takes of it, in points; ``score`` is what is left.
        waiting: cells that a person has still to look at.
        open: cells that the grader couldn't grade.
        arrived: when it was handed in, UTC; None where nothing tells.
        receipt: of the last attempt; None where there is none.
    """

    student: str
    first_name: str
    last_name: str
    cells: dict[str, float | None]
    raw: float
    penalty: float
    score: float
    waiting: list[str]
    open: list[str]
    arrived: datetime | None
    late: Lateness
    receipt: Receipt | None


@dataclass(frozen=True)
class Classroom:
    """Everybody who handed a homework in, by student number; ``absent`` are those of the roster who didn't."""

    homework: str
    cells: list[Cell]
    rows: list[Row]
    absent: list[str]
    deadline: datetime | None

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.cells)


def read(course: Path, db_url: str, policy: Policy, homework: str) -> Classroom:
    """The class of a homework, from the gradebook, the roster and the receipts.

    Raises:
        Problem: the gradebook doesn't know the homework, or a receipt is none.
    """
    listed = {student.id: student for student in roster.read(course).students}
    with Gradebook(db_url) as gradebook:
        try:
            assignment, notebook = gradebook.find_assignment(homework), gradebook.find_notebook(homework, homework)
        except MissingEntry:
            raise Problem(f"nothing of {homework} has been graded yet: `autograder grade {homework}` first.") from None
        cells = [Cell(c.name, c.max_score, c.cell_type == "markdown") for c in notebook.grade_cells]
        submissions = sorted(gradebook.assignment_submissions(homework), key=lambda s: s.student.id)
        rows = [
            _row(course, submission, cells, listed.get(submission.student.id), policy) for submission in submissions
        ]
        absent = sorted(listed.keys() - {row.student for row in rows})
        return Classroom(homework, cells, rows, absent, assignment.duedate)


def _row(course: Path, submission: Any, cells: list[Cell], listed: roster.Student | None, policy: Policy) -> Row:
    student, homework = submission.student, submission.assignment.name
    given = {g.name: g for notebook in submission.notebooks for g in notebook.grades}
    scores = {cell.id: _score(given.get(cell.id)) for cell in cells}
    term = ledger(student.id, term_of(student), policy)
    late = next(entry for entry in term if entry.homework == homework)
    raw = float(submission.score)
    return Row(
        student=student.id,
        first_name=(listed.first_name if listed else "") or student.first_name or "",
        last_name=(listed.last_name if listed else "") or student.last_name or "",
        cells=scores,
        raw=raw,
        penalty=raw * late.penalty,
        score=raw * (1 - late.penalty),
        waiting=waiting_essays(submission),
        open=open_checks(submission),
        arrived=submission.timestamp,
        late=late,
        receipt=next(reversed(receipts.of(course, student.id, homework)), None),
    )


def _score(grade: Any) -> float | None:
    """A cell's score; None while only a person could give it, or the grader failed."""
    if grade is None or grade.manual_score is None and (grade.auto_score is None or grade.needs_manual_grade):
        return None
    return float(grade.score)


def columns(room: Classroom) -> list[str]:
    return ["student", "first_name", "last_name", *(cell.id for cell in room.cells), "raw", "penalty", "score"]


def table(room: Classroom) -> list[dict[str, Any]]:
    """A row a student and a column a graded cell; None where there is no score yet."""
    return [
        {"student": row.student, "first_name": row.first_name, "last_name": row.last_name}
        | {name: None if score is None else round(score, 4) for name, score in row.cells.items()}
        | {"raw": round(row.raw, 4), "penalty": round(row.penalty, 4), "score": round(row.score, 4)}
        for row in room.rows
    ]


def as_csv(room: Classroom) -> str:
    """The table as CSV; empty where there is no score yet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(room), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _no_formula(value) for name, value in row.items()} for row in table(room))
    return text.getvalue()


def _no_formula(value: Any) -> Any:
    """What a spreadsheet would compute is text: names are the students'."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def as_json(room: Classroom) -> str:
    """The table as JSON: a list of objects."""
    return json.dumps(table(room), ensure_ascii=False, indent=1) + "\n"
