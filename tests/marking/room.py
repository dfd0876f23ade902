"""A class whose essays wait for a person: a gradebook, graded notebooks and a built homework, all made by hand in a moment."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from tests.conftest import ROOT
from tests.grading.made import gradebook

HOMEWORK = "hw0_made"
TOKEN = "only-for-tests"
PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGNgYGD4jwePSmNFACAdY52SWoWzAAAAAElFTkSuQmCC"
    )
).decode()
LONG_SCHEME = """- 1 point: the expected value of $\\\\bar x$ is $\\\\mu$.
- 2 points: its variance is $\\\\sigma^2 / n$,
  with independence said.
- up to 1 point: a sensible example.

"It is always right" earns nothing."""
ESSAYS = {
    "mean": (4, "Why is the mean of $n$ numbers a good guess of $\\mu$?", "چرا میانگینِ $n$ عدد حدس خوبی برای $\\mu$ است؟", LONG_SCHEME.replace("\\\\", "\\")),
    "prose": (6, "And the median?", "میانه چطور؟", "2 for a; 4 for b"),
}  # fmt: skip
RELEASED = "YOUR ANSWER HERE"
PERSIAN = "میانگین نااریب است، چون $E[\\bar x] = \\mu$ و واریانس آن با `n` کم می‌شود."
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script> [x](javascript:alert(1)) ![x](https://there.com/a.png)'
EQUAL = "It is unbiased,  and\nits variance falls."


def answers() -> dict[str, tuple[str, dict[str, Any]]]:
    """What each student wrote to the first essay, and its pictures."""
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "9900": (EQUAL, {}),
        "9901": ("It is unbiased, and its variance falls.\n", {}),
        "9902": ("", {}),
        "9903": (RELEASED, {}),
        "9904": (PERSIAN, {}),
        "9905": (HOSTILE, {}),
        "9906": ("By hand:\n\n![photo](attachment:my page.png)", {"my page.png": {"image/png": PNG}}),
    }
    return made | {f"99{n}": (f"Answer number {n}: since $\\sigma_{{{n}}}^2 / n \\to 0$.", {}) for n in range(10, 24)}


def cell(source: str, id: str = "", points: float = 0.0, lang: str = "", attachments: dict[str, Any] | None = None) -> dict[str, Any]:  # fmt: skip
    about = {"grade": True, "solution": True, "locked": False, "grade_id": id, "points": points, "schema_version": 3, "task": False}  # fmt: skip
    made: dict[str, Any] = {"cell_type": "markdown", "id": id or f"c{abs(hash(source)) % 10**6}", "source": source.splitlines(keepends=True)}  # fmt: skip
    made["metadata"] = {"nbgrader": about} if id else {"lang": lang}
    return made | ({"attachments": attachments} if attachments else {})


def notebook(cells: list[dict[str, Any]]) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def url(course: Path) -> str:
    return f"sqlite:///{course}/gradebook.db"


def make(course: Path) -> Path:
    """The course: two essays, 21 students, of whom two wrote the same, one nothing, and one left the essay as it was."""
    source = []
    for id, (points, en, fa, scheme) in ESSAYS.items():
        source += [cell(f"## {id}\n\n{en}", lang="en"), cell(f'<div dir="rtl" lang="fa">\n\n## {id}\n\n{fa}\n\n</div>', lang="fa")]  # fmt: skip
        model = "### BEGIN SOLUTION\nBecause $E[\\bar x] = \\mu$ **holds**.\n### END SOLUTION\n"
        source.append(cell(f"{model}### BEGIN MARK SCHEME\n{scheme}\n### END MARK SCHEME", id, points))
    _write(course / "source" / HOMEWORK / f"{HOMEWORK}.ipynb", notebook(source))
    _write(course / "assignments" / HOMEWORK / f"{HOMEWORK}.py", "# %% [markdown]\n")
    _write(course / "nbgrader_config.py", (ROOT / "nbgrader_config.py").read_text())
    with gradebook(url(course)) as book:
        fill(book)
    for student, (text, pictures) in answers().items():
        cells = [cell(text, "mean", 4, attachments=pictures), cell(f"The middle, says {student}.", "prose", 6)]
        _write(course / "autograded" / student / HOMEWORK / f"{HOMEWORK}.ipynb", notebook(cells))
    return course


def fill(book: Gradebook) -> None:
    book.add_assignment(HOMEWORK, duedate=datetime(2026, 10, 1))
    book.add_notebook(HOMEWORK, HOMEWORK)
    for id, (points, *_) in ESSAYS.items():
        book.add_grade_cell(id, HOMEWORK, HOMEWORK, max_score=points, cell_type="markdown")
        book.add_solution_cell(id, HOMEWORK, HOMEWORK)
    for student, (text, _) in answers().items():
        book.update_or_create_student(student, first_name=f"Name{student}", last_name="Of")
        late = student == "9923"
        book.add_submission(HOMEWORK, student, timestamp=datetime(2026, 10, 20 if late else 1))
        grade = book.find_grade("mean", HOMEWORK, HOMEWORK, student)
        if text == RELEASED:
            grade.auto_score, grade.needs_manual_grade = 0.0, False
    book.db.commit()


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


@dataclass(frozen=True)
class Given:
    score: float | None
    waits: bool
    comment: str | None


def given(course: Path, essay: str, *students: str) -> list[Given]:
    """What the gradebook holds, as any other program reads it."""
    with Gradebook(url(course)) as book:
        rows = []
        for student in students:
            grade = book.find_grade(essay, HOMEWORK, HOMEWORK, student)
            comment = book.find_comment(essay, HOMEWORK, HOMEWORK, student)
            rows.append(Given(grade.manual_score, grade.needs_manual_grade, comment.manual_comment))
        return rows


class Server:
    """``autograder mark`` as a program of its own."""

    def __init__(self, course: Path, *arguments: str, homework: str = HOMEWORK) -> None:
        command = [
            sys.executable,
            "-c",
            "from autograder.cli import main; main()",
            "mark",
            homework,
            "--token",
            TOKEN,
            *arguments,
        ]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(command, cwd=course, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(r"http://127.0.0.1:(\d+)/\S+", line):
                self.address, self.port = found[0], found[1]
                return
        raise AssertionError(said)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def server(course: Path, *arguments: str, homework: str = HOMEWORK) -> Iterator[Server]:
    started = Server(course, *arguments, homework=homework)
    try:
        yield started
    finally:
        started.close()
