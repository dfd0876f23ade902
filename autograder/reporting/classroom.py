"""A homework's class: what every page, file and command about it reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import joinedload, selectinload

from autograder.collecting import roster
from autograder.grading import receipts
from autograder.grading.feedback import open_checks, waiting_essays
from autograder.grading.late import HandedIn, Lateness, Policy, ledger
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
    course: Path

    @property
    def points(self) -> float:
        """What the homework totals."""
        return sum(cell.points for cell in self.cells)


def read(course: Path, db_url: str, policy: Policy, homework: str) -> Classroom:
    """The class of a homework, from the gradebook, the roster and the receipts.

    Raises:
        Problem: the gradebook doesn't know the homework, or a receipt is none.
    """
    with Gradebook(db_url) as gradebook:
        try:
            assignment = gradebook.find_assignment(homework)
            gradebook.find_notebook(homework, homework)
        except MissingEntry:
            raise Problem(f"nothing of {homework} has been graded yet: `autograder grade {homework}` first.") from None
        return _read(course, gradebook, policy, [assignment])[0]


def read_all(course: Path, db_url: str, policy: Policy) -> list[Classroom]:
    """The class of every homework of which something is in the gradebook, in the order of the deadlines.

    Raises:
        Problem: a receipt is none.
    """
    with Gradebook(db_url) as gradebook:
        known = [assignment for assignment in gradebook.assignments if assignment.num_submissions]
        ordered = sorted(known, key=lambda assignment: (assignment.duedate or datetime.max, assignment.name))
        return _read(course, gradebook, policy, ordered)


def _read(course: Path, gradebook: Gradebook, policy: Policy, assignments: list[Assignment]) -> list[Classroom]:
    listed = {student.id: student for student in roster.read(course).students}
    terms = _terms(gradebook, policy)
    rooms = []
    for assignment in assignments:
        homework = assignment.name
        found = gradebook.find_notebook(homework, homework).grade_cells
        cells = [Cell(c.name, c.max_score, c.cell_type == "markdown") for c in found]
        rows = [
            _row(course, submission, cells, listed.get(submission.student_id), terms[submission.student_id][homework])
            for submission in _submissions(gradebook, assignment)
        ]
        absent = sorted(listed.keys() - {row.student for row in rows})
        rooms.append(Classroom(homework, cells, rows, absent, assignment.duedate, course))
    return rooms


def _submissions(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    """A homework's submissions by student, with all that is asked of them: one by one a class of 200 takes half a minute."""
    grades = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id)
    return sorted(query.options(joinedload(SubmittedAssignment.student), grades).all(), key=lambda s: s.student_id)


def _terms(gradebook: Gradebook, policy: Policy) -> dict[str, dict[str, Lateness]]:
    """Everybody's lateness in every homework, by student and homework."""
    handed: dict[str, list[HandedIn]] = {}
    for submission in gradebook.db.query(SubmittedAssignment).options(joinedload(SubmittedAssignment.assignment)):
        one = HandedIn(submission.assignment.name, submission.assignment.duedate, submission.timestamp)
        handed.setdefault(submission.student_id, []).append(one)
    return {
        student: {entry.homework: entry for entry in ledger(student, term, policy)} for student, term in handed.items()
    }


def _row(
    course: Path, submission: SubmittedAssignment, cells: list[Cell], listed: roster.Student | None, late: Lateness
) -> Row:
    student, homework = submission.student, submission.assignment.name
    given = {g.name: g for notebook in submission.notebooks for g in notebook.grades}
    scores = {cell.id: _score(given.get(cell.id)) for cell in cells}
    raw = float(sum(grade.score for grade in given.values()))  # as nbgrader sums them
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
    return csv_text(columns(room), table(room))


def csv_text(heads: list[str], rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV that a spreadsheet computes nothing of; None is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _no_formula(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _no_formula(value: Any) -> Any:
    """What a spreadsheet would compute is text: names are the students'."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def as_json(room: Classroom) -> str:
    """The table as JSON: a list of objects."""
    return json_text(table(room))


def json_text(rows: list[dict[str, Any]]) -> str:
    """Rows as JSON."""
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
