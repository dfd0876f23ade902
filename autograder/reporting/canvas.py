"""Grades back to Canvas: the gradebook that it exports, with one homework's column filled in.

Its rows: the heads (an assignment is ``Title (its number)``), sometimes a line on hidden posting, the line of points possible,
then students by name; it takes the file back as it gave it (canvas-lms, ``gradebook_exporter.rb`` and ``_importer.rb``).
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.cleaned import cleaned
from autograder.collecting import roster
from autograder.collecting.names import folded
from autograder.collecting.roster import Roster
from autograder.problem import Problem
from autograder.reporting import platforms
from autograder.reporting.classroom import Classroom, Row
from autograder.reporting.platforms import Handed
from autograder.reporting.sheets import Line, Sheet

ID, SIS, LOGIN, SECTION = "ID", "SIS User ID", "SIS Login ID", "Section"
POINTS, READ_ONLY = "points possible", "(read only)"
UNGRADED = ("ex", "n/a")  # excused, and not assigned: Canvas's own word on a student
_TITLE = re.compile(r"(?P<title>.*\S)\s+\(\d+\)", re.DOTALL)
_NUMBER = re.compile(r"(?:h\.?w|homework|assignment|تمرین)[\s_.-]*0*(\d{1,2})(?!\d)", re.IGNORECASE)
_TEST_STUDENTS = ("student, test", "test student")


def export(course: Path, room: Classroom, gradebook: Path, to: Path, partial: bool) -> Handed:
    """Fill a homework's column of the gradebook that Canvas exports.

    Args:
        course: with ``students.csv``.
        room: the homework's class.
        gradebook: the CSV file that Canvas gives under "Export entire gradebook".
        to: the folder to write to.
        partial: whether to write though something isn't final; what isn't stays as it was.

    Raises:
        Problem: the file is none, has no column of this homework, or something isn't final and ``partial`` is False.
    """
    sheet, listed = Sheet(gradebook), roster.read(course)
    points = _points_line(sheet)
    if sheet.column(ID) is None or points is None:
        raise Problem(f"{gradebook} is no gradebook of Canvas's: it has no column {ID!r} or no line 'Points Possible'.")
    column = _column(sheet, points, room.homework)
    maximum = points[column].strip()
    comma = any("," in field for field in points.fields if re.fullmatch(r'"?\d+,\d+"?', field))
    sheet.lines = [line for line in sheet.lines[sheet.lines.index(points) + 1 :] if not _is_test(sheet, line)]
    known = {row.student for row in room.rows}

    def put(line: Line, row: Row) -> bool:
        if line[column].strip().casefold() in UNGRADED:
            return False
        score = f"{platforms.scaled(row, room, maximum, f'{gradebook}'):.2f}"
        sheet.put(line, column, score.replace(".", ",") if comma else score)
        return True

    return platforms.fill(
        room,
        sheet,
        to,
        partial,
        whose=lambda line: _student(sheet, line, listed, known),
        put=put,
        called=lambda line: f"{_name(sheet, line)} ({sheet.value(line, ID)})",
    )


def _points_line(sheet: Sheet) -> Line | None:
    return next((line for line in sheet.lines if line[0].strip().casefold() == POINTS), None)


def _column(sheet: Sheet, points: Line, homework: str) -> int:
    """Where the homework's scores stand: by its name or its number in a title, else the only assignment there is.

    Raises:
        Problem: no column is this homework's, or several could be.
    """
    titles = {
        place: match["title"]
        for place, head in enumerate(sheet.heads)
        if (match := _TITLE.fullmatch(head)) and points[place].strip().casefold() != READ_ONLY
    }
    same = [place for place, title in titles.items() if folded(homework) == folded(title)]
    found = next((places for places in (same, _numbered(titles, homework), [*titles]) if places), [])
    if len(found) == 1:
        return found[0]
    said = ", ".join(cleaned(sheet.heads[place], 60) for place in found or titles) or "none"
    raise Problem(
        f"{sheet.path}: which column is {homework}'s can't be told ({said}). Call the assignment {homework} in Canvas, or "
        "take the other assignments' columns out of the file: Canvas leaves alone what a file doesn't have."
    )


def _numbered(titles: dict[int, str], homework: str) -> list[int]:
    """The titles that have the homework's number, or its words without one."""
    number, words = re.match(r"hw0*(\d+)", homework), folded(homework.partition("_")[2])
    found = {place: _NUMBER.search(title) for place, title in titles.items()}
    return [
        place
        for place, title in titles.items()
        if ((said := found[place]) and number and said[1] == number[1])
        or (not said and words and words in folded(title))
    ]


def _name(sheet: Sheet, line: Line) -> str:
    return sheet.value(line, "Student") or f"{sheet.value(line, 'LastName')}, {sheet.value(line, 'FirstName')}"


def _is_test(sheet: Sheet, line: Line) -> bool:
    return _name(sheet, line).casefold() in _TEST_STUDENTS and not sheet.value(line, SIS)


def _student(sheet: Sheet, line: Line, listed: Roster, known: set[str]) -> str | None:
    """Whose line this is: by the student number, by Canvas's own, by the login, by the name when only one is called so."""
    number, login = sheet.value(line, SIS), sheet.value(line, LOGIN)
    for value in filter(None, (number, login)):
        found = listed.of_id(value)
        if found or value in known:
            return found.id if found else value
    own = sheet.value(line, ID)
    found = (listed.of_platform(own) if own else None) or (listed.of_email(login) if login else None)
    if found:
        return found.id
    called = listed.of_name(_name(sheet, line))
    return called[0].id if len(called) == 1 else None
