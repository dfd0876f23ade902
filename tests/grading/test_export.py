"""The exported table: quoted, with what isn't final, and without what the grader couldn't grade if so told."""

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.converters.base import NbGraderException

from autograder.grading import export
from autograder.grading.export import Export


def student(id: str, **about: str) -> SimpleNamespace:
    return SimpleNamespace(**{"id": id, "first_name": None, "last_name": None, "email": None} | about)


ANN, BOB, EVE = student("1", first_name="Ann", last_name="Lee, Jr."), student("2"), student("3", last_name="احمدی")


def submission(
    who: SimpleNamespace, score: float, penalty: float = 0, waiting: int = 0, open_: bool = False
) -> SimpleNamespace:
    grades = [SimpleNamespace(name=f"essay{n}", needs_manual_grade=True, auto_score=None, manual_score=None,
                              cell=SimpleNamespace(cell_type="markdown")) for n in range(waiting)]  # fmt: skip
    check = SimpleNamespace(name="a_check", needs_manual_grade=False, auto_score=None if open_ else 1.0, manual_score=None,
                            cell=SimpleNamespace(cell_type="code"))  # fmt: skip
    return SimpleNamespace(
        student=who,
        score=score,
        late_submission_penalty=penalty,
        timestamp="2026-10-01",
        notebooks=[SimpleNamespace(grades=[*grades, check])],
    )


class Book:
    """A gradebook of two homeworks."""

    students = [ANN, BOB, EVE]
    assignments = [SimpleNamespace(name=name, duedate=None, max_score=10.0) for name in ("hw01", "hw02")]

    def __init__(self, open_: bool = False) -> None:
        self._open = open_

    def assignment_submissions(self, homework: str) -> list[SimpleNamespace]:
        if homework == "hw02":
            return [submission(EVE, 4, penalty=5)]
        return [submission(ANN, 8, waiting=2), submission(BOB, 6, penalty=1, open_=self._open)]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export, "recompute", lambda *_: [])

    def make(book: Book, **options: Any) -> list[dict[str, str]]:
        Export(**options).export(book)
        with Path(options.get("to") or "grades.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return make


def test_everybody_has_a_row_for_every_homework(table: Any) -> None:
    rows = table(Book())
    assert [(row["assignment"], row["student_id"]) for row in rows] == [
        (hw, s) for hw in ("hw01", "hw02") for s in "123"
    ]
    by = {(row["assignment"], row["student_id"]): row for row in rows}
    assert by["hw01", "1"]["last_name"] == "Lee, Jr." and by["hw01", "3"]["last_name"] == "احمدی"
    assert [by["hw01", s]["score"] for s in "123"] == ["8", "5", "0.0"] and by["hw02", "3"]["score"] == "0.0"
    assert [by["hw01", s]["essays_waiting"] for s in "123"] == ["2", "0", "0"]


def test_what_is_asked_for_is_exported(table: Any) -> None:
    rows = table(Book(), to="some.csv", student=["2"], assignment=["hw01"])
    assert [(row["assignment"], row["student_id"]) for row in rows] == [("hw01", "2")]


def test_what_is_not_graded_stops_the_export_or_is_left_out(table: Any) -> None:
    with pytest.raises(NbGraderException, match="2, hw01: a_check is not graded.*--Export.leave_out_open=True"):
        table(Book(open_=True))
    assert not Path("grades.csv").exists()
    rows = table(Book(open_=True), leave_out_open=True)
    assert ("hw01", "2") not in [(row["assignment"], row["student_id"]) for row in rows] and len(rows) == 5
