"""``autograder report``: a class on one page, which asks nothing of the web."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import nbformat
import numpy as np

from autograder.checks.references import is_check_of
from autograder.cleaned import cleaned
from autograder.grading.verdict import FAILED, FOLLOWED, MISSING, PASSED, Verdict
from autograder.reporting import pages, statistics
from autograder.reporting.classroom import Classroom, Row
from autograder.reporting.pages import BLUE, ORANGE, svg
from autograder.reporting.words import WORDS

NEAR = 10.0  # tolerances
COMMON = 0.3  # of the class with one diagnosis is worth a look at the task
UPSIDE_DOWN = -0.1  # a correlation with the rest beyond chance in a class
EXAMPLES, COMMONEST = 3, 8  # of each known mistake; errors on the page


@dataclass
class Item:
    """One check over the class."""

    name: str
    cell: str
    passed: int = 0
    followed: int = 0
    failed: int = 0
    missing: int = 0
    near: int = 0
    low: float = 0.0
    high: float = 1.0
    correlation: float | None = None
    mistakes: list[tuple[str, int, str, str]] = field(default_factory=list)
    reasons: list[tuple[str, int]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.passed + self.followed + self.failed + self.missing

    @property
    def share(self) -> float:
        return self.passed / self.tried if self.tried else 0.0


def items(room: Classroom) -> list[Item]:
    """Every check of the homework, in the order of the notebook, as the last receipts have it."""
    graded = [row for row in room.rows if row.receipt is not None]
    by_check: dict[str, list[tuple[Row, Verdict]]] = {}
    for row in graded:
        for verdict in row.receipt.checks if row.receipt else ():
            if verdict.state in (PASSED, FOLLOWED, FAILED, MISSING):
                by_check.setdefault(verdict.check, []).append((row, verdict))
    matrix = _matrix(graded, list(by_check))
    return [_item(name, found, matrix, number) for number, (name, found) in enumerate(by_check.items())]


def _matrix(graded: list[Row], names: list[str]) -> np.ndarray:
    """What each student earned of each check, shape (students, checks)."""
    earned = [{v.check: v.earned * v.weight for v in row.receipt.checks} for row in graded if row.receipt]
    return np.array([[of.get(name, 0.0) for name in names] for of in earned]).reshape(len(earned), len(names))


def _item(name: str, found: list[tuple[Row, Verdict]], matrix: np.ndarray, number: int) -> Item:
    states = Counter(verdict.state for _, verdict in found)
    item = Item(name, found[0][1].cell, states[PASSED], states[FOLLOWED], states[FAILED], states[MISSING])
    item.low, item.high = statistics.wilson(item.passed, item.tried)
    item.correlation = statistics.item_total(matrix, number)
    lost = [verdict for _, verdict in found if verdict.state != PASSED]
    item.near = sum(v.difference is not None and 1 < v.difference < NEAR for v in lost)
    told = Counter((v.diagnosis.variant, v.diagnosis.en, v.diagnosis.fa) for v in lost if v.diagnosis)
    item.mistakes = [(variant, count, en, fa) for (variant, en, fa), count in told.most_common()]
    item.reasons = Counter(cleaned(v.fact, 100) for v in lost if not v.diagnosis and v.fact).most_common(3)
    if item.tried >= statistics.ENOUGH:
        if item.passed == 0:
            item.remarks.append("nobody")
        if item.correlation is not None and item.correlation < UPSIDE_DOWN:
            item.remarks.append("good fail")
        if item.mistakes and item.mistakes[0][1] > COMMON * item.tried:
            item.remarks.append("one mistake")
    return item


@dataclass(frozen=True)
class Error:
    """A way in which answers came to nothing, over all checks."""

    line: str
    answers: int
    students: int
    checks: list[str]


def errors(room: Classroom) -> list[Error]:
    """The commonest ways, that most students had first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in room.rows:
        for verdict in row.receipt.checks if row.receipt else ():
            if verdict.state == MISSING and verdict.fact:
                found.setdefault(cleaned(verdict.fact, 160), []).append((row.student, verdict.check))
    made = [
        Error(line, len(all_), len({student for student, _ in all_}), [c for c, _ in Counter(c for _, c in all_).most_common(3)])
        for line, all_ in found.items()
    ]  # fmt: skip
    return sorted(made, key=lambda error: (-error.students, -error.answers, error.line))[:COMMONEST]


@dataclass(frozen=True)
class Essay:
    """The marks of one essay; ``quartiles`` are None below the students of whom statistics are told."""

    name: str
    points: float
    marked: int
    waiting: int
    full: int
    zero: int
    quartiles: tuple[float, float, float] | None


