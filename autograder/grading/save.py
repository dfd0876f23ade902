"""The judge's verdicts into the gradebook, without losing what a person graded."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading import receipts
from autograder.grading.judge import VOID, points
from autograder.grading.late import LateDays, Lateness, Policy, recompute
from autograder.grading.rescue import KEY
from autograder.grading.run import Result


def save(
    gradebook: Gradebook, course: Path, student: str, homework: str, nb: NotebookNode, result: Result, policy: Policy
) -> Lateness:
    """Write a graded submission into the gradebook and the student's penalties with it: all of it or nothing; then its receipt.

    Doing it again changes nothing. A person's score stays; they look again only when what they graded has changed.
    """
    stored = gradebook.find_submission_notebook(homework, homework, student)
    grades, comments = _rows(gradebook, stored, Grade), _rows(gradebook, stored, Comment)
    earlier = receipts.of(course, student, homework)
    scores: dict[str, float | None] = {}
    for cell in nb.cells:
        if utils.is_grade(cell):
            name = cell.metadata.nbgrader.grade_id
            scores[name] = _grade(grades[name], cell, result)
            _ask_a_person(grades[name], _changed(name, scores[name], result, earlier))
        if utils.is_solution(cell):
            comments[cell.metadata.nbgrader.grade_id].auto_comment = "No response." if _untouched(cell) else None
    entry = next(e for e in recompute(gradebook, student, policy) if e.homework == homework)
    gradebook.db.commit()
    receipts.write(course, receipts.receipt(course, student, homework, result, scores))
    return entry


def _rows(gradebook: Gradebook, stored: Any, kind: Any) -> dict[str, Any]:
    """A submitted notebook's grades or comments by the names of their cells."""
    rows = gradebook.db.query(kind, BaseCell.name).join(BaseCell, kind.cell_id == BaseCell.id)
    return {name: row for row, name in rows.filter(kind.notebook_id == stored.id)}


def _grade(grade: Any, cell: NotebookNode, result: Result) -> float | None:
    """Set and give the automatic score of a cell; None for what a person grades, or the grader couldn't."""
    name, worth = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    if utils.is_solution(cell):
        score = 0.0 if _untouched(cell) else None
    else:
        verdicts = result.of_cell(name)
        score = points(verdicts, worth)
        if verdicts and all(verdict.state == VOID for verdict in verdicts):
            grade.cell.max_score, grade.manual_score, grade.extra_credit = 0, None, None
    grade.auto_score = score
    return score


def _ask_a_person(grade: Any, changed: bool) -> None:
    if grade.manual_score is None:
        grade.needs_manual_grade = grade.auto_score is None
    else:
        grade.needs_manual_grade = bool(grade.needs_manual_grade) or changed


def _changed(cell: str, score: float | None, result: Result, earlier: list[dict[str, Any]]) -> bool:
    """Whether a cell's answer, or the score of its checks, is another than when it was last graded."""
    if cell in result.answers:
        last = [receipt["answers"][cell] for receipt in earlier if cell in receipt["answers"]][-1:]
        return last != [result.answers[cell]]
    return [receipt["scores"].get(cell) for receipt in earlier][-1:] != [score]


def _untouched(cell: NotebookNode) -> bool:
    return bool(cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell))


class SaveGrades(NbGraderPreprocessor):  # type: ignore[misc]
    """The last step of ``nbgrader autograde``: save what the judge says; a cell's outputs mean nothing."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names, course, result = resources["nbgrader"], Path.cwd(), resources[KEY]
        student, homework = names["student"], names["assignment"]
        with Gradebook(names["db_url"]) as gradebook:
            late = save(gradebook, course, student, homework, nb, result, LateDays(parent=self).policy(course))
            arrived = gradebook.find_submission(homework, student).timestamp
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.autograded_directory, student, homework))
        if arrived is not None and folder.is_dir():
            (folder / "timestamp.txt").write_text(time_of(arrived))
        passed = sum(verdict.state == "passed" for verdict in result.verdicts)
        self.log.info("%s, %s: %d of %d checks passed", student, homework, passed, len(result.verdicts))
        for line in worth_a_look(result, late):
            self.log.warning("%s, %s: %s", student, homework, line)
        return nb, resources


def worth_a_look(result: Result, late: Lateness) -> list[str]:
    """What whoever grades is told of a submission."""
    return [f"look at this: {flag}" for flag in result.flags] + ([late.line()] if late.hours else [])


def time_of(arrived: datetime) -> str:
    """A time of arrival as it stands beside the graded notebook: by it nbgrader knows a newer submission."""
    return f"{arrived.isoformat(' ')} UTC"
