"""The grading half of ``nbgrader autograde``: run, judge, and leave the verdicts for the steps after."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer

from autograder.building.recording import seed_id
from autograder.building.text import BuildError
from autograder.grading import forbidden, receipts
from autograder.grading.judge import Verdict, judge, ungraded
from autograder.grading.rescue import KEY
from autograder.grading.seeds import Vault
from autograder.running import notebook
from autograder.running.notebook import CellOutcome, CodeCell
from autograder.running.sandbox import MIB, Limits, SandboxError, describe


@dataclass
class Result:
    """What became of a submission; ``resources["autograder"]`` from here on."""

    attempt: int
    seed: str
    submission: str
    notes: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def of_cell(self, cell: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.cell == cell]


class Run(NbGraderPreprocessor):  # type: ignore[misc]
    """Run a sanitized submission in the sandbox under its secret seed, and judge what it hands over."""

    unsandboxed = Bool(False, help="Run students' code with all of your own rights.").tag(config=True)
    cell_cpu = Float(Limits.cell_cpu, help="Seconds of computing a cell may use.").tag(config=True)
    cell_wall = Float(Limits.cell_wall, help="Seconds a cell may take in all.").tag(config=True)
    notebook_cpu = Float(Limits.notebook_cpu, help="Seconds of computing a notebook may use.").tag(config=True)
    notebook_wall = Float(Limits.notebook_wall, help="Seconds a notebook may take in all.").tag(config=True)
    memory_mb = Integer(Limits.memory // MIB, help="Memory of a submission, in MB.").tag(config=True)

    def limits(self) -> Limits:
        return replace(
            Limits(),
            memory=self.memory_mb * MIB,
            cell_cpu=self.cell_cpu,
            cell_wall=self.cell_wall,
            notebook_cpu=self.notebook_cpu,
            notebook_wall=self.notebook_wall,
        )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names = resources["nbgrader"]
        course, student, homework = Path.cwd(), names["student"], names["assignment"]
        about = nb.metadata.pop(KEY, {"submission": "", "notes": []})
        vault = Vault(course, names["db_url"])
        attempt = receipts.attempt(course, student, homework, about["submission"])
        seed = vault.seed(homework, attempt)
        result = Result(attempt, seed_id(seed), about["submission"], about["notes"])
        references = None
        try:
            references = vault.references(homework, attempt)
            outcomes = self._run(nb, references, seed)
            result.verdicts = judge(references, outcomes)
        except (SandboxError, BuildError, OSError) as error:
            self.log.error("%s, %s is not graded: %s", student, homework, error)
            result.notes.append(f"not graded: {error}")
            result.verdicts = ungraded(references, "the grader failed, not the submission")
        result.flags = forbidden.flags(nb, course / "assignments" / homework / f"{homework}.py")
        result.answers = _essays(nb)
        _show(nb, result)
        resources[KEY] = result
        return nb, resources

    def _run(self, nb: NotebookNode, references: Any, seed: str) -> dict[str, CellOutcome]:
        expects = {cell: frozenset(r.name for r in references.of_cell(cell)) for cell in references.cells()}
        code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in code]
        cells = [CodeCell(cell.source, expects.get(id_, frozenset())) for cell, id_ in zip(code, ids)]
        outcomes = notebook.run(cells, seed, self.limits(), sandboxed=not self.unsandboxed)
        return {id_: outcome for id_, outcome in zip(ids, outcomes) if id_}


def _essays(nb: NotebookNode) -> dict[str, str]:
    """A hash of each answer that a person grades."""
    return {
        cell.metadata.nbgrader.grade_id: hashlib.sha256(cell.source.encode()).hexdigest()
        for cell in nb.cells
        if utils.is_grade(cell) and utils.is_solution(cell)
    }


def _show(nb: NotebookNode, result: Result) -> None:
    """Under each check stand the judge's words, not what the cell printed."""
    for cell in nb.cells:
        if utils.is_grade(cell) and not utils.is_solution(cell):
            verdicts = result.of_cell(cell.metadata.nbgrader.grade_id)
            text = "\n".join(verdict.line() for verdict in verdicts) or "? not graded: the grader failed"
            cell.outputs = [new_output("stream", name="stdout", text=text + "\n")]


def receipt(course: Path, names: dict[str, str], result: Result, limits: Limits) -> dict[str, Any]:
    """The receipt of a graded submission."""
    return {
        "student": names["student"],
        "homework": names["assignment"],
        "attempt": result.attempt,
        "submission": result.submission,
        "seed": result.seed,
        **receipts.environment(course),
        "limits": describe(limits),
        "notes": result.notes,
        "flags": result.flags,
        "answers": result.answers,
        "checks": [receipts.check(verdict) for verdict in result.verdicts],
    }
