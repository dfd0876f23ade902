"""``nbgrader autograde``: an exporter and three preprocessors that take a submission through the steps, one at a time.

Between the second and the third nbgrader writes the notebook to ``autograded/`` and reads it again: what the first two know of
it stands in its metadata till then.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer

from autograder.building.text import BuildError
from autograder.grading import homework as homeworks
from autograder.grading import plausible, steps
from autograder.grading.follow import FollowThrough
from autograder.grading.late import LateDays
from autograder.grading.receipts import Receipt
from autograder.grading.rescue import KEY
from autograder.grading.save import SECRET, save, secret_of, time_of, worth_a_look
from autograder.grading.seeds import Vault
from autograder.grading.steps import Prepared, Submission
from autograder.grading.verdict import PASSED
from autograder.problem import Problem
from autograder.running.sandbox import MIB, Limits, SandboxError, require


class Submissions(NotebookExporter):  # type: ignore[misc]
    """The exporter: no preprocessor sees a file that can't be read, so reading is here.

    It is also the first of ours that a run meets, so here a run refuses to start without a sandbox, the gradebook learns
    of the homework, and nbgrader is kept from copying a submission's other files, through whose symbolic links anything
    readable could be had.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.config.Run.get("unsandboxed", False):
            try:
                require(Path.cwd())
            except SandboxError as error:
                self._refuse(
                    f"No sandbox, so nothing was graded. {error} To run students' code with all your rights instead: "
                    "nbgrader autograde … --Run.unsandboxed=True"
                )
        coursedir = self.parent.coursedir
        try:
            for homework in {Path(path).name for path in self.parent.assignments}:
                Vault(Path(coursedir.root), coursedir.db_url).register(homework, coursedir.db_url)
                late = LateDays(parent=self)
                for line in plausible.require(Path(coursedir.root), coursedir.db_url, homework, late):
                    self.parent.log.warning(line)
        except (BuildError, FileNotFoundError, Problem) as error:
            self._refuse(f"Nothing was graded. {error}")
        self.parent.coursedir = copy.copy(coursedir)
        self.parent.coursedir.ignore = [*self.parent.coursedir.ignore, "*"]

    def _refuse(self, message: str) -> NoReturn:
        self.parent.log.error(message)  # nbgrader's commands print nothing of the exception itself
        raise NbGraderException(message) from None

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kwargs)  # type: ignore[no-any-return]
        names, course = resources["nbgrader"], Path.cwd()
        homework = homeworks.read(course, names["assignment"])
        with Gradebook(names["db_url"]) as gradebook:
            released = steps.released(gradebook, course, homework)
        notebook = steps.ordered(Path(filename), released, homework)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)  # type: ignore[no-any-return]


class Sanitize(NbGraderPreprocessor):  # type: ignore[misc]
    """Say what was put right in a submission."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        names = resources["nbgrader"]
        for note in nb.metadata[KEY]["notes"]:
            self.log.warning("%s, %s: %s", names["student"], names["assignment"], note)
        return nb, resources


class Run(NbGraderPreprocessor):  # type: ignore[misc]
    """Run a submission in the sandbox under its secret seed, and judge what it hands over."""

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
        submission = steps.arrived(course, vault, names["student"], names["assignment"], nb, self.limits())
        receipt = resources[KEY] = self._graded(submission, vault)
        steps.show(nb, receipt)
        return nb, resources

    def _graded(self, submission: Submission, vault: Vault) -> Receipt:
        prepared: Prepared | None = None
        try:
            share = FollowThrough(parent=self).share
            prepared = steps.prepare(submission, vault, not self.unsandboxed, share)
            return steps.graded_here(prepared)
        except (SandboxError, BuildError, OSError) as error:
            self.log.error("%s, %s is not graded: %s", submission.student, submission.homework, error)
            return steps.not_graded(submission, error, prepared)


class SaveGrades(NbGraderPreprocessor):  # type: ignore[misc]
    """Save what the judge says; a cell's outputs mean nothing."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        course, receipt = Path.cwd(), resources[KEY]
        student, homework = receipt.student, receipt.homework
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            late = save(gradebook, course, nb, receipt, LateDays(parent=self).policy(course))
            arrived = gradebook.find_submission(homework, student).timestamp
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.autograded_directory, student, homework))
        if arrived is not None and folder.is_dir():
            (folder / "timestamp.txt").write_text(time_of(arrived))
        secret = secret_of(Path(coursedir.format_path(coursedir.submitted_directory, student, homework)))
        if secret and folder.is_dir():
            (folder / SECRET).write_text(secret)
        passed = sum(verdict.state == PASSED for verdict in receipt.checks)
        self.log.info("%s, %s: %d of %d checks passed", student, homework, passed, len(receipt.checks))
        for line in worth_a_look(receipt, late):
            self.log.warning("%s, %s: %s", student, homework, line)
        return nb, resources
