"""A submission's code, run cell by cell; a cell that takes the kernel down costs itself only."""

from __future__ import annotations

import builtins
import errno
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from autograder.running import kernel
from autograder.running.kernel import Died, Kernel
from autograder.running.places import Place, Rest, rests
from autograder.running.sandbox import MIB, Limits
from autograder.running.server import ForkServer, Warm

PATIENCE = 5


@dataclass
class CellOutcome:
    """What became of one cell.

    Attributes:
        state: "ok", "error", "died", "timeout" (stopped at a limit) or "not run".
        reason: why, in words that hold nothing the student's code could have chosen.
        handed: the answers handed over while it ran, by name; the first of each name.
        unsupported: names whose answer could not be handed over, and what it was.
        changed: names at whose hand-over an input was no longer what it had been, and which.
        ignored: how many hand-overs were refused.
    """

    state: str = "ok"
    reason: str = ""
    handed: dict[str, Any] = field(default_factory=dict)
    unsupported: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    ignored: int = 0


@dataclass(frozen=True)
class CodeCell:
    """Code to run; ``expects`` names the checks it may hand over answers to."""

    source: str
    expects: frozenset[str] = frozenset()


_LOST = ("died", "timeout")


class _Stopped(Exception):
    """A limit was passed; the message names it."""


@dataclass(frozen=True)
class Job:
    """A submission to run: its code cells in order, the seed it runs under, what it may use, what its fork server has ready,
    what it may not see, and the questions of exams.
    """

    cells: tuple[CodeCell, ...]
    seed: str
    limits: Limits = Limits()
    warm: Warm = Warm()
    sandboxed: bool = True
    hidden: tuple[str, ...] = ()
    exams: bytes = field(default=b"", repr=False)


