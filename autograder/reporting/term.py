"""The course's total: weights, the best of the homeworks, a pass mark, who is excused, and what was set by hand."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from traitlets import Dict, Float, Integer, Unicode
from traitlets.config import Configurable

from autograder import tables
from autograder.cleaned import cleaned
from autograder.collecting import roster
from autograder.grading.late import Policy
from autograder.problem import Problem
from autograder.reporting.classroom import Classroom, Row

HANDED_IN, MISSED, EXCUSED, AWAITED = "handed in", "missed", "excused", "awaited"
TOTAL = "total"  # in the place of a homework: the line sets the course's total itself
FALL = 0.2  # of the points below one's own mean before, from which a student falls behind
_HEADS = ["student", "homework", "points"]


@dataclass(frozen=True)
class Rules:
    """How a course's total is made.

    Attributes:
        weights: of the homeworks that don't weigh 1.
        best: how many of a student's homeworks count, the best ones; 0 for all.
        pass_mark: the total, 0 to 100, from which the course is passed; 0 when nothing is said of passing.
        by_hand: points by (student, homework), None for excused; "total" in the place of a homework is the total.
    """

    weights: dict[str, float] = field(default_factory=dict)
    best: int = 0
    pass_mark: float = 0.0
    by_hand: dict[tuple[str, str], float | None] = field(default_factory=dict)


class Term(Configurable):  # type: ignore[misc]
    """The course's total as ``nbgrader_config.py`` sets it."""

    weights = Dict(help="The weights of homeworks that don't weigh 1; one of weight 0 doesn't count.").tag(config=True)
    best = Integer(0, min=0, help="How many of a student's homeworks count, the best ones; 0 for all.").tag(config=True)
    pass_mark = Float(0.0, min=0, max=100, help="The total from which the course is passed; 0 for none.").tag(
        config=True
    )
    by_hand = Unicode("term.csv", help="File with a line `student, homework, points` for what people set.").tag(
        config=True
    )

    def rules(self, course: Path) -> Rules:
        """The rules, with what people set by hand.

        Raises:
            Problem: a weight is none, or a line of the file says something else.
        """
        for homework, weight in self.weights.items():
            if not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
                raise Problem(
                    f"c.Term.weights in nbgrader_config.py: the weight of {homework} is a number from 0, not {weight!r}."
                )
        return Rules(dict(self.weights), self.best, self.pass_mark, _by_hand(course / self.by_hand))


@dataclass(frozen=True)
class Mark:
    """One homework of a student.

    Attributes:
        points: what the homework totals.
        score: after lateness, or as set by hand; 0 when it was missed, None when excused or not due yet.
        state: handed in, missed, excused, or awaited while it isn't due.
        counts: whether it is one of those that make the total.
        by_hand: whether a person set it in ``term.csv``.
        waits: whether something of it isn't graded yet.
    """

    homework: str
    points: float
    score: float | None
    state: str
    counts: bool = False
    by_hand: bool = False
    waits: bool = False

    @property
    def share(self) -> float:
        return (self.score or 0.0) / self.points if self.points else 0.0


@dataclass(frozen=True)
class Standing:
    """A student's term; ``total`` is 0 to 100, None when nothing counts yet; ``behind`` says why to look at them."""

    student: str
    first_name: str
    last_name: str
    marks: list[Mark]
    total: float | None
    by_hand: bool
    passed: bool | None
    days_left: int
    behind: list[str]

    @property
    def waits(self) -> list[str]:
        return [mark.homework for mark in self.marks if mark.waits and not mark.by_hand]


def standings(course: Path, rooms: list[Classroom], policy: Policy, rules: Rules, now: datetime) -> list[Standing]:
    """Everybody's term, by student number: all of the roster, and whoever handed something in.

    Raises:
        Problem: weights or lines of ``term.csv`` name a homework or a student that isn't there.
    """
    listed = {student.id: student for student in roster.read(course).students}
    rows = [{row.student: row for row in room.rows} for room in rooms]
    students = sorted(listed.keys() | {student for one in rows for student in one})
    _refuse_unknown(rules, [room.homework for room in rooms], students, course)
    made = []
    for student in students:
        own = [of.get(student) for of in rows]
        marks = [_mark(student, room, row, policy, rules, now) for room, row in zip(rooms, own)]
        marks = _counted(marks, rules)
        total, set_ = _total(student, marks, rules)
        handed = [row for row in own if row]
        name = handed[-1] if handed else listed[student]
        passed = None if total is None or not rules.pass_mark else round(total, 6) >= rules.pass_mark
        left = min((row.late.days_left for row in handed), default=policy.free_days)
        behind = _behind(marks, passed)
        made.append(Standing(student, name.first_name, name.last_name, marks, total, set_, passed, left, behind))
    return made


def _mark(student: str, room: Classroom, row: Row | None, policy: Policy, rules: Rules, now: datetime) -> Mark:
    homework, points = room.homework, room.points
    if (student, homework) in rules.by_hand:
        score = rules.by_hand[student, homework]
        return Mark(homework, points, score, EXCUSED if score is None else HANDED_IN, by_hand=True)
    if row is not None:
        return Mark(homework, points, row.score, HANDED_IN, waits=bool(row.waiting or row.open))
    today = now.astimezone(UTC).replace(tzinfo=None)
    if room.deadline and not policy.is_late(student, homework, room.deadline, today):
        return Mark(homework, points, None, AWAITED)
    return Mark(homework, points, 0.0, MISSED)


