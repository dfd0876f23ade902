"""Marks of essays: read from the gradebook, written to it with the record, and never over what somebody else wrote."""

from __future__ import annotations

import hashlib
import json
import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.grading.late import Policy, recompute
from autograder.marking import agreement, essays, record
from autograder.marking.answers import EMPTY, MISSING, Answers, Group
from autograder.marking.record import FIRST, SECOND, Entry, Place
from autograder.problem import Problem

ELSEWHERE = "Formgrader"  # who gave points that the record doesn't know of
LONGEST_COMMENT = 10_000  # characters


class Refused(Exception):
    """What wasn't done; ``why`` is a key of the page's words, ``told`` what these tell of."""

    def __init__(self, why: str, **told: Any) -> None:
        super().__init__(why)
        self.why, self.told = why, told


@dataclass(frozen=True)
class Who:
    """A marker, and the window that they have open: ``holder`` is its own."""

    marker: str
    holder: str


@dataclass(frozen=True)
class Mark:
    """What the equal answers of a group have; ``alike`` when all have the same.

    Attributes:
        waits: whether a person has still to look.
        version: changes with whatever of it changes, whoever changes it.
    """

    points: float | None
    comment: str
    lines: tuple[int, ...]
    marker: str
    at: str
    waits: bool
    alike: bool = True
    version: str = ""


@dataclass(frozen=True)
class _Row:
    """A student's rows of the gradebook for one essay."""

    grade: Any
    comment: Any
    notebook: Any
    student: Any


@dataclass(frozen=True)
class _Change:
    """One change of one or more students' marks."""

    doer: str
    undoes: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class _Seen:
    """An essay over the class, at one moment."""

    rows: dict[str, _Row]
    changes: list[Entry]
    groups: list[Group]
    marks: dict[str, Mark]  # of each student

    def mark(self, group: Group) -> Mark:
        """What a group has: the first student's mark."""
        all_ = [self.marks[student] for student in group.students]
        said = [(mark.points, mark.comment, mark.waits) for mark in all_]
        last = record.latest(self.changes)
        state = [[s, last[s].version if s in last else 0, *one] for s, one in zip(group.students, said)]
        version = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:20]
        waits = any(mark.waits for mark in all_)
        return replace(all_[0], alike=len(set(said)) == 1, waits=waits, version=version)


