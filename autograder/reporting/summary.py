"""Every submission's grade, and the reason beside each that is not plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.grading import receipts
from autograder.grading.feedback import open_checks
from autograder.grading.late import Lateness, Policy, ledger, term_of


@dataclass(frozen=True)
class Line:
    """One submission. ``score`` is after the late penalty; ``open`` are essays that a person has still to grade."""

    student: str
    homework: str
    score: float
    max_score: float
    open: int
    reasons: list[str] = field(default_factory=list)


def summary(course: Path, db_url: str, policy: Policy, homework: str | None = None) -> list[Line]:
    """A line for each submission in the gradebook, by homework and student."""
    with Gradebook(db_url) as gradebook:
        terms = {s.id: ledger(s.id, term_of(s), policy) for s in gradebook.students}
        return [
            _line(course, submission, terms[submission.student.id])
            for assignment in gradebook.assignments
            if homework in (None, assignment.name)
            for submission in sorted(gradebook.assignment_submissions(assignment.name), key=lambda s: s.student.id)
        ]


def _line(course: Path, submission: Any, term: list[Lateness]) -> Line:
    student, homework = submission.student.id, submission.assignment.name
    late = next(entry for entry in term if entry.homework == homework)
    open_ = sum(grade.needs_manual_grade for notebook in submission.notebooks for grade in notebook.grades)
    earned = submission.score * (1 - late.penalty)
    reasons = [f"{cell} is not graded: the grader failed" for cell in open_checks(submission)]
    reasons += _reasons(receipts.of(course, student, homework))
    if late.hours:
        reasons.append(late.line())
    return Line(student, homework, earned, submission.max_score, open_, reasons)


def _reasons(given: list[dict[str, Any]]) -> list[str]:
    """Why checks were lost, the same reason once."""
    if not given:
        return []
    receipt = given[-1]
    lost: dict[str, list[str]] = {}
    for check in receipt["checks"]:
        if check["state"] != "passed":
            why = f"known mistake {check['diagnosis']}" if check["diagnosis"] else check["fact"]
            lost.setdefault(why, []).append(check["check"])
    shown = [f"{_names(names)}: {why}" for why, names in lost.items()]
    return [*receipt["notes"], *(f"look: {flag}" for flag in receipt["flags"]), *shown]


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} checks"
