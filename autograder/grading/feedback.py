"""Feedback and export: only when every check is graded, with penalties that are up to date."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades

from autograder.grading import formulas, harmless, receipts, scores, steps
from autograder.grading.late import LateDays, recompute
from autograder.grading.receipts import Receipt
from autograder.grading.rescue import KEY
from autograder.grading.save import SECRET
from autograder.grading.seeds import Vault


class Page(HTMLExporter):  # type: ignore[misc]
    """nbgrader's page without its script from the web, for which formulas are MathML already."""

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        html, resources = super().from_notebook_node(nb, resources=resources, **kwargs)
        return _MATHJAX.sub("", html), resources


_MATHJAX = re.compile(r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration -->", re.DOTALL)


class Feedback(GetGrades):  # type: ignore[misc]
    """The student's page, built from what may be shown: their own cells and outputs, the judge's words, people's comments."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names = resources["nbgrader"]
        student, homework = names["student"], names["assignment"]
        with Gradebook(names["db_url"]) as gradebook:
            refuse_open(gradebook, homework, student)
            waiting = waiting_essays(gradebook.find_submission(homework, student))
            entries = recompute(gradebook, student, LateDays(parent=self).policy(Path.cwd()))
        entry = next(e for e in entries if e.homework == homework)
        self._let_the_exchange_pass(student, homework)
        receipt = _receipt(nb, student, homework)
        Vault(Path.cwd(), names["db_url"]).end(homework, receipt.round)
        steps.show(nb, receipt)
        nb.metadata = {k: v for k, v in nb.metadata.items() if k in ("kernelspec", "language_info")}
        nb.cells = [_shown(cell) for cell in nb.cells]
        nb, resources = super().preprocess(nb, resources)
        if entry.hours:
            nb.cells.insert(0, new_markdown_cell(entry.line()))
        if waiting:
            nb.cells.insert(0, new_markdown_cell(_not_final(waiting)))
            self.log.warning("%s, %s: not final, %d essays wait for a person", student, homework, len(waiting))
        return nb, resources

    def _let_the_exchange_pass(self, student: str, homework: str) -> None:
        """Give feedback on what didn't come through nbgrader's exchange a word of its own: without one it releases nobody's."""
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.feedback_directory, student, homework))
        if (folder / "timestamp.txt").exists() and not (folder / SECRET).exists():
            (folder / SECRET).write_text(secrets.token_hex(64))


def _not_final(waiting: list[str]) -> str:
    """What a page says on which points may still change, because nobody has looked there yet."""
    many = f"{len(waiting)} answers wait" if len(waiting) > 1 else "one answer waits"
    return (
        f"**Not final:** {many} for a person ({', '.join(waiting)}); the points shown there may still change.\n\n"
        f'<div dir="rtl" lang="fa">\n\n**نمرهٔ نهایی نیست:** این بخش‌ها را هنوز کسی ندیده است و نمره‌شان ممکن است تغییر کند: '
        f'<span dir="ltr">{", ".join(waiting)}</span>\n\n</div>'
    )


def _receipt(nb: NotebookNode, student: str, homework: str) -> Receipt:
    """The receipt of the very submission that this graded notebook is.

    Raises:
        NbGraderException: it is gone.
    """
    submission = nb.metadata.get(KEY, {}).get("submission", "")
    found = receipts.of_submission(Path.cwd(), student, homework, submission)
    if found is None:
        raise NbGraderException(
            f"{student}, {homework}: no receipt of the graded notebook is in {receipts.FOLDER}/. Restore it from a backup, or "
            f"grade again: nbgrader autograde {homework} --student {student} --force"
        )
    return found


def _shown(cell: NotebookNode) -> NotebookNode:
    """A cell of which only what the allow-list names is left."""
    kept = {"id", "cell_type", "source", "outputs", "execution_count", "attachments"}
    shown = type(cell)({k: v for k, v in cell.items() if k in kept})
    shown.metadata = type(cell)({k: v for k, v in cell.metadata.items() if k == "nbgrader"})
    if cell.cell_type == "markdown":
        shown.source = formulas.in_markdown(harmless.markdown(cell.source))
        if cell.metadata.get("nbgrader", {}).get("solution"):  # an essay is read from the side that it begins on
            shown.source = f'<div dir="auto">\n\n{shown.source}\n\n</div>'
    elif not scores.is_check(cell):
        shown.outputs = harmless.outputs(cell.outputs)
    return shown


def refuse_open(gradebook: Gradebook, homework: str | None = None, student: str | None = None) -> None:
    """Raise while a check is not graded because of the grader.

    Raises:
        NbGraderException: naming the first of them, and what to do.
    """
    for assignment in gradebook.assignments:
        if homework not in (None, assignment.name):
            continue
        for submission in gradebook.assignment_submissions(assignment.name):
            if student not in (None, submission.student.id):
                continue
            for cell in open_checks(submission):
                raise NbGraderException(
                    f"{submission.student.id}, {assignment.name}: {cell} is not graded, because of the grader and not the "
                    f"student. See the run's messages, then: autograder grade {assignment.name} "
                    f"--student {submission.student.id} --force. To export without such submissions: "
                    "nbgrader export --Export.leave_out_open=True"
                )


def open_checks(submission: Any) -> list[str]:
    """The check cells of a submission that have no score of any kind."""
    return [
        grade.name
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.cell.cell_type == "code" and grade.auto_score is None and grade.manual_score is None
    ]


def waiting_essays(submission: Any) -> list[str]:
    """The cells of a submission that a person has still to look at."""
    return [grade.name for notebook in submission.notebooks for grade in notebook.grades if grade.needs_manual_grade]