class Marking:
    """One homework's essays, marked by several people at once.

    Args:
        folder: of a student's graded notebook.
    """

    def __init__(self, course: Path, homework: str, db_url: str, policy: Policy, folder: Callable[[str], Path]) -> None:
        self.homework, self.essays = homework, {essay.id: essay for essay in essays.read(course, homework)}
        self._db_url, self._policy, self._answers = db_url, policy, Answers(homework, folder)
        with Gradebook(db_url) as book:
            record.prepare(book.engine)
            if not book.db.query(Assignment).filter(Assignment.name == homework).count():
                raise Problem(f"nothing of {homework} has been graded yet: `autograder grade {homework}` first.")

    @contextmanager
    def _book(self) -> Iterator[Gradebook]:
        with Gradebook(self._db_url) as book:
            try:
                yield book
            finally:
                book.db.rollback()

    # What there is

    def overview(self) -> list[dict[str, Any]]:
        """Each essay, how many answers it has, and how many of them are done."""
        with self._book() as book:
            told = []
            for essay in self.essays.values():
                rows = self._rows(book, essay.id)
                waiting = sum(bool(row.grade.needs_manual_grade) for row in rows.values())
                told.append({"id": essay.id, "points": essay.points, "total": len(rows), "done": len(rows) - waiting})
            return told

    def queue(self, place: Place, who: Who) -> dict[str, Any]:
        """An essay's answers in their order, comments to offer again, and how far everybody is."""
        with self._book() as book:
            seen = self._seen(book, place)
            first = seen if place.reader == FIRST else self._seen(book, replace(place, reader=FIRST))
            second = seen if place.reader == SECOND else self._seen(book, replace(place, reader=SECOND))
            claims = record.claimed(book.db, place, time.time())
        chosen = seen.groups if place.reader == FIRST else _second_readers(first, who)
        comments = Counter(mark.comment for mark in seen.marks.values() if mark.comment)
        return {
            "answers": [self._told(group, seen, claims, who) for group in chosen],
            "comments": [comment for comment, _ in comments.most_common(30)],
            "progress": _progress(first),
            "agreement": _agreement(first, second) if place.reader == FIRST else None,
        }

    def _told(self, group: Group, seen: _Seen, claims: dict[str, tuple[str, str]], who: Who) -> dict[str, Any]:
        mark = seen.mark(group)
        holder, name = claims.get(group.key, (who.holder, ""))
        return {
            "key": group.key,
            "size": len(group.students),
            "done": not mark.waits,
            "open": name if holder != who.holder else "",
        }

    # One answer

    def open(self, place: Place, key: str, who: Who) -> tuple[Group, Mark, list[tuple[str, str]], str]:
        """Claim an answer: its group, its mark, the students' numbers and names, and who has it open ("" for oneself)."""
        with self._book() as book:
            taken = record.claim(book.db, place, key, who.holder, who.marker, time.time())
            if taken is None:
                book.db.commit()
            seen = self._seen(book, place)
            group = _called(seen, key)
            names = [
                (student, f"{row.first_name or ''} {row.last_name or ''}".strip())
                for student in group.students
                for row in [seen.rows[student].student]
            ]
            return group, seen.mark(group), names, "" if taken is None else taken or "?"

    def stay(self, place: Place, key: str, who: Who) -> None:
        """Say that an answer is still open.

        Raises:
            Refused: somebody else has it by now, or nobody.
        """
        with self._book() as book:
            now = time.time()
            kept = record.extend(book.db, place, key, who.holder, now)
            book.db.commit()
            if not kept:
                _, by = record.claimed(book.db, place, now).get(key, ("", ""))
                raise Refused("taken", by=by) if by else Refused("free")

    def leave(self, place: Place, key: str, who: Who) -> None:
        """Let others have an answer."""
        with self._book() as book:
            record.release(book.db, place, key, who.holder)
            book.db.commit()

    def save(
        self, place: Place, key: str, who: Who, version: str, points: float | None, lines: list[int], comment: str
    ) -> Mark:
        """Mark an answer, and all that are equal to it: the gradebook and the record, both or neither.

        Args:
            version: that of the mark which the marker had before them.

        Raises:
            Refused: somebody else has it open or has marked it since, or it can't have these points.
        """
        self._refuse_points(place, points)
        with self._book() as book:
            self._claim(book, place, key, who)
            seen = self._seen(book, place, to_write=True)
            group = _called(seen, key)
            if group.key == MISSING:
                raise Refused("missing")
            self._refuse_lost(seen.mark(group), version)
            said = comment.strip()[:LONGEST_COMMENT]
            new = Mark(points, said, tuple(sorted(set(lines))), who.marker, "", waits=points is None)
            change = _Change(who.marker)
            for student in group.students:
                self._write(book, place, seen, student, new, change)
            return self._done(book, place, group)

    def undo(self, place: Place, who: Who) -> tuple[str, Mark]:
        """Take back the marker's last change of an essay, and then the one before it: the answer's key and what it has now.

        Raises:
            Refused: there is none, or somebody else has changed the answer since.
        """
        with self._book() as book:
            seen = self._seen(book, place)
            rows = _last_change(seen.changes, who.marker)
            group = next((group for group in seen.groups if rows[0].student in group.students), None)
            if group is None:
                raise Refused("gone")
            book.db.rollback()
            self._claim(book, place, group.key, who)
            seen = self._seen(book, place, to_write=True)
            if _last_change(seen.changes, who.marker) != rows or not _stands(seen, rows):
                raise _lost(seen.mark(group))
            change = _Change(who.marker, rows[0].change)
            for row in rows:
                had = row.before
                old = Mark(had["points"], had["comment"], tuple(had["lines"]), had["marker"], "", had["waits"])
                self._write(book, place, seen, row.student, old, change)
            return group.key, self._done(book, place, group)

    def _refuse_points(self, place: Place, points: float | None) -> None:
        most = self.essays[place.essay].points
        if points is not None and not (math.isfinite(points) and 0 <= points <= most):
            raise Refused("bad_points", most=most)

    def _claim(self, book: Gradebook, place: Place, key: str, who: Who) -> None:
        taken = record.claim(book.db, place, key, who.holder, who.marker, time.time())
        if taken is not None:
            raise Refused("taken", by=taken or "?")

    def _refuse_lost(self, mark: Mark, version: str) -> None:
        if mark.version != version:
            raise _lost(mark)

    def _write(self, book: Gradebook, place: Place, seen: _Seen, student: str, new: Mark, change: _Change) -> None:
        """A student's mark into the record, and a first reader's into the gradebook."""
        row, had = seen.rows[student], seen.marks[student]
        version = 1 + max((entry.version for entry in seen.changes if entry.student == student), default=0)
        before = {name: getattr(had, name) for name in ("comment", "lines", "marker", "waits")}
        before["points"] = had.points if place.reader == SECOND else row.grade.manual_score
        said = (new.marker, change.doer, _now(), new.lines, new.points, new.comment)
        record.add(book.db, place, Entry(student, version, change.id, change.undoes, *said, before))
        if place.reader == FIRST:
            row.grade.manual_score, row.grade.needs_manual_grade = new.points, new.waits
            row.comment.manual_comment = new.comment or None

    def _done(self, book: Gradebook, place: Place, group: Group) -> Mark:
        book.db.commit()
        seen = self._seen(book, place)
        for student in group.students:
            if seen.rows[student].notebook.late_submission_penalty is not None:
                recompute(book, student, self._policy)
        return self._seen(book, place).mark(group)

    # What the gradebook says

    def _seen(self, book: Gradebook, place: Place, to_write: bool = False) -> _Seen:
        book.db.expire_all()
        rows = self._rows(book, place.essay, to_write)
        changes = record.entries(book.db, place)
        last = record.latest(changes)
        # The answer of who left the cell as it was released is no answer: the grader has given it 0.
        groups = self._answers.groups(place.essay, {s: row.grade.auto_score is not None for s, row in rows.items()})
        of_reader = _given if place.reader == FIRST else _second
        return _Seen(
            rows, changes, groups, {student: of_reader(row, last.get(student)) for student, row in rows.items()}
        )

    def _rows(self, book: Gradebook, essay: str, to_write: bool = False) -> dict[str, _Row]:
        found = (
            book.db.query(Grade, Comment, SubmittedNotebook, Student)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(Student, SubmittedAssignment.student_id == Student.id)
            .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
            .filter(Assignment.name == self.homework, BaseCell.name == essay, Comment.cell.has(BaseCell.name == essay))
        )
        if to_write:
            found = found.with_for_update(of=(Grade, Comment))
        return {student.id: _Row(grade, comment, notebook, student) for grade, comment, notebook, student in found}


