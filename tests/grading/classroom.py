"""A small class in the toy course, and all that grading it leaves behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.conftest import HOMEWORK
from tests.exploits.submissions import Class, cell_of, dumped

NOTEBOOK = f"{HOMEWORK}.ipynb"
TIME = "2026-10-01 00:00:00 UTC"


def hand_in(course: Path, student: str, content: bytes, time: str = TIME) -> None:
    folder = course / "submitted" / student / HOMEWORK
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).write_bytes(content)
    (folder / "timestamp.txt").write_text(time)


def everybody(course: Path, times: int = 1) -> list[str]:
    """Hand in for a class of six, several times over: right, empty, wrong, dying, drawing without a seed, no notebook at all."""
    room = Class(course)
    wrong, dying, random = room.solved(), room.solved(), room.solved()
    cell_of(wrong, "double")["source"] = "def double(x):\n    return 3 * x"
    cell_of(dying, "answer")["source"] = "import os\n\ndef answer():\n    os._exit(3)"
    cell_of(random, "double")["source"] = "def double(x):\n    return torch.rand(1) + 2 * x"
    works = {
        "right": dumped(room.solved()),
        "empty": dumped(room.empty()),
        "wrong": dumped(wrong),
        "dying": dumped(dying),
        "random": dumped(random),
        "broken": b"{}",
    }
    students = [f"{name}{number}" for number in range(times) for name in works]
    for student in students:
        hand_in(course, student, works[student.rstrip("0123456789")])
    return students


_GRADES = """select a.student_id, b.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.extra_credit, b.type
    from grade g join base_cell b on g.cell_id = b.id join submitted_notebook n on g.notebook_id = n.id
    join submitted_assignment a on n.assignment_id = a.id order by 1, 2"""
_COMMENTS = """select a.student_id, b.name, c.auto_comment, c.manual_comment
    from comment c join base_cell b on c.cell_id = b.id join submitted_notebook n on c.notebook_id = n.id
    join submitted_assignment a on n.assignment_id = a.id order by 1, 2"""
_SUBMISSIONS = """select a.student_id, a.timestamp, n.late_submission_penalty
    from submitted_assignment a join submitted_notebook n on n.assignment_id = a.id order by 1"""


def left_behind(course: Path) -> dict[str, Any]:
    """The gradebook without its random ids, and every file of autograded/ and receipts/."""
    with sqlite3.connect(course / "gradebook.db") as database:
        tables = {query: database.execute(query).fetchall() for query in (_GRADES, _COMMENTS, _SUBMISSIONS)}
    files = [path for folder in ("autograded", "receipts") for path in (course / folder).rglob("*") if path.is_file()]
    return tables | {str(path.relative_to(course)): (path.read_bytes(), path.stat().st_mode) for path in sorted(files)}