def essays(room: Classroom) -> list[Essay]:
    """Each essay's marks over the class."""
    made = []
    for cell in (cell for cell in room.cells if cell.is_essay):
        marks = [score for row in room.rows if (score := row.cells[cell.id]) is not None]
        waiting = sum(cell.id in row.waiting for row in room.rows)
        full, zero = sum(mark >= cell.points for mark in marks), sum(mark == 0 for mark in marks)
        told = statistics.quartiles(marks) if len(marks) >= statistics.ENOUGH else None
        made.append(Essay(cell.id, cell.points, len(marks), waiting, full, zero, told))
    return made


def examples(room: Classroom) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Of each check's known mistakes a few students' code, by check and variant."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in room.rows:
        for verdict in row.receipt.checks if row.receipt else ():
            if verdict.diagnosis is None or verdict.state == PASSED:
                continue
            shown = found.setdefault((verdict.check, verdict.diagnosis.variant), [])
            if len(shown) < EXAMPLES and (code := _solution(room, row.student, verdict.cell)):
                shown.append((cleaned(row.student, 60), code))
    return found


def _solution(room: Classroom, student: str, check: str) -> str:
    """What a student wrote in the cell that a check is of; empty where the graded notebook is gone."""
    path = room.course / "autograded" / student / room.homework / f"{room.homework}.ipynb"
    if not path.is_file():
        return ""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    about = [(cell, cell.metadata.get("nbgrader", {})) for cell in cells]
    own = [cell.source for cell, of in about if of.get("solution") and is_check_of(check, of.get("grade_id") or " ")]
    return pages.code("\n\n".join(own))


def page(room: Classroom, anonymous: bool, lang: str, now: datetime) -> str:
    """The page; without anybody's name, number or words when it is anonymous."""
    rows, found = room.rows, items(room)
    words = WORDS[lang]
    graded = [row for row in rows if row.receipt is not None]
    final = [row.score for row in rows if not row.waiting and not row.open]
    return pages.render(
        "report.html.jinja",
        lang,
        now,
        room=room,
        anonymous=anonymous,
        items=found,
        followed=any(item.followed for item in found),
        examples={} if anonymous else examples(room),
        errors=[] if anonymous else errors(room),
        essays=[] if anonymous and len(rows) < statistics.ENOUGH else essays(room),
        people=[] if anonymous else [_person(row) for row in rows],
        graded=len(graded),
        final=len(final),
        waiting=sum(bool(row.waiting) for row in rows),
        open=sum(bool(row.open) for row in rows),
        quartiles=statistics.quartiles(final) if final else None,
        alpha=statistics.alpha(_matrix(graded, [item.name for item in found])),
        scores=_histogram(room, words),
        times=_arrivals(room, words),
    )


def _person(row: Row) -> dict[str, Any]:
    flags = [cleaned(flag, 120) for flag in (row.receipt.flags if row.receipt else ())]
    return {
        "student": cleaned(row.student, 60),
        "name": cleaned(f"{row.first_name} {row.last_name}", 60),
        "score": row.score,
        "waiting": ", ".join(row.waiting),
        "open": ", ".join(row.open),
        "late": row.late.line() if row.late.hours else "",
        "flags": flags,
    }


def _histogram(room: Classroom, words: dict[str, str]) -> str:
    """How scores are spread: by the checks, by people, and after lateness."""
    essays = {cell.id for cell in room.cells if cell.is_essay}
    automatic = [sum(score or 0.0 for name, score in row.cells.items() if name not in essays) for row in room.rows]
    by_people = [sum(score or 0.0 for name, score in row.cells.items() if name in essays) for row in room.rows]
    tops = [sum(c.points for c in room.cells if c.is_essay == is_essay) for is_essay in (False, True)] + [room.points]
    parts = zip(("checks", "essays", "after lateness"), (automatic, by_people, [row.score for row in room.rows]), tops)

    def draw(figure: Any) -> None:
        for axis, (name, values, top) in zip(figure.subplots(1, 3), parts):
            axis.hist(values, bins=np.linspace(0, max(top, 1e-9), 11), color=BLUE, edgecolor="white")
            axis.set(title=words[name], xlabel=words["points"])
            axis.yaxis.get_major_locator().set_params(integer=True)

    return svg(draw, (9.0, 2.6), words["spread"])


def _arrivals(room: Classroom, words: dict[str, str]) -> str:
    """When submissions came, in hours before and after the deadline."""
    if room.deadline is None or not any(row.arrived for row in room.rows):
        return ""
    hours = sorted((row.arrived - room.deadline).total_seconds() / 3600 for row in room.rows if row.arrived)

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        axis.step(hours, range(1, len(hours) + 1), where="post", color=BLUE)
        axis.axvline(0, color=ORANGE, linestyle="--")
        axis.set(xlabel=words["hours"], ylabel=words["submissions"])

    return svg(draw, (9.0, 2.4), words["arrivals"])
