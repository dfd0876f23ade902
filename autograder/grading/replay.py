"""A receipt, proved: the submission graded again as it was then, and compared, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.grading import homework as homeworks
from autograder.grading import receipts, rescue, steps
from autograder.grading.grade import Course
from autograder.grading.receipts import Receipt
from autograder.grading.seeds import Vault
from autograder.grading.steps import Submission
from autograder.grading.verdict import Verdict
from autograder.problem import Problem
from autograder.running import local


@dataclass(frozen=True)
class Comparison:
    """What a receipt says of a check, or of what it was graded with, and what comes out now."""

    check: str
    then: str
    now: str

    @property
    def same(self) -> bool:
        return self.then == self.now


def replay(folder: Path, path: Path, submission: Path | None = None) -> Iterator[Comparison]:
    """Grade a receipt's submission again under the same seed and limits.

    Raises:
        Problem: the receipt can't be read, or the submission or the seed it names is gone.
    """
    then = receipts.read(path)
    course = Course(folder)
    vault = Vault(course.root, course.db_url)
    prepared = steps.prepare(_again(course, vault, then, submission), vault, course.sandboxed)
    return compared(then, steps.judged(prepared, local.run(prepared.job)))


def _again(course: Course, vault: Vault, receipt: Receipt, submission: Path | None) -> Submission:
    """The submission of a receipt, as the attempt that it was, under the seed and the limits of then."""
    student, homework, attempt = receipt.student, receipt.homework, receipt.attempt
    place = submission or course.submitted(student, homework) / f"{homework}.ipynb"
    if rescue.digest(place) != receipt.submission:
        raise Problem(
            f"{place} is not the notebook that attempt {attempt} of {student} was graded from: "
            "find that one and name it with --submission FILE."
        )
    seed = vault.find(homework, receipt.round, receipt.seed_id)
    if seed is None:
        raise Problem(f"the seed {receipt.seed_id} of this receipt is not in {vault.folder}: restore it from a backup.")
    with Gradebook(course.db_url) as gradebook:
        released = steps.released(gradebook, course.root, homework, homework)
    notebook = steps.ordered(place, released, homeworks.read(course.root, homework))
    return steps.as_attempt(course.root, student, homework, notebook, attempt, receipt.round, seed, course.limits)


def compared(then: Receipt, now: Receipt) -> Iterator[Comparison]:
    """Both receipts, check by check; before them the references, when they have changed."""
    if now.references_id != then.references_id:
        commit = (then.commit or "unknown")[:12]
        yield Comparison("references", f"of commit {commit}", "recorded anew: the homework or torch has changed")
    before, after = ({verdict.check: _words(verdict) for verdict in receipt.checks} for receipt in (then, now))
    for check in dict.fromkeys([*before, *after]):
        yield Comparison(check, before.get(check, "no such check"), after.get(check, "no such check"))


def _words(verdict: Verdict) -> str:
    diagnosis = f", {verdict.diagnosis.variant}" if verdict.diagnosis else ""
    return f"{verdict.state}, {verdict.earned:.4g} of its share{diagnosis}"
