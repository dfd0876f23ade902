"""A submission's code, run cell by cell; a cell that takes the kernel down costs itself only."""

from __future__ import annotations

import asyncio
import builtins
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from autograder.running import kernel
from autograder.running.kernel import Died, Kernel
from autograder.running.sandbox import Limits


@dataclass
class CellOutcome:
    """What became of one cell.

    Attributes:
        state: "ok", "error", "died", "timeout" or "not run".
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


class _TimeUp(Exception):
    pass


def run(cells: list[CodeCell], seed: str, limits: Limits = Limits(), sandboxed: bool = True) -> list[CellOutcome]:
    """Run the cells in order under a seed.

    Raises:
        SandboxError: no kernel comes up, which is not the submission's fault.
    """
    with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of its own
        return thread.submit(asyncio.run, _Run(cells, seed, limits, sandboxed).outcomes()).result()


class _Run:
    def __init__(self, cells: list[CodeCell], seed: str, limits: Limits, sandboxed: bool) -> None:
        self._cells, self._seed, self._limits, self._sandboxed = cells, seed, limits, sandboxed
        self._results: list[CellOutcome] = []
        self._cpu_before = 0.0
        self._begun = time.monotonic()
        self._open: CellOutcome | None = None

    async def outcomes(self) -> list[CellOutcome]:
        restarts = 0
        while len(self._results) < len(self._cells):
            if restarts > self._limits.restarts:
                self._give_up("the kernel was stopped too often before")
                break
            async with kernel.start(self._seed, self._limits, self._take, self._sandboxed) as running:
                await self._go_on(running)
                self._cpu_before += running.cpu()
            restarts += 1
            if self._spent(0):
                self._give_up("the notebook's time was used up")
        return self._results

    async def _go_on(self, running: Kernel) -> None:
        """Replay what ran well, then run on until the end or until the kernel goes."""
        for cell, result in zip(list(self._cells), list(self._results)):
            if result.state not in ("died", "timeout") and not await self._replay(running, cell, result):
                return
        for cell in self._cells[len(self._results) :]:
            outcome = CellOutcome()
            lives = await self._execute(running, cell, outcome)
            self._results.append(outcome)
            if not lives:
                return

    async def _replay(self, running: Kernel, cell: CodeCell, result: CellOutcome) -> bool:
        again = CellOutcome()
        lives = await self._execute(running, CodeCell(cell.source), again)
        if not lives:
            result.state, result.reason = again.state, again.reason
        return lives

    async def _execute(self, running: Kernel, cell: CodeCell, outcome: CellOutcome) -> bool:
        cpu, begun = running.cpu(), time.monotonic()

        def watch() -> None:
            used = running.cpu()
            if used - cpu > self._limits.cell_cpu:
                raise _TimeUp(f"more than {self._limits.cell_cpu:g} seconds of computing")
            if time.monotonic() - begun > self._limits.cell_wall:
                raise _TimeUp(f"more than {self._limits.cell_wall:g} seconds")
            if self._spent(used):
                raise _TimeUp("the notebook's time was used up")

        self._open, self._expected = outcome, cell.expects
        try:
            _describe(await running.execute(cell.source, watch), outcome)
            outcome.reason = running.hand_overs.problem or outcome.reason
            return True
        except Died:
            outcome.state, outcome.reason = "died", "the kernel died (ended by the code, or out of memory)"
        except _TimeUp as late:
            outcome.state, outcome.reason = "timeout", str(late)
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
            outcome.unsupported[name] = str(header["unsupported"])[:80]
        else:
            outcome.handed[name] = value


_ERRORS = {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)}
_LINE = re.compile(r"line:? ?(\d{1,5})\b")


def _describe(reply: dict[str, Any], outcome: CellOutcome) -> None:
    """A cell's error by the name of its class alone: its words may hold what only the grading run knew."""
    if reply.get("status") != "ok":
        name = reply.get("ename")
        outcome.state = "error"
        outcome.reason = f"it raised {name}" if name in _ERRORS else "it raised an error"
