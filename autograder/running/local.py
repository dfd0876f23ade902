"""Running submissions on this machine: fork servers kept warm, so many kernels at a time."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol
from weakref import WeakKeyDictionary

from autograder.running.notebook import CellOutcome, Execution, Job
from autograder.running.places import Place, Places
from autograder.running.sandbox import SandboxError, between_submissions
from autograder.running.server import ForkServer, ServerDied, Warm, sweep

ATTEMPTS = 3
_log = logging.getLogger(__name__)


class Runner(Protocol):
    """Where jobs run."""

    @property
    def jobs(self) -> int:
        """How many of them to keep in flight, which may change."""
        ...

    async def warm_up(self, job: Job) -> None:
        """Get ready for jobs like this one.

        Raises:
            SandboxError: what they need doesn't start.
        """
        ...

    async def run(self, job: Job) -> list[CellOutcome]:
        """What became of each of the job's cells.

        Raises:
            SandboxError: it could not be run, which is not the submission's fault.
        """
        ...

    def close(self) -> None: ...


class Local:
    """A runner for this machine; ``jobs`` kernels run at a time."""

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = jobs
        self._servers: dict[tuple[Warm, bool, tuple[str, ...]], ForkServer] = {}
        self._lock = threading.Lock()
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, Places] = WeakKeyDictionary()
        sweep()

    @property
    def jobs(self) -> int:
        """How many to keep in flight: those that rest leave room for others."""
        return self._jobs + sum(places.lent for places in list(self._places.values()))

    async def warm_up(self, job: Job) -> None:
        if not (job.sandboxed and between_submissions()):
            await asyncio.to_thread(self.server, job)

    async def run(self, job: Job) -> list[CellOutcome]:
        async with self._places.setdefault(asyncio.get_running_loop(), Places(self._jobs)).one() as place:
            return await self.run_at(place, job)

    async def run_at(self, place: Place, job: Job) -> list[CellOutcome]:
        """Run a job at a place that the caller has for it."""
        for _ in range(ATTEMPTS):
            server = await asyncio.to_thread(self.server, job)
            try:
                return await Execution(job, server, place).outcomes()
            except ServerDied as error:
                _log.warning("%s: once more from the start", error)
            finally:
                if not server.shared:
                    server.close()
        raise SandboxError(f"what runs it was ended {ATTEMPTS} times in its middle")

    def server(self, job: Job) -> ForkServer:
        """The warm server of a job.

        Where this machine can't wall forked kernels off from one another, it is a new one, not ``shared``: whoever asked
        for it closes it.
        """
        if job.sandboxed and between_submissions():
            return ForkServer(job.warm, sandboxed=True, shared=False, limits=job.limits, hidden=job.hidden)
        with self._lock:
            key = (job.warm, job.sandboxed, job.hidden)
            server = self._servers.get(key)
            if server is None or not server.alive():
                if server is not None:
                    server.close()
                server = self._servers[key] = ForkServer(job.warm, job.sandboxed, limits=job.limits, hidden=job.hidden)
            return server

    def close(self) -> None:
        """End every server."""
        with self._lock:
            for server in self._servers.values():
                server.close()
            self._servers.clear()


_one_at_a_time = threading.Lock()


def here() -> Local:
    """This process's own runner, closed when the process ends; all its threads share it."""
    with _one_at_a_time:
        return _made()


@cache
def _made() -> Local:
    made = Local()
    atexit.register(made.close)
    return made


def run(job: Job) -> list[CellOutcome]:
    """Run one job here and wait for it, also where the caller has an event loop of its own.

    Raises:
        SandboxError: it could not be run, which is not the submission's fault.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, here().run(job)).result()