def _counted(marks: list[Mark], rules: Rules) -> list[Mark]:
    """The marks, with those that make the total: of the best, the ones with the highest share of their points."""
    weighed = [mark for mark in marks if mark.score is not None and rules.weights.get(mark.homework, 1.0) > 0]
    best = sorted(weighed, key=lambda mark: -mark.share)[: rules.best or None]
    names = {mark.homework for mark in best}
    return [Mark(**{**vars(mark), "counts": mark.homework in names}) for mark in marks]


def _total(student: str, marks: list[Mark], rules: Rules) -> tuple[float | None, bool]:
    """The total, and whether a person set it."""
    by_hand = rules.by_hand.get((student, TOTAL))
    if by_hand is not None:
        return by_hand, True
    weights = [(rules.weights.get(mark.homework, 1.0), mark.share) for mark in marks if mark.counts]
    whole = sum(weight for weight, _ in weights)
    return (100 * sum(weight * share for weight, share in weights) / whole if whole else None), False


def _behind(marks: list[Mark], passed: bool | None) -> list[str]:
    """Why somebody should ask how a student does, in the words' keys; empty when nothing shows."""
    due = [mark for mark in marks if mark.score is not None]
    missed = [mark.state == MISSED for mark in due]
    why = ["missed the last"] if missed and missed[-1] else []
    why += ["missed several"] if sum(missed) > 1 else []
    before = [mark.share for mark in due[:-1] if mark.state != MISSED]
    if len(before) > 1 and not missed[-1] and due[-1].share < sum(before) / len(before) - FALL:
        why.append("falls")
    return why + (["below"] if passed is False else [])


def _by_hand(path: Path) -> dict[tuple[str, str], float | None]:
    """What people set: a line ``student, homework, points`` each, ``excused`` for points; more columns are for people."""
    found: dict[tuple[str, str], float | None] = {}
    for number, row in enumerate(tables.read(path) if path.exists() else ()):
        fields = [tables.ascii_digits(one) for one in row.fields]
        if not number and [one.lower() for one in fields[:3]] == _HEADS:
            continue
        try:
            student, homework, points = fields[0], fields[1], fields[2].lower()
            value = None if points == EXCUSED else float(points.replace("٫", "."))
        except (IndexError, ValueError):
            raise Problem(
                f"{row.place}: expected `student, homework, points`, or excused for points, got {row.shown()}."
            ) from None
        if value is not None and (not math.isfinite(value) or value < 0) or value is None and homework == TOTAL:
            raise Problem(f"{row.place}: points are a number from 0, and only of a homework anybody is excused.")
        if (student, homework) in found:
            raise Problem(f"{row.place}: {cleaned(student)} has a line on {cleaned(homework)} already: leave one.")
        found[student, homework] = value
    return found


def _refuse_unknown(rules: Rules, homeworks: list[str], students: list[str], course: Path) -> None:
    known = {*homeworks, *(path.name for path in (course / "assignments").glob("*") if path.is_dir())}
    for homework in rules.weights:
        if homework not in known:
            raise Problem(f"c.Term.weights in nbgrader_config.py: {_none('homework', homework, known)}")
    for student, homework in rules.by_hand:
        if homework != TOTAL and homework not in known:
            raise Problem(f"term.csv: {_none('homework', homework, known)}")
        if student not in students:
            raise Problem(f"term.csv: {_none('student', student, students)}")


def _none(kind: str, word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f"there is no {kind} {cleaned(word)!r}" + (f"; did you mean {close[0]}?" if close else ".")


def columns(rooms: list[Classroom]) -> list[str]:
    ends = ["total", "passed", "waiting", "missed", "excused", "by_hand", "days_left"]
    return ["student", "first_name", "last_name", *(room.homework for room in rooms), *ends]


def table(found: list[Standing]) -> list[dict[str, Any]]:
    """A row a student: points of each homework, the total of 100, and the homeworks that are not plain."""
    return [
        {"student": one.student, "first_name": one.first_name, "last_name": one.last_name}
        | {mark.homework: None if mark.score is None else round(mark.score, 4) for mark in one.marks}
        | {
            "total": None if one.total is None else round(one.total, 4),
            "passed": one.passed,
            "waiting": one.waits,
            "missed": [mark.homework for mark in one.marks if mark.state == MISSED],
            "excused": [mark.homework for mark in one.marks if mark.state == EXCUSED],
            "by_hand": [m.homework for m in one.marks if m.by_hand and m.score is not None] + [TOTAL] * one.by_hand,
            "days_left": one.days_left,
        }
        for one in found
    ]


def flat(found: list[Standing]) -> list[dict[str, Any]]:
    """The table for a spreadsheet: lists in one field each, yes and no."""
    words = {True: "yes", False: "no"}
    return [
        {
            name: " ".join(value) if isinstance(value, list) else words[value] if isinstance(value, bool) else value
            for name, value in row.items()
        }
        for row in table(found)
    ]
