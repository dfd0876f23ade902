"""Before grading: whether the deadline and the extensions can be what was meant."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook

from autograder.collecting import roster
from autograder.grading.late import LateDays, deadline_problem, unknown_extensions
from autograder.problem import Problem


def require(course: Path, db_url: str, homework: str, late: LateDays) -> list[str]:
    """Refuse what can't be meant, and give a line for each extension of a student whom only time can make known.

    Raises:
        Problem: the deadline is years away, or an extension is of no homework or student of the course.
    """
    known = {student.id for student in roster.read(course).students}
    students = known | {path.name for path in course.glob("submitted/*")}
    homeworks = {path.name for path in course.glob("assignments/*")}
    file = db_url.removeprefix("sqlite:///")
    if not db_url.startswith("sqlite:///") or (course / file).exists():
        with Gradebook(db_url) as gradebook:
            students |= {student.id for student in gradebook.students}
            homeworks |= {assignment.name for assignment in gradebook.assignments}
            if line := deadline_problem(gradebook, homework):
                raise Problem(line)
    lines = unknown_extensions(course / late.extensions, students, homeworks)
    wrong = [line for line in lines if known or "no homework" in line]
    if wrong:
        raise Problem(" ".join(wrong))
    return lines
