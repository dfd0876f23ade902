"""What handing grades back is on every platform: who is final, whose a line is, who is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder import whole
from autograder.cleaned import cleaned
from autograder.problem import Problem
from autograder.reporting.classroom import Classroom, Row
from autograder.reporting.sheets import Line, Sheet

NOT_FINAL = "not-final.txt"


@dataclass
class Handed:
    """What was written, and whom nobody could be found for.

    Attributes:
        sheet: the platform's file, filled in.
        archive: the feedback, where the platform takes one.
        filled: how many scores stand in it.
        unmatched: the platform's lines that are nobody's.
        missing: students whose score has no line.
        kept: lines that the platform says are not to be graded.
        unfinished: students whose score isn't final and was left out, and why.
    """

    sheet: Path
    archive: Path | None = None
    filled: int = 0
    unmatched: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def fill(
    room: Classroom,
    sheet: Sheet,
    to: Path,
    partial: bool,
    whose: Callable[[Line], str | None],
    put: Callable[[Line, Row], bool],
    called: Callable[[Line], str],
) -> Handed:
    """Put every final score into its line, and write the sheet.

    Args:
        room: the homework's class.
        sheet: the platform's file; its lines are those of students.
        to: the folder to write to.
        partial: whether to write though something isn't final; the file's name and ``not-final.txt`` beside it say so.
        whose: the student whose line it is, by the roster; None when that can't be told.
        put: writes a score; False where the platform says that there is none to write.
        called: the line's student as the platform calls them.

    Raises:
        Problem: something isn't final and ``partial`` is False.
    """
    unfinished = {row.student: _why(row) for row in room.rows if row.waiting or row.open}
    if unfinished and not partial:
        first = next(iter(unfinished.values()))
        raise Problem(
            f"{len(unfinished)} submissions of {room.homework} aren't final ({first}, …): finish them, or say "
            "--partial, which leaves theirs empty."
        )
    handed = Handed(to / f"{sheet.path.stem}-{'partial' if unfinished else 'graded'}.csv")
    handed.unfinished = list(unfinished.values())
    known, seen = {row.student: row for row in room.rows}, set[str]()
    for line in sheet.lines:
        student = whose(line)
        if student is None or student in seen:
            handed.unmatched.append(cleaned(called(line), 120))
            continue
        seen.add(student)
        row = known.get(student)
        if row is None or student in unfinished:
            continue
        if put(line, row):
            handed.filled += 1
        else:
            handed.kept.append(cleaned(called(line), 120))
    handed.missing = sorted(known.keys() - seen - unfinished.keys())
    _write(handed, sheet, room.homework)
    return handed


def _write(handed: Handed, sheet: Sheet, homework: str) -> None:
    """The sheet; and where it is only a part of the class, a file beside it that says whose scores it lacks."""
    whole.write(handed.sheet, sheet.content())
    note = handed.sheet.with_name(NOT_FINAL)
    if handed.unfinished:
        said = [f"{handed.sheet.name} lacks the scores of {homework} that weren't final:", *handed.unfinished]
        whole.write(note, "\n".join(said) + "\n")
    else:
        note.unlink(missing_ok=True)


def scaled(row: Row, room: Classroom, maximum: str, where: str) -> float:
    """A score in the platform's own maximum; an empty or zero one means the homework's.

    Raises:
        Problem: the maximum is no number.
    """
    try:
        most = float(maximum.replace(",", ".")) if maximum else 0.0
    except ValueError:
        raise Problem(f"{where}: {cleaned(maximum, 40)!r} is no maximum grade.") from None
    return row.score * (most or room.points) / room.points if room.points else 0.0


def _why(row: Row) -> str:
    return f"{row.student}: {', '.join([*row.open, *row.waiting])}"
