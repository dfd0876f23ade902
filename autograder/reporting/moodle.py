"""Grades back to Moodle: its grading worksheet filled in, and the feedback pages in a zip under its names."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from autograder import whole
from autograder.collecting import roster
from autograder.collecting.layouts import Refused, owner
from autograder.collecting.roster import Roster
from autograder.problem import Problem
from autograder.reporting import platforms
from autograder.reporting.classroom import Classroom, Row
from autograder.reporting.platforms import Handed
from autograder.reporting.sheets import Line, Sheet

IDENTIFIER, NAME, GRADE, MAXIMUM = "Identifier", "Full name", "Grade", "Maximum Grade"
_NUMBER = re.compile(r"(\d+)\s*$")


def export(course: Path, room: Classroom, worksheet: Path, to: Path, partial: bool) -> Handed:
    """Fill Moodle's worksheet and pack the feedback.

    Args:
        course: with ``students.csv`` and ``feedback/``.
        room: the homework's class.
        worksheet: the CSV file that Moodle gives under "Download grading worksheet".
        to: the folder to write to.
        partial: whether to write though something isn't final; what isn't stays empty.

    Raises:
        Problem: the worksheet is none, its maximum is no number, or something isn't final and ``partial`` is False.
    """
    sheet, listed = Sheet(worksheet), roster.read(course)
    grade = sheet.column(GRADE)
    if sheet.column(IDENTIFIER) is None or grade is None:
        raise Problem(
            f"{worksheet} is no grading worksheet of Moodle's: it has no columns {IDENTIFIER!r} and {GRADE!r}."
        )
    known, pages = {row.student for row in room.rows}, dict[str, bytes]()

    def put(line: Line, row: Row) -> bool:
        sheet.put(line, grade, f"{platforms.scaled(row, room, sheet.value(line, MAXIMUM), f'{worksheet}'):.2f}")
        pages.update(_feedback(course, room.homework, row.student, sheet, line))
        return True

    handed = platforms.fill(
        room,
        sheet,
        to,
        partial,
        whose=lambda line: _student(sheet, line, listed, known, room.homework),
        put=put,
        called=lambda line: f"{sheet.value(line, NAME)} ({sheet.value(line, IDENTIFIER)})",
    )
    handed.archive = to / f"{room.homework}-feedback.zip"
    whole.write(handed.archive, _zip(pages))
    return handed


def _student(sheet: Sheet, line: Line, listed: Roster, known: set[str], homework: str) -> str | None:
    """Whose line this is: by the ID number that a site shows, by name and Moodle's number, by the address."""
    for column in ("ID number", "Username"):
        value = sheet.value(line, column)
        found = listed.of_id(value) if value else None
        if found or value in known:
            return found.id if found else value
    number, name = _NUMBER.search(sheet.value(line, IDENTIFIER)), sheet.value(line, NAME)
    try:
        found_owner = owner(f"{name}_{number[1]}_assignsubmission_file", homework, listed) if number and name else None
    except Refused:
        found_owner = None
    if found_owner is not None:
        return found_owner.student
    address = sheet.value(line, "Email address")
    by_address = listed.of_email(address) if address else None
    if by_address is not None:
        return by_address.id
    called = listed.of_name(name)
    return called[0].id if len(called) == 1 else None


def _feedback(course: Path, homework: str, student: str, sheet: Sheet, line: Line) -> dict[str, bytes]:
    """A student's feedback page under the name that Moodle takes it by."""
    page = course / "feedback" / student / homework / f"{homework}.html"
    number = _NUMBER.search(sheet.value(line, IDENTIFIER))
    if not page.is_file() or number is None:
        return {}
    name = re.sub(r"[\\/:*?\"<>|]", "", sheet.value(line, NAME) or student)
    return {f"{name}_{number[1]}_assignfeedback_file/{homework}.html": page.read_bytes()}


def _zip(pages: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pages.items():
            archive.writestr(name, content)
    return buffer.getvalue()
