"""Every submission's grade, and the reason beside each that is not plain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.grading.receipts import Receipt
from autograder.grading.verdict import PASSED, VOID, Verdict
from autograder.reporting.classroom import Classroom, Row

COLUMNS = ["homework", "student", "first_name", "last_name", "score", "points", "waiting", "reasons"]


@dataclass(frozen=True)
class SummaryRow:
    """One submission. ``score`` is after the late penalty; ``waiting`` are cells that a person has still to look at."""

    homework: str
    student: str
    first_name: str
    last_name: str
    score: float
    points: float
    waiting: int
    reasons: list[str]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


ORDERS: dict[str, Callable[[SummaryRow], Any]] = {
    "student": lambda row: row.student,
    "name": lambda row: (row.last_name, row.first_name, row.student),
    "score": lambda row: (-row.score, row.student),
    "waiting": lambda row: (-row.waiting, row.student),
}


def summary(rooms: list[Classroom], order: str = "student") -> list[SummaryRow]:
    """A row for each submission, by homework, then in one of the orders."""
    return [row for room in rooms for row in sorted((_row(room, one) for one in room.rows), key=ORDERS[order])]


def _row(room: Classroom, row: Row) -> SummaryRow:
    why = [f"{cell} is not graded: the grader failed" for cell in row.open]
    why += reasons(row.receipt) if row.receipt else []
    why += [row.late.line()] if row.late.hours else []
    names = row.first_name, row.last_name
    return SummaryRow(room.homework, row.student, *names, row.score, room.points, len(row.waiting), why)


def table(rows: list[SummaryRow]) -> list[dict[str, Any]]:
    """A row a submission."""
    return [{name: getattr(row, name) for name in COLUMNS} | {"score": round(row.score, 4)} for row in rows]


def flat(rows: list[SummaryRow]) -> list[dict[str, Any]]:
    """The table for a spreadsheet: the reasons in one field."""
    return [{**row, "reasons": "; ".join(row["reasons"])} for row in table(rows)]


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
