"""``autograder grade``: a class at a time, in parallel, and exactly what ``nbgrader autograde`` makes of each submission.

What comes before running and after it is cheap and stays in one thread, the only writer. A
submission is done when its graded notebook, written last, says so: whatever is killed, grading again does the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import itertools
import json
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from sqlalchemy.exc import OperationalError

from autograder import whole
from autograder.building.recording import seed_id
from autograder.building.text import BuildError
from autograder.cleaned import cleaned
from autograder.grading import homework as homeworks
from autograder.grading import receipts, rescue, steps
from autograder.grading.autograde import Run
from autograder.grading.follow import FollowThrough
from autograder.grading.judge import without
from autograder.grading.late import LateDays, Policy
from autograder.grading.receipts import Receipt
from autograder.grading.rescue import KEY
from autograder.grading.sanitize import few
from autograder.grading.save import SECRET, save, secret_of, time_of, worth_a_look
from autograder.grading.seeds import Vault
from autograder.grading.steps import Prepared, Submission
from autograder.running.hidden import of_course
from autograder.running.local import Runner
from autograder.running.notebook import Job
from autograder.running.sandbox import SandboxError

T = TypeVar("T")
READ_ONLY = 0o444  # as nbgrader leaves what is graded


class Course:
    """A course folder as nbgrader's configuration describes it."""

    def __init__(self, root: Path) -> None:
        nbgrader = NbGrader()
        with contextlib.chdir(root):  # where nbgrader looks for its configuration
            nbgrader.initialize([], root=str(root.resolve()))
        self.root = root.resolve()
        self._dir = nbgrader.coursedir
        self.db_url: str = nbgrader.coursedir.db_url
        self.limits = Run(config=nbgrader.config).limits()
        self.sandboxed = not Run(config=nbgrader.config).unsandboxed
        self.share: float = FollowThrough(config=nbgrader.config).share
        self.late = LateDays(config=nbgrader.config)
        self.policy: Policy = self.late.policy(self.root)

    def submitted(self, student: str, homework: str) -> Path:
        return Path(self._dir.format_path(self._dir.submitted_directory, student, homework))

    def autograded(self, student: str, homework: str) -> Path:
        return Path(self._dir.format_path(self._dir.autograded_directory, student, homework))

    def arrived(self, folder: Path) -> Any:
        """The time in a folder's ``timestamp.txt``."""
        return self._dir.get_existing_timestamp(str(folder))

    def students(self, homework: str) -> list[str]:
        """Who handed in a notebook."""
        pattern = self._dir.format_path(self._dir.submitted_directory, "(?P<student>.*)", homework, escape=True)
        folders = glob.glob(str(self.submitted("*", homework)))
        found = [(re.fullmatch(pattern, folder), Path(folder) / f"{homework}.ipynb") for folder in folders]
        return sorted(match["student"] for match, path in found if match and os.path.lexists(path))


@dataclass
class Tally:
    """How far a run is; times are in seconds."""

    total: int
    done_before: int = 0
    done: int = 0
    running: dict[str, float] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    not_graded: dict[str, str] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float | None:
        """An estimate of the time that is left; None before the first submission is done."""
        todo = self.total - self.done_before - self.done
        return (time.monotonic() - self.begun) / self.done * todo if self.done else None

    def finished(self, student: str) -> None:
        self.slowest = max(self.slowest, (time.monotonic() - self.running.pop(student), student))
        self.done += 1


