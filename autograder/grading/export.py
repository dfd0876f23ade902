"""``nbgrader export``: everybody's scores as CSV, of a gradebook in which every penalty is up to date."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder import whole
from autograder.grading.feedback import open_checks, refuse_open, waiting_essays
from autograder.grading.late import LateDays, recompute

_COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score", "essays_waiting",
)  # fmt: skip


class Export(ExportPlugin):  # type: ignore[misc]
    """nbgrader's columns, and how many essays still wait for a person: while some do, the score isn't final."""

    leave_out_open = Bool(False, help="Leave out submissions with a check that the grader couldn't grade.").tag(
        config=True
    )

    def export(self, gradebook: Gradebook) -> None:
        if not self.leave_out_open:
            refuse_open(gradebook)
        policy = LateDays(parent=self).policy(Path.cwd())
        for student in gradebook.students:
            recompute(gradebook, student.id, policy)
        rows = [
            self._row(assignment, student, submissions.get(student.id))
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in map(str, self.assignment)
            for submissions in [{s.student.id: s for s in gradebook.assignment_submissions(assignment.name)}]
            for student in gradebook.students
            if not self.student or student.id in map(str, self.student)
        ]
        self._write([row for row in rows if row])

    def _row(self, assignment: Assignment, student: Student, submission: SubmittedAssignment | None) -> list[Any]:
        """One line of the table; an empty one for what is left out."""
        about = [assignment.name, assignment.duedate or "", submission.timestamp or "" if submission else ""]
        who = [student.id, student.last_name or "", student.first_name or "", student.email or ""]
        if submission is None:
            return [*about, *who, 0.0, 0.0, 0.0, assignment.max_score, 0]
        if open_checks(submission):
            self.log.warning("%s, %s: left out, it is not graded", student.id, assignment.name)
            return []
        penalty = submission.late_submission_penalty
        score = max(0.0, submission.score - penalty)
        return [*about, *who, submission.score, penalty, score, assignment.max_score, len(waiting_essays(submission))]

    def _write(self, rows: list[list[Any]]) -> None:
        place = Path(self.to or "grades.csv")
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows([_COLUMNS, *rows])
        whole.write(place, table.getvalue())
        waiting = sum(row[-1] > 0 for row in rows)
        self.log.info("Exported to %s: %d rows", place, len(rows))
        if waiting:
            self.log.warning("%d of them are not final: essays wait for a person (column essays_waiting)", waiting)
