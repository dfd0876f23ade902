"""A receipt, proved: the submission graded again as it was then, and all that the receipt says compared, changing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.grading import homework as homeworks
from autograder.grading import receipts, rescue, steps
from autograder.grading.grade import Course
from autograder.grading.receipts import Receipt
from autograder.grading.seeds import Vault
from autograder.grading.steps import Submission
from autograder.grading.verdict import Verdict
from autograder.problem import Problem

_GRADED_WITH = ("versions", "device", "commit")


@dataclass(frozen=True)
class Comparison:
    """One thing that a receipt says, and what comes out now.

    Attributes:
        grade: whether it is part of the grade; what else there is tells with what was graded.
    """

    what: str
    then: str
    now: str
    grade: bool = True

    @property
    def same(self) -> bool:
        return self.then == self.now


def replay(folder: Path, path: Path, submission: Path | None = None) -> Iterator[Comparison]:
    """Grade a receipt's submission again under the same seed and the course's limits.

    Raises:
        Problem: the receipt can't be read, is not in its place, or the submission or the seed it names is gone.
    """
    then = receipts.read(path)
    course = Course(folder)
    its_place = receipts.path(course.root, then.student, then.homework, then.attempt)
    if path.resolve() != its_place.resolve():
        raise Problem(f"{path} says that it is {its_place}: it was changed, or moved. Restore it from a backup.")
    vault = Vault(course.root, course.db_url)
    prepared = steps.prepare(_again(course, vault, then, submission), vault, course.sandboxed, course.share)
    return compared(then, steps.graded_here(prepared))


def _again(course: Course, vault: Vault, receipt: Receipt, submission: Path | None) -> Submission:
    """The submission of a receipt, as the attempt that it was, under the seed of then."""
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
        released = steps.released(gradebook, course.root, homeworks.read(course.root, homework))
    notebook = steps.ordered(place, released, homeworks.read(course.root, homework))
    return steps.as_attempt(course.root, student, homework, notebook, attempt, receipt.round, seed, course.limits)


def compared(then: Receipt, now: Receipt) -> Iterator[Comparison]:
    """All that two receipts say: what was graded with, the whole submission, then check by check."""
    before, after = ({k: v for k, v in asdict(receipt).items() if k != "checks"} for receipt in (then, now))
    for field in before:
        for what, old, new in _parts(field, before[field], after[field]):
            yield Comparison(what, old, new, field not in _GRADED_WITH)
    verdicts = [{verdict.check: _words(verdict) for verdict in receipt.checks} for receipt in (then, now)]
    for check in dict.fromkeys([*verdicts[0], *verdicts[1]]):
        old, new = (known.get(check, "no such check") for known in verdicts)
        yield Comparison(check, old, new)


def _parts(field: str, then: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    """A field of a receipt, part by part where it has parts."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            yield f"{field}: {key}", str(then.get(key, "not there")), str(now.get(key, "not there"))
    elif isinstance(then, (list, tuple)):
        yield field, "\n".join(then), "\n".join(now)
    else:
        yield field, str(then), str(now)


def _words(verdict: Verdict) -> str:
    """All that a verdict says; of a difference as many digits as every machine finds."""
    about = asdict(verdict) | {"difference": None if verdict.difference is None else f"{verdict.difference:.2g}"}
    return ", ".join(f"{name} {value}" for name, value in about.items() if name != "check" and value not in ("", None))
