"""Late days: how they are spent over a term, and what lateness beyond them costs.

A student's whole term is computed anew from the gradebook each time, so neither the order of grading nor its repetition
matters, and a manual grade is penalised like any other.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer, Unicode


@dataclass(frozen=True)
class Policy:
    """What lateness costs.

    Attributes:
        free_days: late days a term that cost nothing.
        free_days_per_homework: how many of them one homework may use.
        penalty_per_day: the share of the score lost a day beyond them, counted by the started hour.
        closed_after_days: a submission later than this earns nothing and spends no free day.
        extensions: days by which a deadline is moved, by (student, homework).
    """

    free_days: int = 10
    free_days_per_homework: int = 3
    penalty_per_day: float = 0.10
    closed_after_days: float = 5.0
    extensions: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class HandedIn:
    """One homework as a student handed it in. Times are UTC; no deadline or no time of arrival means: not late."""

    homework: str
    deadline: datetime | None
    arrived: datetime | None


@dataclass(frozen=True)
class Lateness:
    """What one homework's lateness cost: ``penalty`` is the share of its score that is lost, 0 to 1."""

    homework: str
    hours: int = 0
    free_days: int = 0
    penalty: float = 0.0
    closed: bool = False
    days_left: int = 0

    def line(self) -> str:
        """The lateness as a student reads it."""
        if not self.hours:
            return "On time."
        late = f"{self.hours} hour{'s' * (self.hours > 1)} late"
        if self.closed:
            return f"{late}: after the homework was closed, so nothing is counted."
        spent = f"{self.free_days} free late day{'s' * (self.free_days != 1)} spent, {self.days_left} left this term"
        lost = f"{self.penalty:.1%} of the score lost" if self.penalty else "no penalty"
        return f"{late}: {spent}; {lost}."


def ledger(student: str, term: Iterable[HandedIn], policy: Policy = Policy()) -> list[Lateness]:
    """A student's term, in the order of the deadlines, in which free days are spent."""
    left = policy.free_days
    entries = []
    for handed in sorted(term, key=lambda h: (h.deadline or datetime.min, h.homework)):
        entry = _lateness(handed, policy.extensions.get((student, handed.homework), 0.0), left, policy)
        left = entry.days_left
        entries.append(entry)
    return entries


def _lateness(handed: HandedIn, extension: float, left: int, policy: Policy) -> Lateness:
    if handed.deadline is None or handed.arrived is None:
        return Lateness(handed.homework, days_left=left)
    late = handed.arrived - handed.deadline - timedelta(days=extension)
    hours = max(0, math.ceil(late / timedelta(hours=1)))
    if late > timedelta(days=policy.closed_after_days):
        return Lateness(handed.homework, hours, penalty=1.0, closed=True, days_left=left)
    free = min(math.ceil(hours / 24), policy.free_days_per_homework, left)
    paid = max(0, hours - 24 * free)
    return Lateness(handed.homework, hours, free, min(1.0, policy.penalty_per_day * paid / 24), days_left=left - free)


def read_extensions(path: Path) -> dict[tuple[str, str], float]:
    """The extensions in a file with a line ``student, homework, days`` each; more columns and # lines are for people.

    Raises:
        ValueError: a line says something else; the message names file and line.
    """
    extensions: dict[tuple[str, str], float] = {}
    if not path.exists():
        return extensions
    for number, row in enumerate(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()), 1):
        fields = [entry.strip() for entry in row]
        if not any(fields) or fields[0].startswith("#"):
            continue
        try:
            student, homework, days = fields[0], fields[1], float(fields[2])
        except (IndexError, ValueError):
            raise ValueError(f"{path}:{number}: expected `student, homework, days`, got {','.join(row)!r}.") from None
        if not math.isfinite(days) or days < 0:
            raise ValueError(f"{path}:{number}: an extension is a number of days of at least 0.")
        extensions[student, homework] = extensions.get((student, homework), 0.0) + days
    return extensions


class LateDays(LateSubmissionPlugin):  # type: ignore[misc]
    """The late policy as nbgrader's plugin."""

    free_days = Integer(Policy.free_days, min=0, help="Free late days a term.").tag(config=True)
    free_days_per_homework = Integer(
        Policy.free_days_per_homework, min=0, help="How many of them one homework may use."
    ).tag(config=True)
    penalty_per_day = Float(
        Policy.penalty_per_day, min=0, max=1, help="Share of the score lost a day beyond them, by the hour."
    ).tag(config=True)
    closed_after_days = Float(
        Policy.closed_after_days, min=0, help="Days after the deadline when a homework closes."
    ).tag(config=True)
    extensions = Unicode("extensions.csv", help="File with a line `student, homework, days` an extension.").tag(
        config=True
    )

    def policy(self, course: Path) -> Policy:
        return Policy(
            self.free_days,
            self.free_days_per_homework,
            self.penalty_per_day,
            self.closed_after_days,
            read_extensions(course / self.extensions),
        )


def term_of(student: Any) -> list[HandedIn]:
    """A gradebook student's term."""
    return [HandedIn(s.assignment.name, s.assignment.duedate, s.timestamp) for s in student.submissions]


def recompute(gradebook: Gradebook, student: str, policy: Policy) -> list[Lateness]:
    """Set the penalties of all of a student's submissions, and give the term's ledger."""
    gradebook.db.flush()
    gradebook.db.expire_all()
    found = gradebook.find_student(student)
    submissions = {s.assignment.name: s for s in found.submissions}
    entries = ledger(student, term_of(found), policy)
    for entry in entries:
        for notebook in submissions[entry.homework].notebooks:
            notebook.late_submission_penalty = notebook.score * entry.penalty if entry.penalty else None
    gradebook.db.commit()
    return entries