class Execution:
    """One run of a job on a fork server.

    A cell whose kernel dies is tried again before its death counts, because it may have been somebody else's doing: once if
    the kernel ended by itself, ``PATIENCE - 1`` times if it was killed, as the system does when others use up the memory.
    """

    def __init__(self, job: Job, server: ForkServer, place: Place) -> None:
        self._cells, self._limits = job.cells, job.limits
        self._job, self._server = job, server
        self._rest = Rest(place)
        self._room = job.limits.hand_over  # for the answers of all its kernels together
        self._results: list[CellOutcome] = []
        self._deaths: Counter[int] = Counter()
        self._cpu_before = 0.0
        self._begun = time.monotonic()
        self._open: CellOutcome | None = None

    async def outcomes(self) -> list[CellOutcome]:
        """What became of each cell.

        Raises:
            ServerDied: the fork server ended; nothing of this run counts.
            SandboxError: no kernel comes up.
        """
        while len(self._results) < len(self._cells):
            if sum(result.state in _LOST for result in self._results) > self._limits.restarts:
                self._give_up("the kernel was stopped too often before")
                break
            async with kernel.start(self._server, self._job.seed, self._job.exams, self._limits, self) as running:
                try:
                    await self._go_on(running)
                finally:
                    self._cpu_before += running.cpu()
            if spent := self._spent(0):
                self._give_up(spent)
        return self._results

    async def _go_on(self, running: Kernel) -> None:
        """Replay what ran well, then run on until the end or until the kernel goes."""
        for number, result in enumerate(list(self._results)):
            if result.state in _LOST:
                continue
            again = CellOutcome()
            if not await self._execute(running, number, again, expects=frozenset()):
                if again.state in _LOST:
                    result.state, result.reason = again.state, again.reason
                return
        for number in range(len(self._results), len(self._cells)):
            outcome = CellOutcome()
            lives = await self._execute(running, number, outcome, self._cells[number].expects)
            if lives or outcome.state in _LOST:
                self._results.append(outcome)
            if not lives:
                return

    async def _execute(self, running: Kernel, number: int, outcome: CellOutcome, expects: frozenset[str]) -> bool:
        """Whether the kernel lives on; when a death doesn't count yet, the outcome says nothing of it."""
        cpu, begun = running.cpu(), time.monotonic()

        def watch() -> None:
            used, wall = running.cpu(), time.monotonic() - begun
            self._rest.look(self._cpu_before + used)
            if used - cpu > self._limits.cell_cpu:
                raise _Stopped(f"more than {self._limits.cell_cpu:g} seconds of computing")
            if wall > self._limits.cell_wall:
                slept = "slept for " if rests(used - cpu, wall) else ""
                raise _Stopped(f"{slept}more than {self._limits.cell_wall:g} seconds")
            if spent := self._spent(used):
                raise _Stopped(spent)
            if running.memory(self._limits.memory) > self._limits.memory:
                raise _Stopped(f"more than {self._limits.memory // MIB:,} MB of memory")

        self._open, self._expected = outcome, expects
        try:
            _describe(await running.execute(self._cells[number].source, watch), outcome, self._limits)
            outcome.reason = running.hand_overs.problem or outcome.reason
            return True
        except Died as death:
            self._deaths[number] += 1
            if self._deaths[number] >= (PATIENCE if death.killed else 2):
                outcome.state, outcome.reason = "died", str(death)
        except _Stopped as limit:
            outcome.state, outcome.reason = "timeout", str(limit)
        finally:
            self._open = None
        return False

    def _spent(self, cpu: float) -> str:
        """Why the notebook's time is used up; "" while it isn't."""
        wall, cpu = time.monotonic() - self._begun, self._cpu_before + cpu
        if wall > self._limits.notebook_wall and rests(cpu, wall):
            return f"the notebook's time was used up: it slept for most of {self._limits.notebook_wall:g} seconds"
        over = wall > self._limits.notebook_wall or cpu > self._limits.notebook_cpu
        return "the notebook's time was used up" if over else ""

    def _give_up(self, reason: str) -> None:
        missing = len(self._cells) - len(self._results)
        self._results += [CellOutcome("not run", reason) for _ in range(missing)]

    def wants(self, header: dict[str, Any], size: int) -> bool:
        """Whether an answer is the first to a check of the open cell; one that needn't be read is noted."""
        outcome = self._awaited(header)
        if outcome is None:
            return False
        if "unsupported" in header:
            self.refuse(header, str(header["unsupported"]))
        elif size > self._room:
            self.refuse(header, f"one answer of more than {self._limits.hand_over // MIB} MB in all")
        else:
            self._room -= size
            return True
        return False

    def take(self, header: dict[str, Any], value: Any) -> None:
        """Keep an answer, if its cell is still open."""
        outcome = self._awaited(header)
        if outcome is not None:
            outcome.handed[header["name"]] = value
            if "changed" in header:
                outcome.changed[header["name"]] = _short(header["changed"])

    def refuse(self, header: dict[str, Any], why: str) -> None:
        """Note that an answer can't be taken, and what it is."""
        outcome = self._awaited(header)
        if outcome is not None:
            outcome.unsupported[header["name"]] = _short(why)

    def _awaited(self, header: dict[str, Any]) -> CellOutcome | None:
        """The open cell's outcome, if it waits for this answer."""
        name, outcome = header.get("name"), self._open
        if outcome is None:
            return None
        if isinstance(name, str) and name in self._expected and name not in outcome.handed | outcome.unsupported:
            return outcome
        outcome.ignored += 1
        return None


def _short(words: object) -> str:
    return str(words)[:80].encode(errors="replace").decode()  # half a surrogate pair fits in no file


_ERRORS = {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)}
_ERRNO = re.compile(r"^\[Errno (\d{1,4})\]")


def _describe(reply: dict[str, Any], outcome: CellOutcome, limits: Limits) -> None:
    """A cell's error by the limit it ran into, else by the name of its class alone: its words may hold a drawn number."""
    if reply.get("status") != "ok":
        name, words = str(reply.get("ename")), str(reply.get("evalue"))
        outcome.state = "error"
        raised = f"it raised {name}" if name in _ERRORS else "it raised an error"
        outcome.reason = _limit_hit(name, words, limits) or raised


def _limit_hit(name: str, words: str, limits: Limits) -> str:
    errno_ = _ERRNO.match(words)
    number = int(errno_[1]) if errno_ else 0
    if name == "MemoryError" or number == errno.ENOMEM or "can't allocate memory" in words:
        return f"more than {limits.memory // MIB:,} MB of memory"
    if number == errno.EAGAIN or words == "can't start new thread":
        return f"more than {limits.processes} processes and threads"
    if number == errno.EMFILE:
        return f"more than {limits.open_files} open files"
    if number == errno.EFBIG:
        return f"a file larger than {limits.file_size // MIB:,} MB"
    if number == errno.ENOSPC:
        return f"more than {limits.disk // MIB:,} MB or too many files in one folder"
    if name == "OutputTooLong":
        return f"more than {limits.output // MIB:,} MB printed"
    return ""
