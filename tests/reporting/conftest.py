"""A class of thirty, made by hand: gradebook, roster and receipts."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from autograder.grading import receipts
from autograder.grading.late import Policy
from autograder.grading.verdict import Diagnosis
from autograder.reporting import classroom
from autograder.reporting.classroom import Classroom
from tests.grading.made import gradebook, receipt, verdict

POLICY = Policy(free_days=0, penalty_per_day=0.25)
TRIPLE = Diagnosis("triple", "You multiply by three.", "در x + 1 سه برابر کرده‌اید.")
STUDENTS = 30


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Path]:
    """Thirty students: ten are wrong in ``double`` by one mistake, every fifth in ``half``; the last was late, one essay waits."""
    rows = ["id,first_name,last_name,email,lms_user_id"]
    with gradebook(url(tmp_path)) as made:
        made.add_assignment("hw2", duedate=datetime(2026, 10, 1))
        made.add_notebook("hw2", "hw2")
        for cell, points, kind in (("double_check", 40, "code"), ("half_check", 20, "code"), ("why", 10, "markdown")):
            made.add_grade_cell(cell, "hw2", "hw2", max_score=points, cell_type=kind)
        made.add_solution_cell("why", "hw2", "hw2")
        for number in range(STUDENTS):
            student = f"{9900 + number}"
            rows.append(f"{student},Ali{number},=cmd{number},a{number}@x.ir,{500 + number}")
            made.update_or_create_student(student)
            made.add_submission("hw2", student, timestamp=datetime(2026, 10, 2 if number == STUDENTS - 1 else 1))
            double, half = number >= 10, number % 5 != 0
            for cell, score in (("double_check", 40.0 * double), ("half_check", 20.0 * half)):
                grade = made.find_grade(cell, "hw2", "hw2", student)
                grade.auto_score, grade.needs_manual_grade = score, False
            essay = made.find_grade("why", "hw2", "hw2", student)
            essay.manual_score, essay.needs_manual_grade = (None, True) if number == 3 else (5.0, False)
            checks = (
                verdict("double", "double_check", state="passed" if double else "failed", earned=float(double), difference=0.0 if double else 500.0, diagnosis=None if double else TRIPLE),
                verdict("half", "half_check", state="passed" if half else "failed", earned=float(half), difference=0.0 if half else 4.0, fact="" if half else "the number differs"),
            )  # fmt: skip
            receipts.write(tmp_path, receipt(*checks, student=student, homework="hw2"))
        made.db.commit()
        (tmp_path / "students.csv").write_text("\n".join([*rows, "9999,Nobody,Here,n@x.ir,999"]))
        yield tmp_path


def url(course: Path) -> str:
    return f"sqlite:///file:{course.name}?mode=memory&cache=shared&uri=true"


def room(course: Path) -> Classroom:
    return classroom.read(course, url(course), POLICY, "hw2")
