"""Every submission's grade, and the reason beside each that is not plain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.grading import receipts
from autograder.grading.feedback import open_checks
from autograder.grading.late import Lateness, Policy, ledger, term_of
from autograder.grading.receipts import Receipt
from autograder.grading.verdict import PASSED, VOID, Verdict


@dataclass(frozen=True)
class SummaryRow:
    """One submission. ``score`` is after the late penalty; ``open`` are essays that a person has still to grade."""

    student: str
    homework: str
    score: float
    max_score: float
    open: int
    reasons: list[str]


def summary(course: Path, db_url: str, policy: Policy, homework: str | None = None) -> list[SummaryRow]:
    """A row for each submission in the gradebook, by homework and student.

    Raises:
        Problem: a receipt is none.
    """
    with Gradebook(db_url) as gradebook:
        terms = {s.id: ledger(s.id, term_of(s), policy) for s in gradebook.students}
        return [
            _row(course, submission, terms[submission.student.id])
            for assignment in gradebook.assignments
            if homework in (None, assignment.name)
            for submission in sorted(gradebook.assignment_submissions(assignment.name), key=lambda s: s.student.id)
        ]


def _row(course: Path, submission: Any, term: list[Lateness]) -> SummaryRow:
    student, homework = submission.student.id, submission.assignment.name
    late = next(entry for entry in term if entry.homework == homework)
    open_ = sum(grade.needs_manual_grade for notebook in submission.notebooks for grade in notebook.grades)
    earned = submission.score * (1 - late.penalty)
    why = [f"{cell} is not graded: the grader failed" for cell in open_checks(submission)]
    for receipt in receipts.of(course, student, homework)[-1:]:
        why += reasons(receipt)
    if late.hours:
        why.append(late.line())
    return SummaryRow(student, homework, earned, submission.max_score, open_, why)


def reasons(receipt: Receipt) -> list[str]:
    """What was put right, what a person should look at, and why checks were lost, the same reason once."""
    lost: dict[str, list[str]] = {}
    for verdict in receipt.checks:
        if verdict.state not in (PASSED, VOID):
            lost.setdefault(_reason(verdict), []).append(verdict.check)
    shown = [f"{_names(names)}: {why}" for why, names in lost.items()]
    return [*receipt.notes, *(f"look: {flag}" for flag in receipt.flags), *shown]


def _reason(verdict: Verdict) -> str:
    return f"known mistake {verdict.diagnosis.variant}" if verdict.diagnosis else verdict.fact


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} checks"
