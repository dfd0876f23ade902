"""The judge's verdicts into the gradebook, without losing what a person graded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades

from autograder.grading import receipts
from autograder.grading.judge import points
from autograder.grading.rescue import KEY
from autograder.grading.run import Result, Run, receipt


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Save what the judge says; a cell's outputs mean nothing."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names = resources["nbgrader"]
        course = Path.cwd()
        self._result: Result = resources[KEY]
        self._before = {
            cell: answer
            for earlier in receipts.of(course, names["student"], names["assignment"])
            for cell, answer in earlier["answers"].items()
        }
        nb, resources = super().preprocess(nb, resources)
        limits = Run(parent=self.parent).limits()
        receipts.write(course, receipt(course, names, self._result, limits))
        self._keep_time(names)
        self._say(names)
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        grade_id = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        earlier = grade.auto_score
        if utils.is_solution(cell):
            grade.auto_score, _ = utils.determine_grade(cell, self.log)
            changed = self._before.get(grade_id) != self._result.answers.get(grade_id)
        else:
            grade.auto_score = points(self._result.of_cell(grade_id), float(cell.metadata.nbgrader.points))
            changed = grade.auto_score != earlier
        if grade.manual_score is None:
            grade.needs_manual_grade = grade.auto_score is None
        else:  # a person's score stays; they look again only if what they graded has changed
            grade.needs_manual_grade = changed
        self.gradebook.db.commit()

    def _keep_time(self, names: dict[str, str]) -> None:
        """Leave the time of arrival beside the graded notebook: by it nbgrader knows a newer submission."""
        with Gradebook(names["db_url"]) as gradebook:
            arrived = gradebook.find_submission(names["assignment"], names["student"]).timestamp
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.autograded_directory, names["student"], names["assignment"]))
        if arrived is not None and folder.is_dir():
            (folder / "timestamp.txt").write_text(f"{arrived.isoformat(' ')} UTC")

    def _say(self, names: dict[str, str]) -> None:
        result = self._result
        passed = sum(verdict.state == "passed" for verdict in result.verdicts)
        self.log.info(
            "%s, %s: %d of %d checks passed", names["student"], names["assignment"], passed, len(result.verdicts)
        )
        for flag in result.flags:
            self.log.warning("%s, %s: look at this: %s", names["student"], names["assignment"], flag)
