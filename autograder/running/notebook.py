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
        ignored: how many hand-overs were refused.
    """

    state: str = "ok"
    reason: str = ""
    handed: dict[str, Any] = field(default_factory=dict)
    unsupported: dict[str, str] = field(default_factory=dict)
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
    and what it may not see.
    """

    cells: tuple[CodeCell, ...]
    seed: str
    limits: Limits = Limits()
    warm: Warm = Warm()
    sandboxed: bool = True
    hidden: tuple[str, ...] = ()


class Execution:
    """One run of a job on a fork server.

    A cell whose kernel dies is tried again before its death counts, because it may have been somebody else's doing: once if
    the kernel ended by itself, ``PATIENCE - 1`` times if it was killed, as the system does when others use up the memory.
    """

    def __init__(self, job: Job, server: ForkServer) -> None:
        self._cells, self._limits = job.cells, job.limits
        self._job, self._server = job, server
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
            async with kernel.start(self._server, self._job.seed, self._limits, self._take) as running:
                await self._go_on(running)
                self._cpu_before += running.cpu()
            if self._spent(0):
                self._give_up("the notebook's time was used up")
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
            used = running.cpu()
            if used - cpu > self._limits.cell_cpu:
                raise _Stopped(f"more than {self._limits.cell_cpu:g} seconds of computing")
            if time.monotonic() - begun > self._limits.cell_wall:
                raise _Stopped(f"more than {self._limits.cell_wall:g} seconds")
            if self._spent(used):
                raise _Stopped("the notebook's time was used up")
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

    def _spent(self, cpu: float) -> bool:
        wall = time.monotonic() - self._begun
        return self._cpu_before + cpu > self._limits.notebook_cpu or wall > self._limits.notebook_wall

    def _give_up(self, reason: str) -> None:
        missing = len(self._cells) - len(self._results)
        self._results += [CellOutcome("not run", reason) for _ in range(missing)]

    def _take(self, header: dict[str, Any], value: Any) -> None:
        name, outcome = header.get("name"), self._open
        if outcome is None:
            return
        if not isinstance(name, str) or name not in self._expected or name in outcome.handed | outcome.unsupported:
            outcome.ignored += 1
        elif "unsupported" in header:
            words = str(header["unsupported"])[:80]
            outcome.unsupported[name] = words.encode(errors="replace").decode()  # half a surrogate pair fits in no file
        else:
            outcome.handed[name] = value


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
