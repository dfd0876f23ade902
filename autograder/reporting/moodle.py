"""Grades back to Moodle: its grading worksheet filled in, and the feedback pages in a zip under its names."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from autograder import whole
from autograder.collecting import roster
from autograder.collecting.layouts import Refused, owner
from autograder.collecting.roster import Roster
from autograder.problem import Problem
from autograder.reporting.classroom import Classroom, Row

IDENTIFIER, NAME, GRADE, MAXIMUM, COMMENT = "Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"
_NUMBER = re.compile(r"(\d+)\s*$")


@dataclass(frozen=True)
class Handed:
    """What was written, and whom nobody could be found for."""

    worksheet: Path
    archive: Path
    filled: int
    unmatched: list[str]
    missing: list[str]


def export(course: Path, room: Classroom, worksheet: Path, to: Path, partial: bool) -> Handed:
    """Fill Moodle's worksheet and pack the feedback.

    Args:
        course: with ``students.csv`` and ``feedback/``.
        room: the homework's class.
        worksheet: the CSV file that Moodle gives under "Download grading worksheet".
        to: the folder to write to.
        partial: whether to write though something isn't final; what isn't stays empty.

    Raises:
        Problem: the worksheet is none, its maximum is another, or something isn't final and ``partial`` is False.
    """
    unfinished = [row for row in room.rows if row.waiting or row.open]
    if unfinished and not partial:
        raise Problem(
            f"{len(unfinished)} submissions of {room.homework} aren't final ({_why(unfinished[0])}, …): finish them, or say "
            "--partial, which leaves theirs empty."
        )
    text = _text(worksheet)
    reader = csv.DictReader(io.StringIO(text))
    heads = list(reader.fieldnames or [])
    if IDENTIFIER not in heads or GRADE not in heads:
        raise Problem(
            f"{worksheet} is no grading worksheet of Moodle's: it has no columns {IDENTIFIER!r} and {GRADE!r}."
        )
    known = {row.student: row for row in room.rows}
    listed = roster.read(course)
    lines, unmatched, seen, pages = [], [], set[str](), dict[str, bytes]()
    for line in reader:
        student = _student(line, listed, known, room.homework)
        if student is None:
            unmatched.append(f"{line.get(NAME) or ''} ({line[IDENTIFIER]})")
        elif student in known and not (known[student].waiting or known[student].open):
            row = known[student]
            line[GRADE] = f"{_scaled(row, room, line, worksheet):.2f}"
            seen.add(student)
            pages |= _feedback(course, room.homework, student, line)
        lines.append(line)
    made = io.StringIO()
    writer = csv.DictWriter(made, heads, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    place, archive = to / f"{worksheet.stem}-graded.csv", to / f"{room.homework}-feedback.zip"
    whole.write(place, "\ufeff" + made.getvalue())
    whole.write(archive, _zip(pages))
    missing = sorted(row.student for row in room.rows if row.student not in seen and row not in unfinished)
    return Handed(place, archive, len(seen), unmatched, missing)


def _why(row: Row) -> str:
    return f"{row.student}: {', '.join([*row.open, *row.waiting])}"


def _text(worksheet: Path) -> str:
    try:
        return worksheet.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise Problem(f"{worksheet} can't be read ({error}).") from None


def _student(line: dict[str, str], listed: Roster, known: dict[str, Row], homework: str) -> str | None:
    """Whose line this is: by the ID number that a site shows, by name and Moodle's number, by the address."""
    for column in ("ID number", "Username"):
        value = (line.get(column) or "").strip()
        found = listed.of_id(value) if value else None
        if found or value in known:
            return found.id if found else value
    number, name = _NUMBER.search(line[IDENTIFIER] or ""), (line.get(NAME) or "").strip()
    try:
        found_owner = owner(f"{name}_{number[1]}_assignsubmission_file", homework, listed) if number and name else None
    except Refused:
        found_owner = None
    if found_owner is not None:
        return found_owner.student
    address = (line.get("Email address") or "").strip()
    by_address = listed.of_email(address) if address else None
    if by_address is not None:
        return by_address.id
    called = listed.of_name(name)
    return called[0].id if len(called) == 1 else None


def _scaled(row: Row, room: Classroom, line: dict[str, str], worksheet: Path) -> float:
    """A score in the worksheet's own maximum."""
    maximum = (line.get(MAXIMUM) or "").strip().replace(",", ".")
    try:
        most = float(maximum) if maximum else room.points
    except ValueError:
        raise Problem(f"{worksheet}: {maximum!r} is no maximum grade.") from None
    return row.score * most / room.points if room.points else 0.0


def _feedback(course: Path, homework: str, student: str, line: dict[str, str]) -> dict[str, bytes]:
    """A student's feedback page under the name that Moodle takes it by."""
    page = course / "feedback" / student / homework / f"{homework}.html"
    number = _NUMBER.search(line[IDENTIFIER] or "")
    if not page.is_file() or number is None:
        return {}
    name = re.sub(r"[\\/:*?\"<>|]", "", line.get(NAME) or student)
    return {f"{name}_{number[1]}_assignfeedback_file/{homework}.html": page.read_bytes()}


def _zip(pages: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pages.items():
            archive.writestr(name, content)
    return buffer.getvalue()
