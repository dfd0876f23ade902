"""Between sanitizing and saving: a submission's job, and what the judge makes of its outcomes."""

from __future__ import annotations

import hashlib
import math
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
from autograder.checks.references import References
from autograder.grading import demonstrations, forbidden, homework, receipts
from autograder.grading.homework import Homework
from autograder.grading.judge import NOT_GRADED, Verdict, judge, ungraded, without
from autograder.grading.rescue import KEY
from autograder.grading.seeds import Vault
from autograder.running import local
from autograder.running.notebook import CellOutcome, CodeCell, Job
from autograder.running.sandbox import MIB, Limits, SandboxError


@dataclass
class Result:
    """What became of a submission; ``resources["autograder"]`` in nbgrader's pipeline.

    Attributes:
        attempt: which of the student's submissions this is, from 1.
        seed: the seed's id.
        references: a hash of the references it was compared with.
        submission: a hash of the file that was handed in.
        answers: a hash of each answer that a person grades.
    """

    attempt: int
    seed: str
    submission: str
    limits: Limits
    notes: list[str]
    references: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def of_cell(self, cell: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.cell == cell]


class Case:
    """A sanitized submission and all that grading it needs.

    Raises:
        BuildError: the homework can't be recorded under the attempt's seed.
        OSError: its files can't be read.
    """

    def __init__(
        self,
        course: Path,
        vault: Vault,
        student: str,
        name: str,
        nb: NotebookNode,
        limits: Limits,
        attempt: int | None = None,
        seed: str | None = None,
    ) -> None:
        about = nb.metadata.get(KEY, {"submission": "", "notes": []})
        self.course, self.student, self.name, self.nb, self._vault = course, student, name, nb, vault
        attempt = attempt or receipts.attempt(course, student, name, about["submission"])
        self.seed = seed or vault.seed(name, attempt)
        self.result = Result(attempt, seed_id(self.seed), about["submission"], limits, about["notes"])
        self.references: References | None = None

    def job(self, sandboxed: bool = True) -> Job:
        """What is to run."""
        references = self._recorded()
        expects = {cell: frozenset(r.name for r in references.of_cell(cell)) for cell in references.cells()}
        code = [cell for cell in self.nb.cells if cell.cell_type == "code" and cell.source.strip()]
        idle = demonstrations.left_out([cell.source for cell in code], self._homework())
        code = [cell for number, cell in enumerate(code) if number not in idle]
        self._ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in code]
        cells = tuple(CodeCell(c.source, expects.get(id_, frozenset())) for c, id_ in zip(code, self._ids))
        return Job(cells, self.seed, self.result.limits, self._homework().warm, sandboxed)

    def _recorded(self) -> References:
        self.references, self.result.references = self._vault.references(self.name, self.seed)
        return self.references

    def judged(self, outcomes: list[CellOutcome]) -> Result:
        """The verdicts on what the job's cells handed over."""
        assert self.references is not None
        by_cell = {id_: outcome for id_, outcome in zip(self._ids, outcomes) if id_}
        return self._finished(judge(self.references, by_cell))

    def not_graded(self, error: Exception) -> Result:
        """Every check left open, because the grader failed."""
        self.result.notes.append(f"not graded: {error}")
        return self._finished(ungraded(self.references, "the grader failed, not the submission"))

    def as_before(self, receipt: dict[str, Any]) -> Result:
        """The verdicts of a receipt of this submission once more, without running anything."""
        mistakes = {(m.check, m.variant): m for m in self._recorded().mistakes}
        self.result.references = receipt["references"]
        return self._finished(
            [
                Verdict(
                    check["check"],
                    check["cell"],
                    check["state"],
                    check["earned"],
                    check["weight"],
                    check["fact"],
                    math.inf if check["difference"] is None else check["difference"],
                    mistakes.get((check["check"], check["diagnosis"])),
                    check["flag"],
                )
                for check in receipt["checks"]
            ]
        )

    def _finished(self, verdicts: list[Verdict]) -> Result:
        self.result.verdicts = without(verdicts, homework.voided(self.course, self.name))
        self.result.flags = [*forbidden.flags(self.nb, self._homework()), *(v.flag for v in verdicts if v.flag)]
        self.result.answers = _essays(self.nb)
        show(self.nb, self.result)
        graded = all(verdict.state != NOT_GRADED for verdict in self.result.verdicts)
        self.nb.metadata[KEY] = {"submission": self.result.submission, "graded": graded}
        return self.result

    def _homework(self) -> Homework:
        return homework.read(self.course, self.name)


class Run(NbGraderPreprocessor):  # type: ignore[misc]
    """Run a sanitized submission in the sandbox under its secret seed, and judge what it hands over."""

    unsandboxed = Bool(False, help="Run students' code with all of your own rights.").tag(config=True)
    cell_cpu = Float(Limits.cell_cpu, help="Seconds of computing a cell may use.").tag(config=True)
    cell_wall = Float(Limits.cell_wall, help="Seconds a cell may take in all.").tag(config=True)
    notebook_cpu = Float(Limits.notebook_cpu, help="Seconds of computing a notebook may use.").tag(config=True)
    notebook_wall = Float(Limits.notebook_wall, help="Seconds a notebook may take in all.").tag(config=True)
    memory_mb = Integer(Limits.memory // MIB, help="Memory of a submission, in MB.").tag(config=True)
    disk_mb = Integer(Limits.disk // MIB, help="What it may write to each of its folders, in MB.").tag(config=True)
    file_mb = Integer(Limits.file_size // MIB, help="The largest file it may write, in MB.").tag(config=True)
    output_mb = Integer(Limits.output // MIB, help="What it may print, in MB.").tag(config=True)
    processes = Integer(Limits.processes, help="Processes and threads it may have at a time.").tag(config=True)
    open_files = Integer(Limits.open_files, help="Files a process of it may have open.").tag(config=True)

    def limits(self) -> Limits:
        return replace(
            Limits(),
            memory=self.memory_mb * MIB,
            disk=self.disk_mb * MIB,
            file_size=self.file_mb * MIB,
            output=self.output_mb * MIB,
            processes=self.processes,
            open_files=self.open_files,
            cell_cpu=self.cell_cpu,
            cell_wall=self.cell_wall,
            notebook_cpu=self.notebook_cpu,
            notebook_wall=self.notebook_wall,
        )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names, course = resources["nbgrader"], Path.cwd()
        vault = Vault(course, names["db_url"])
        case = Case(course, vault, names["student"], names["assignment"], nb, self.limits())
        try:
            resources[KEY] = case.judged(local.run(case.job(not self.unsandboxed)))
        except (SandboxError, BuildError, OSError) as error:
            self.log.error("%s, %s is not graded: %s", case.student, case.name, error)
            resources[KEY] = case.not_graded(error)
        return nb, resources


def _essays(nb: NotebookNode) -> dict[str, str]:
    return {
        cell.metadata.nbgrader.grade_id: hashlib.sha256(cell.source.encode()).hexdigest()
        for cell in nb.cells
        if utils.is_grade(cell) and utils.is_solution(cell)
    }


def show(nb: NotebookNode, result: Result) -> None:
    """Under each check stand the judge's words, not what the cell printed."""
    for cell in nb.cells:
        if utils.is_grade(cell) and not utils.is_solution(cell):
            verdicts = result.of_cell(cell.metadata.nbgrader.grade_id)
            text = "\n".join(verdict.line() for verdict in verdicts) or "? not graded: the grader failed"
            cell.outputs = [new_output("stream", name="stdout", text=text + "\n")]