class Grading:
    """One homework of a course, graded by a runner.

    Args:
        tell: called with what is worth a line, as it happens.
    """

    def __init__(self, course: Course, homework: str, runner: Runner, tell: Callable[[str], None]) -> None:
        self._course, self._homework, self._runner, self._tell = course, homework, runner, tell
        self._vault = Vault(course.root, course.db_url)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._reader = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self.progress = Tally(0)

    async def grade(self, students: list[str], force: bool = False) -> Tally:
        """Grade those of the students whose submission isn't graded yet; all of them with ``force``.

        Raises:
            Problem: another program grades the homework.
            BuildError: the homework itself is at fault.
            OSError, sqlalchemy.exc.SQLAlchemyError: the disk or the gradebook is; what is graded by then is whole.
        """
        with self._vault.grading(self._homework):
            try:
                warm = homeworks.read(self._course.root, self._homework).warm
                ready = Job((), "", self._course.limits, warm, self._course.sandboxed, of_course(self._course.root))
                await asyncio.gather(self._in_writer(self._open), self._runner.warm_up(ready))
                todo = students if force else [s for s in students if not await self._in_writer(self._is_done, s)]
                for student in sorted(set(students) - set(todo)):
                    await self._in_writer(self._void_anew, student)
                self.progress = Tally(len(students), len(students) - len(todo))
                await self._all(todo)
                await self._in_writer(self._tell_of_other_versions)
            finally:
                await self._end()
        return self.progress

    async def judge_again(self, students: list[str]) -> None:
        """Save those that are graded anew from their receipts, without running anything: after a check was voided.

        Raises:
            Problem: a receipt is gone or is none.
        """
        try:
            await self._in_writer(self._open)
            for student in students:
                if await self._in_writer(self._is_done, student):
                    await self._in_writer(self._judge_again, student)
        finally:
            await self._end()

    def _judge_again(self, student: str) -> None:
        submission = self._arrived(student, self._ordered(student))
        place = receipts.path(self._course.root, student, self._homework, submission.attempt)
        self._save(submission, steps.voided_since(receipts.read(place), submission))

    def _void_anew(self, student: str) -> None:
        """Count what counts by now, where checks were voided, or that was taken back, since a submission was graded."""
        handed_in = self._course.submitted(student, self._homework) / f"{self._homework}.ipynb"
        digest = rescue.digest(handed_in)
        receipt = receipts.of_submission(self._course.root, student, self._homework, digest)
        if receipt and [*receipt.checks] != without(
            receipt.checks, homeworks.voided(self._course.root, self._homework)
        ):
            self._judge_again(student)

    async def _all(self, todo: list[str]) -> None:
        """Keep the runner busy and two more at hand; the first error that isn't a submission's own ends it all."""
        waiting, flying = iter(todo), set[asyncio.Task[None]]()
        try:
            while True:
                for student in itertools.islice(waiting, max(0, self._runner.jobs + 2 - len(flying))):
                    flying.add(asyncio.create_task(self._one(student)))
                if not flying:
                    return
                done, flying = await asyncio.wait(
                    flying, return_when=asyncio.FIRST_COMPLETED, timeout=1
                )  # jobs may change
                for task in done:
                    task.result()
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def _one(self, student: str) -> None:
        self.progress.running[student] = time.monotonic()
        try:
            submission = await self._in_writer(self._arrived, student, await self._read(student))
            receipt = await self._graded(submission)
        except (BuildError, OSError):
            raise
        except Exception as error:  # whatever is wrong with one submission never stops another
            self._failed(student, f"{type(error).__name__}: {error}")
        else:
            await self._saved_or_failed(submission, receipt)
        self.progress.finished(student)

    async def _saved_or_failed(self, submission: Submission, receipt: Receipt) -> None:
        try:
            await self._saved(submission, receipt)
        except Exception as error:
            if isinstance(error, OSError) or _is_gradebooks(error):
                raise
            await self._in_writer(self._gradebook.db.rollback)
            self._failed(submission.student, f"it can't be saved ({type(error).__name__}: {error})")

    async def _saved(self, submission: Submission, receipt: Receipt) -> None:
        """Save to the end, also when everything else is being stopped."""
        saving = asyncio.ensure_future(self._in_writer(self._save, submission, receipt))
        try:
            await asyncio.shield(saving)
        except asyncio.CancelledError:
            await asyncio.gather(saving, return_exceptions=True)  # unsaved is undone: the next run does it
            raise

    async def _graded(self, submission: Submission) -> Receipt:
        prepared = await self._in_writer(
            steps.prepare, submission, self._vault, self._course.sandboxed, self._course.share
        )
        try:
            return await self._run(prepared)
        except SandboxError as error:
            self._failed(submission.student, str(error))
            return await self._in_writer(steps.not_graded, submission, error, prepared)

    async def _run(self, prepared: Prepared) -> Receipt:
        grading = steps.graded(prepared)
        now: Job | Receipt = next(grading)
        while not isinstance(now, Receipt):
            now = await self._in_writer(steps.sent, grading, await self._runner.run(now))
        return now

    def _failed(self, student: str, why: str) -> None:
        self.progress.not_graded[student] = cleaned(why, 500)
        self._tell(f"{student} is not graded: {why}")

    async def _in_writer(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)

    def _open(self) -> None:
        self._vault.register(self._homework, self._course.db_url)
        self._vault.references(self._homework, self._vault.seed(self._homework, self._vault.round(self._homework)))
        self._gradebook = Gradebook(self._course.db_url)
        homework = homeworks.read(self._course.root, self._homework)
        self._released = steps.released(self._gradebook, self._course.root, homework)

    def _tell_of_other_versions(self) -> None:
        """Say who stays graded by another version of the homework than the one that is graded with now."""
        now = self._vault.round(self._homework)
        seed = self._vault.seed(self._homework, now)
        _, references_id = self._vault.references(self._homework, seed)
        found = []
        for student in self._course.students(self._homework):
            graded = receipts.of(self._course.root, student, self._homework)[-1:]
            other = [r for r in graded if r.seed_id == seed_id(seed) and r.references_id not in ("", references_id)]
            found += [student for _ in other]
        if found:
            self._tell(
                f"graded with another version of {self._homework}: {few(found)}. So that all are graded alike: "
                f"autograder grade {self._homework} --force"
            )

    async def _end(self) -> None:
        await self._in_writer(self._close)
        self._writer.shutdown()
        self._reader.shutdown()

    def _close(self) -> None:
        if hasattr(self, "_gradebook"):
            self._gradebook.close()

    def _is_done(self, student: str) -> bool:
        """Whether this very submission, with this time of arrival, is graded and every check of it."""
        handed_in, graded = (f(student, self._homework) for f in (self._course.submitted, self._course.autograded))
        notebook = graded / f"{self._homework}.ipynb"
        if not notebook.exists() or self._course.arrived(handed_in) != self._course.arrived(graded):
            return False
        about = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get(KEY, {})
        return bool(about.get("graded") and about["submission"] == rescue.digest(handed_in / notebook.name))

    async def _read(self, student: str) -> NotebookNode:
        """Read what was handed in beside the writer, who would else wait for whatever takes long to read."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._ordered, student)

    def _ordered(self, student: str) -> NotebookNode:
        handed_in = self._course.submitted(student, self._homework) / f"{self._homework}.ipynb"
        return steps.ordered(handed_in, self._released, homeworks.read(self._course.root, self._homework))

    def _arrived(self, student: str, notebook: NotebookNode) -> Submission:
        for note in notebook.metadata[KEY]["notes"]:
            self._tell(f"{student}: {note}")
        course = self._course
        return steps.arrived(course.root, self._vault, student, self._homework, notebook, course.limits)

    def _save(self, submission: Submission, receipt: Receipt) -> None:
        student, notebook = submission.student, submission.notebook
        folder = self._course.autograded(student, self._homework)
        steps.show(notebook, receipt)
        content = (nbformat.writes(notebook) + "\n").encode()  # what can't be written is known before anything is
        self._gradebook.update_or_create_student(student)
        arrived = self._course.arrived(self._course.submitted(student, self._homework))
        times = {} if arrived is None else {"timestamp": arrived}
        self._gradebook.update_or_create_submission(self._homework, student, **times)
        late = save(self._gradebook, self._course.root, notebook, receipt, self._course.policy)
        self._gradebook.db.expunge_all()  # else SQLAlchemy keeps every student's rows, and looks them all over each time
        if arrived is not None:
            whole.write(folder / "timestamp.txt", time_of(arrived), READ_ONLY)
        secret = secret_of(self._course.submitted(student, self._homework))
        if secret:
            whole.write(folder / SECRET, secret, READ_ONLY)
        whole.write(folder / f"{self._homework}.ipynb", content, READ_ONLY)
        for line in worth_a_look(receipt, late):
            self._tell(f"{student}: {line}")


def _is_gradebooks(error: Exception) -> bool:
    """Whether the gradebook itself fails, and not what was to be written to it; nbgrader wraps such errors in its own."""
    return isinstance(error, OperationalError) or isinstance(error.__context__, OperationalError)
