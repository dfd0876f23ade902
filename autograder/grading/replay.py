"""A receipt, proved: the submission graded again as it was then, and compared, without changing anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.grading import receipts, rescue, sanitize
from autograder.grading.grade import Course
from autograder.grading.rescue import KEY
from autograder.grading.run import Case
from autograder.grading.seeds import Vault
from autograder.problem import Problem
from autograder.running import local
from autograder.running.sandbox import Limits


@dataclass(frozen=True)
class Line:
    """What a receipt says of a check, or of what it was graded with, and what comes out now."""

    check: str
    then: str
    now: str

    @property
    def same(self) -> bool:
        return self.then == self.now


def replay(folder: Path, path: Path, submission: Path | None = None) -> Iterator[Line]:
    """Grade a receipt's submission again under the same seed and limits.

    Raises:
        Problem: the receipt can't be read, or the submission or the seed it names is gone.
    """
    receipt = _read(path)
    course = Course(folder)
    case = _case(course, receipt, submission)
    outcomes = local.run(case.job(course.sandboxed))
    result = case.judged(outcomes)
    if result.references != receipt["references"]:
        commit = (receipt["commit"] or "unknown")[:12]
        yield Line("references", f"of commit {commit}", "recorded anew: the homework or torch has changed")
    now = {verdict.name: _words(receipts.check(verdict)) for verdict in result.verdicts}
    then = {check["check"]: _words(check) for check in receipt["checks"]}
    for name in dict.fromkeys([*then, *now]):
        yield Line(name, then.get(name, "no such check"), now.get(name, "no such check"))


def _read(path: Path) -> dict[str, Any]:
    try:
        receipt: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        assert receipt["checks"] is not None and receipt["limits"] and receipt["seed"]
    except FileNotFoundError:
        raise Problem(
            f"there is no receipt {path}: they are in receipts/<student>/<homework>/<attempt>.json."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise Problem(f"{path} is no receipt ({type(error).__name__}: {error}).") from None
    return receipt


def _case(course: Course, receipt: dict[str, Any], submission: Path | None) -> Case:
    student, homework = receipt["student"], receipt["homework"]
    place = submission or course.submitted(student, homework) / f"{homework}.ipynb"
    nb = rescue.read(place)
    if nb.metadata[KEY]["submission"] != receipt["submission"]:
        raise Problem(
            f"{place} is not the notebook that attempt {receipt['attempt']} of {student} was graded from: "
            "find that one and name it with --submission FILE."
        )
    vault = Vault(course.root, course.db_url)
    seed = vault.find(homework, receipt["attempt"], receipt["seed"])
    if seed is None:
        raise Problem(f"the seed {receipt['seed']} of this receipt is not in {vault.folder}: restore it from a backup.")
    with Gradebook(course.db_url) as gradebook:
        cells = sanitize.graded_cells(gradebook, homework, homework)
    nb = sanitize.sanitized(nb, cells, sanitize.released_prose(course.root, homework, homework))
    return Case(course.root, vault, student, homework, nb, Limits(**receipt["limits"]), receipt["attempt"], seed)


def _words(check: dict[str, Any]) -> str:
    diagnosis = f", {check['diagnosis']}" if check["diagnosis"] else ""
    return f"{check['state']}, {check['earned']:.4g} of its share{diagnosis}"
