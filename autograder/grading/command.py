"""What ``autograder grade`` does between its options and its last line."""

from __future__ import annotations

import asyncio
import difflib
import errno
import logging
import os
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from nbgrader.api import InvalidEntry
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from autograder.cleaned import cleaned
from autograder.grading import homework as homeworks
from autograder.grading import plausible
from autograder.grading.grade import Course, Grading, Tally
from autograder.grading.seeds import Vault
from autograder.problem import Problem
from autograder.running.local import Local, Runner
from autograder.running.sandbox import SandboxError, between_submissions, require

LINE_SECONDS = 30
GO_ON = "what is graded is kept; run the same command again to go on."
_DISK = {
    errno.ENOSPC: "the disk is full: free some space,",
    errno.EDQUOT: "your disk quota is used up: free some space,",
    errno.EROFS: "the disk is read-only: make it writable,",
    errno.EACCES: "you may not write there: give yourself the right,",
    errno.EPERM: "you may not write there: give yourself the right,",
}


@dataclass(frozen=True)
class Asked:
    """The command's options."""

    homework: str
    jobs: int = 0
    scheduler: str | None = None
    seed: str | None = None
    students: tuple[str, ...] = ()
    force: bool = False
    void: tuple[str, ...] = ()
    unsandboxed: bool = False


def run(folder: Path, asked: Asked, out: Console, err: Console) -> bool:
    """Grade, say how it went, and give whether every check of every submission is graded.

    Raises:
        Problem: what the user has to put right first.
    """
    logging.getLogger("tornado.application").setLevel(
        logging.CRITICAL
    )  # nbgrader's tracebacks of what is said plainly here
    course = Course(folder)
    course.sandboxed &= not asked.unsandboxed
    students = _chosen(course, asked)
    tell = _teller(err)
    for line in _plausible(course, asked.homework):
        tell(line)
    if asked.seed is not None:
        Vault(course.root, course.db_url).replace(asked.homework, None if asked.seed == "new" else asked.seed)
    runner = _runner(asked, course, tell)
    grading = Grading(course, asked.homework, runner, tell)
    try:
        if asked.void:
            _void(course, asked)
            asyncio.run(grading.judge_again(students))
            out.print(f"[green]✓[/] {', '.join(asked.void)} counts for nobody in {asked.homework} any more.")
            return True
        asyncio.run(_watched(grading, grading.grade(students, asked.force), asked.homework, err))
    except KeyboardInterrupt:
        err.print(f"Stopped after {grading.progress.done} submissions: {GO_ON}")
        raise typer.Exit(130) from None
    except (ConnectionError, SandboxError) as error:
        raise Problem(f"{error}. Put that right; {GO_ON}") from error
    except OSError as error:
        raise Problem(_about_disk(error)) from error
    except (SQLAlchemyError, InvalidEntry) as error:  # nbgrader makes the second of the first
        raise Problem(_about_gradebook(error, course)) from error
    finally:
        runner.close()
    return _summed_up(grading.progress, asked.homework, out)


def _chosen(course: Course, asked: Asked) -> list[str]:
    present = course.students(asked.homework)
    if not present:
        raise Problem(
            f"nobody has handed in {asked.homework}: there is no {course.submitted('<student>', asked.homework)}/"
            f"{asked.homework}.ipynb. Collect first: autograder collect {asked.homework} DOWNLOAD"
        )
    for student in asked.students:
        if student not in present:
            raise Problem(f"{student} has not handed in {asked.homework}{_meant(student, present)}.")
    return sorted(set(asked.students)) or present


def _plausible(course: Course, homework: str) -> list[str]:
    try:
        with Vault(
            course.root, course.db_url
        ).locked():  # a gradebook that another program is just making has half its tables
            return plausible.require(course.root, course.db_url, homework, course.late)
    except OSError as error:
        raise Problem(_about_disk(error)) from error
    except SQLAlchemyError as error:
        raise Problem(_about_gradebook(error, course)) from error


def _meant(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _void(course: Course, asked: Asked) -> None:
    vault = Vault(course.root, course.db_url)
    references, _ = vault.references(asked.homework, vault.seed(asked.homework, vault.round(asked.homework)))
    names = [reference.name for reference in references.checks]
    for check in asked.void:
        if check not in names:
            raise Problem(f"{asked.homework} has no check called {check}{_meant(check, names)}.")
        homeworks.void(course.root, asked.homework, check)


def _runner(asked: Asked, course: Course, tell: Any) -> Runner:
    if asked.scheduler is not None:
        from autograder.running.cluster import Cluster

        try:
            return Cluster(asked.scheduler)
        except ConnectionError as error:
            raise Problem(str(error)) from error
    if course.sandboxed:
        try:
            require(course.root)
        except SandboxError as error:
            raise Problem(
                f"no sandbox, so nothing was graded. {error} To run students' code with all your rights instead: --unsandboxed"
            ) from error
        if between_submissions():
            tell(f"each submission gets a sandbox of its own, which is slower: {between_submissions()}")
    return Local(asked.jobs or os.cpu_count() or 1)


def _teller(err: Console) -> Any:
    return lambda line: err.print(escape(cleaned(line, 1000)), highlight=False, soft_wrap=True)


async def _watched(grading: Grading, work: Coroutine[Any, Any, Tally], homework: str, err: Console) -> None:
    """Show how far it is, on one line of a terminal, else a line now and then."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"), TimeElapsedColumn())
    task, said = asyncio.create_task(work), time.monotonic()
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            line = bar.add_task(homework, total=None, state="")
            while not (await asyncio.wait([task], timeout=0.5))[0]:
                now = grading.progress
                bar.update(line, total=now.total or None, completed=now.done_before + now.done, state=_state(now))
                if not err.is_terminal and now.done and time.monotonic() - said > LINE_SECONDS:
                    said = time.monotonic()
                    err.print(f"{homework}: {_state(now)}", highlight=False)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
    task.result()


def _state(now: Tally) -> str:
    left = now.left()
    seconds, student = now.slowest
    parts = [f"{now.done_before + now.done} of {now.total} done", f"{len(now.running)} running"]
    parts += [f"about {_time(left)} left"] if left is not None else []
    parts += [f"slowest {student} ({_time(seconds)})"] if student else []
    return ", ".join(parts)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _summed_up(tally: Tally, homework: str, out: Console) -> bool:
    before = f", {tally.done_before} were graded before (--force grades them again)" if tally.done_before else ""
    out.print(
        f"[green]✓[/] {homework}: {tally.done - len(tally.not_graded)} submissions graded{before}.", highlight=False
    )
    for student, why in tally.not_graded.items():
        out.print(f"[red]✗[/] {student} is not graded: {escape(why)}", highlight=False, soft_wrap=True)
    if tally.not_graded:
        out.print("That is the grader's fault, not theirs. Put it right and run the same command again.")
    return not tally.not_graded


def _about_disk(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{_DISK.get(error.errno or 0, f'{error.strerror or error}: put that right,')} then go on: {GO_ON}"


def _about_gradebook(error: Exception, course: Course) -> str:
    words = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    advice = {
        "locked": "another program holds it; close what writes to it,",
        "readonly": "it is read-only; make it and its folder writable,",
        "full": "the disk is full; free some space,",
        "disk I/O": "the disk fails or is full; see to it,",
    }
    remedy = next((text for word, text in advice.items() if word in words), "see to it,")
    return f"the gradebook {course.db_url} can't be written ({words}): {remedy} then go on: {GO_ON}"