def _given(row: _Row, last: Entry | None) -> Mark:
    """A student's mark as the gradebook has it; who gave it, as the record has it."""
    score, comment = row.grade.manual_score, row.comment.manual_comment or ""
    waits = bool(row.grade.needs_manual_grade)
    points = row.grade.auto_score if score is None else score
    if last is not None and (last.points, last.comment) == (score, comment):
        return Mark(points, comment, last.lines, last.marker if score is not None else "", last.at, waits)
    return Mark(points, comment, (), ELSEWHERE if score is not None else "", "", waits)


def _second(_row: _Row, last: Entry | None) -> Mark:
    """What a second reader gave, who sees nothing of the first."""
    if last is None:
        return Mark(None, "", (), "", "", True)
    return Mark(last.points, last.comment, last.lines, last.marker, last.at, last.points is None)


def _called(seen: _Seen, key: str) -> Group:
    for group in seen.groups:
        if group.key == key:
            return group
    raise Refused("gone")


def _lost(mark: Mark) -> Refused:
    return Refused("lost", by=mark.marker or "?", points=mark.points, at=mark.at)


def _last_change(changes: list[Entry], marker: str) -> list[Entry]:
    """The rows of a marker's last change that isn't taken back."""
    undone = {entry.undoes for entry in changes}
    mine = [e for e in changes if e.marker == marker and e.undoes is None and e.change not in undone]
    if not mine:
        raise Refused("nothing_to_undo")
    return [entry for entry in mine if entry.change == mine[-1].change]


def _stands(seen: _Seen, rows: list[Entry]) -> bool:
    """Whether a change is still what the answers have: no later one stands over it, and Formgrader changed nothing."""
    undone = {entry.undoes for entry in seen.changes}
    last = record.latest(seen.changes)
    for row in rows:
        later = [e for e in seen.changes if e.student == row.student and e.version > row.version]
        if any(e.undoes is None and e.change not in undone for e in later) or row.student not in seen.marks:
            return False
        has = seen.marks[row.student]
        if last[row.student].points is not None and has.points != last[row.student].points or has.marker == ELSEWHERE:
            return False
    return True


def _second_readers(first: _Seen, who: Who) -> list[Group]:
    """The sample for a second reader: answers that somebody else has marked."""
    real = {group.key: group for group in first.groups if group.key not in (EMPTY, MISSING)}
    drawn = [real[key] for key in agreement.sample(real)]
    marks = [(group, first.mark(group)) for group in drawn]
    return [group for group, mark in marks if not mark.waits and mark.points is not None and mark.marker != who.marker]


def _progress(seen: _Seen) -> dict[str, Any]:
    done = [mark for mark in seen.marks.values() if not mark.waits]
    by = Counter(mark.marker for mark in done if mark.marker)
    return {"total": len(seen.marks), "done": len(done), "by": [list(pair) for pair in by.most_common()]}


def _agreement(first: _Seen, second: _Seen) -> dict[str, Any] | None:
    """How the two readers' points go together, each group of equal answers once."""
    pairs = [
        (group.key, one.points, two.points)
        for group in first.groups
        for one, two in [(first.mark(group), second.mark(group))]
        if one.points is not None and two.points is not None and not one.waits
    ]
    if not pairs:
        return None
    ones, twos = [float(one) for _, one, _ in pairs], [float(two) for _, _, two in pairs]
    return {
        "count": len(pairs),
        "kappa": agreement.weighted_kappa(ones, twos),
        "same": sum(one == two for one, two in zip(ones, twos)),
        "differ": [[key, one, two] for key, one, two in pairs if one != two],
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
