"""Late days: how they are spent over a term, and what lateness beyond them costs.

A student's whole term is computed anew from the gradebook each time, so neither the order of grading nor its repetition
matters, and a manual grade is penalised like any other.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from traitlets import Enum, Float, Integer, Unicode
from traitlets.config import Configurable

from autograder import moments, tables
from autograder.cleaned import cleaned
from autograder.problem import Problem

PLAUSIBLE_DAYS = 400  # that a deadline may lie from now, or from the nearest other one of the course


@dataclass(frozen=True)
class Policy:
    """What lateness costs.

    Attributes:
        free_days: late days a term that cost nothing.
        free_days_per_homework: how many of them one homework may use.
        penalty_per_day: the share of the score lost a day beyond them, counted by the started hour.
        closed_after_days: a submission later than this earns nothing and spends no free day.
        extensions: days by which a deadline is moved, by (student, homework).
        grace_minutes: what is late by no more is in time.
    """

    free_days: int = 10
    free_days_per_homework: int = 3
    penalty_per_day: float = 0.10
    closed_after_days: float = 5.0
    extensions: dict[tuple[str, str], float] = field(default_factory=dict)
    grace_minutes: float = 1.0

    def is_late(self, student: str, homework: str, deadline: datetime, arrived: datetime) -> bool:
        """Whether a time is beyond a student's deadline and the grace."""
        days = self.extensions.get((student, homework), 0.0)
        return arrived - deadline > timedelta(days=days, minutes=self.grace_minutes)


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
    if late <= timedelta(minutes=policy.grace_minutes):
        return Lateness(handed.homework, days_left=left)
    hours = math.ceil(late / timedelta(hours=1))
    if late > timedelta(days=policy.closed_after_days):
        return Lateness(handed.homework, hours, penalty=1.0, closed=True, days_left=left)
    free = min(math.ceil(hours / 24), policy.free_days_per_homework, left)
    paid = max(0, hours - 24 * free)
    return Lateness(handed.homework, hours, free, min(1.0, policy.penalty_per_day * paid / 24), days_left=left - free)


def read_extensions(path: Path) -> dict[tuple[str, str], float]:
    """The extensions in a file with a line ``student, homework, days`` each; more columns and # lines are for people.

    Raises:
        Problem: a line says something else; the message names file and line.
    """
    extensions: dict[tuple[str, str], float] = {}
    for (student, homework), days, _ in _extensions(path):
        extensions[student, homework] = extensions.get((student, homework), 0.0) + days
    return extensions


def unknown_extensions(path: Path, students: Iterable[str], homeworks: Iterable[str]) -> list[str]:
    """A line for each extension of a student or a homework that the course doesn't have."""
    students, homeworks = set(students), set(homeworks)
    lines = []
    for (student, homework), _, place in _extensions(path):
        if homework not in homeworks:
            lines.append(f"{place}: there is no homework {cleaned(homework)!r}{_meant(homework, homeworks)}")
        elif student not in students:
            lines.append(f"{place}: there is no student {cleaned(student)!r}{_meant(student, students)}")
    return lines


def _extensions(path: Path) -> Iterable[tuple[tuple[str, str], float, str]]:
    for number, row in enumerate(tables.read(path) if path.exists() else ()):
        fields = row.fields
        if not number and [field.lower() for field in fields[:3]] == ["student", "homework", "days"]:
            continue
        try:
            student, homework, days = fields[0], fields[1], float(tables.ascii_digits(fields[2]))
        except (IndexError, ValueError):
            raise Problem(f"{row.place}: expected `student, homework, days`, got {row.shown()}.") from None
        if not math.isfinite(days) or not 0 <= days <= PLAUSIBLE_DAYS:
            raise Problem(f"{row.place}: an extension is a number of days from 0 to {PLAUSIBLE_DAYS}.")
        yield (tables.ascii_digits(student), homework), days, row.place


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known))
    return f"; did you mean {close[0]}?" if close else "."


def implausible(deadline: datetime, others: Iterable[datetime], now: datetime) -> str:
    """Why a deadline can't be meant; empty when it can. All times are UTC without a zone, as the gradebook keeps them."""
    nearest = min(abs(deadline - time) for time in (*others, now))
    if nearest <= timedelta(days=PLAUSIBLE_DAYS):
        return ""
    return f"{deadline.date()} is more than a year from now and from every other deadline"


def deadline_problem(gradebook: Gradebook, homework: str, now: datetime | None = None) -> str:
    """What is wrong with the gradebook's deadline of a homework; empty when nothing is."""
    due = {assignment.name: assignment.duedate for assignment in gradebook.assignments if assignment.duedate}
    if homework not in due:
        return ""
    others = [time for name, time in due.items() if name != homework]
    why = implausible(due[homework], others, now or datetime.now(UTC).replace(tzinfo=None))
    return (
        f'the deadline of {homework} can\'t be meant: {why}. Set it: autograder deadline {homework} "…"' if why else ""
    )


class LateDays(Configurable):  # type: ignore[misc]
    """The late policy as ``nbgrader_config.py`` sets it."""

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

    grace_minutes = Float(Policy.grace_minutes, min=0, help="What is late by no more is in time.").tag(config=True)
    which = Enum(
        ("newest", "on time"),
        "newest",
        help="Of an attempt in time and a late one, which counts: the newest, or the one that was on time.",
    ).tag(config=True)
    zone = Unicode("", help="The zone of times that name none, such as Asia/Tehran; without it they are refused.").tag(
        config=True
    )

    def here(self) -> tzinfo | None:
        """The course's zone.

        Raises:
            Problem: there is none of that name.
        """
        try:
            return moments.zone(self.zone) if self.zone else None
        except ValueError as error:
            raise Problem(f"c.LateDays.zone in nbgrader_config.py: {error}.") from None

    def policy(self, course: Path) -> Policy:
        return Policy(
            self.free_days,
            self.free_days_per_homework,
            self.penalty_per_day,
            self.closed_after_days,
            read_extensions(course / self.extensions),
            self.grace_minutes,
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
