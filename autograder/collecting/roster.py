"""The course's students, as ``students.csv`` lists them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder import tables
from autograder.cleaned import cleaned
from autograder.collecting.names import folded, plain
from autograder.problem import Problem
from autograder.tables import Row

FILE = "students.csv"
COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Student:
    """One row; what it leaves open is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def shown(self) -> str:
        name = cleaned(f"{self.first_name} {self.last_name}", 60)
        return f"{self.id} ({name})" if name else self.id


class Roster:
    """Students, found by what platforms and files call them. Without students it is the roster of a course that has none."""

    def __init__(self, students: Iterable[Student] = ()) -> None:
        self.students = tuple(students)
        self._ids = {_key(student.id): student for student in self.students}
        self._platform = {_key(student.lms_user_id): student for student in self.students if student.lms_user_id}
        self._emails = {s.email.partition("@")[0].casefold(): s for s in self.students if s.email}
        self._names: dict[str, set[Student]] = {}
        for student in self.students:
            for name in (student.first_name + student.last_name, student.last_name + student.first_name):
                self._names.setdefault(folded(name), set()).add(student)
        self._names.pop("", None)

    def __bool__(self) -> bool:
        return bool(self.students)

    def of_id(self, text: str) -> Student | None:
        return self._ids.get(_key(text))

    def of_platform(self, text: str) -> Student | None:
        return self._platform.get(_key(text))

    def of_email(self, text: str) -> Student | None:
        return self._emails.get(text.partition("@")[0].casefold())

    def of_name(self, text: str) -> list[Student]:
        """Everybody who is called so, first or last name first."""
        return sorted(self._names.get(folded(text), ()), key=lambda student: student.id)

    def nearest(self, text: str) -> str:
        """Words about the student whom somebody may have meant; empty when nobody comes near."""
        keys = {_key(s.id): s for s in self.students} | {n: min(s, key=lambda x: x.id) for n, s in self._names.items()}
        found = difflib.get_close_matches(_key(text), keys, 1, 0.75) or difflib.get_close_matches(
            folded(text), keys, 1, 0.7
        )
        return f"; the nearest is {keys[found[0]].shown}" if found else ""


def read(course: Path) -> Roster:
    """The course's roster; an empty one where there is no ``students.csv``.

    Raises:
        Problem: the file isn't one, or two of its rows are one student.
    """
    path = course / FILE
    if not path.exists():
        return Roster()
    rows = tables.read(path)
    if not rows:
        raise Problem(f"{path} is empty: its first line names the columns, {', '.join(COLUMNS)}.")
    heads = [re.sub(r"[\s-]+", "_", head.strip().lower()) for head in rows[0].fields]
    if heads.count("id") != 1:
        raise Problem(f"{rows[0].place}: the first line names the columns, among them id once: {', '.join(COLUMNS)}.")
    students: dict[str, tuple[Student, Row]] = {}
    for row in rows[1:]:
        student = _student(row, heads)
        for key in filter(
            None, (f"id {_key(student.id)}", student.lms_user_id and f"lms_user_id {_key(student.lms_user_id)}")
        ):
            if key in students:
                raise Problem(f"{row.place}: {key} stands in {students[key][1].place} already: leave one of the two.")
            students[key] = student, row
    return Roster(student for key, (student, _) in students.items() if key.startswith("id "))


def _student(row: Row, heads: list[str]) -> Student:
    if len(row.fields) > len(heads) and any(row.fields[len(heads) :]):
        raise Problem(f"{row.place}: {len(row.fields)} fields under {len(heads)} columns: {row.shown()}.")
    given = dict(zip(heads, row.fields))
    values = {column: _NAMED.get(column, plain)(given.get(column) or "") for column in COLUMNS}
    if not ID.fullmatch(values["id"]):
        raise Problem(
            f"{row.place}: {cleaned(values['id'])!r} can't be a student's id: letters, digits, '.', '-' and '_', "
            "and first a letter or digit."
        )
    return Student(**values)


_NAMED = {"first_name": cleaned, "last_name": cleaned}  # a Persian name keeps its half-spaces


def _key(text: str) -> str:
    return plain(text).casefold()
