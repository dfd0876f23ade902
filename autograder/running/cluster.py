"""Running submissions on many machines: the workers of a Dask scheduler, each with a fork server of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from distributed import Client, Future, Worker, get_worker, secede
from distributed.client import FutureCancelledError
from distributed.core import Status
from distributed.scheduler import KilledWorker
from distributed.worker_state_machine import UnpauseEvent

from autograder.running.local import here
from autograder.running.notebook import CellOutcome, Job
from autograder.running.places import LENT_EACH, Place
from autograder.running.sandbox import SandboxError, require

CONNECT_SECONDS = 10.0
LOOK_SECONDS = 1.0
LOOK_TIMEOUT = 5.0
PATIENCE_SECONDS = 60.0  # a nanny brings a lost worker back within
RETRIES = 1
PACKAGES = ("autograder", "torch")
SILENT = "it doesn't answer any more"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parcel:
    """A job on its way. The seed is secret, and Dask writes to its logs what a failed call's arguments look like."""

    job: Job = field(repr=False)
    name: str


class Cluster:
    """A runner on Dask's workers; ``jobs`` is how many threads they have.

    A worker gets jobs once it has told versions equal to this process's: jobs ask for a Dask resource that is named after
    the versions and that such workers are given.

    Args:
        address: the scheduler's.

    Raises:
        ConnectionError: no scheduler answers there, or it has no worker that can be used; the message says what to do.
    """

    jobs: int

    def __init__(self, address: str) -> None:
        self.address, self.jobs = address, 1
        self._pending: dict[str, Future] = {}
        self._refused: dict[str, str] = {}
        self._workers: list[str] = []
        self._why = SILENT
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="autograder")
        except (OSError, ValueError) as error:
            raise ConnectionError(f"no Dask scheduler answers at {address} ({error}). {self._remedy()}") from error
        versions = self._client.get_versions(packages=PACKAGES)
        self._ours = _told(versions["client"])
        self._resource = ", ".join(f"{name} {number}" for name, number in self._ours.items())
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="autograder-cluster", daemon=True)
        try:
            self._refuse_scheduler(_told(versions["scheduler"]))
            self._await_workers()
        except ConnectionError:
            self._client.close()
            raise
        self._watcher.start()

    def _gone(self) -> str:
        return f"the Dask scheduler at {self.address} was lost: {self._why}"

    def _remedy(self) -> str:
        return (
            "Start it with `dask scheduler`, and on each machine that is to grade `dask worker ADDRESS`, "
            "in the environment that this command runs in."
        )

    def _refuse_scheduler(self, theirs: dict[str, str]) -> None:
        """The scheduler unpacks jobs too."""
        if theirs != self._ours:
            raise ConnectionError(f"the Dask scheduler at {self.address} can't be used: {self._difference(theirs)}")

    def _difference(self, theirs: dict[str, str]) -> str:
        differs = [name for name in self._ours if theirs[name] != self._ours[name]]
        told = (f"{name} is {theirs[name]} there and {self._ours[name]} here" for name in differs)
        return ", ".join(told) + ": install the same there"

    def _await_workers(self) -> None:
        deadline = time.monotonic() + CONNECT_SECONDS
        while not self._look() and not self._refused:
            if time.monotonic() > deadline:
                raise ConnectionError(f"the Dask scheduler at {self.address} has no workers. {self._remedy()}")
            self._closing.wait(0.1)
        if not self._workers:
            raise ConnectionError("; ".join(self._refused.values()))

    def _watch(self) -> None:
        seen = time.monotonic()
        while not self._closing.wait(LOOK_SECONDS):
            with contextlib.suppress(OSError):  # what was in flight has failed by then, and says so
                if self._look():
                    seen, self._why = time.monotonic(), SILENT
            if time.monotonic() - seen > PATIENCE_SECONDS:
                self._why = f"it had no worker that can be used for {PATIENCE_SECONDS:g} seconds"
                self._stop(list(self._pending))

    def _look(self) -> bool:
        """Examine workers that are new; whether there are any that can be used."""
        present = self._identities()
        new = [worker for worker, about in present.items() if self._resource not in about["resources"]]
        if new:
            told = self._client.get_versions(packages=PACKAGES)["workers"]
            same = [worker for worker in new if worker in told and self._is_same(worker, _told(told[worker]))]
            for worker, error in self._client.run(accept, self._resource, workers=same, on_error="return").items():
                if error is not None:
                    self._refuse(worker, str(error))
            present = self._identities()
        usable = {worker: about for worker, about in present.items() if self._resource in about["resources"]}
        self._workers = list(usable)
        self.jobs = max(1, sum(int(about["resources"][self._resource]) for about in usable.values()))
        return bool(usable)

    def _identities(self) -> dict[str, dict[str, Any]]:
        scheduler = self._client.scheduler
        if scheduler is None:
            raise ConnectionError(self._gone())
        about = self._client.sync(scheduler.identity, callback_timeout=LOOK_TIMEOUT)
        workers: dict[str, dict[str, Any]] = about["workers"]
        return workers

    def _is_same(self, worker: str, theirs: dict[str, str]) -> bool:
        if theirs != self._ours:
            self._refuse(worker, self._difference(theirs))
        return theirs == self._ours

    def _refuse(self, worker: str, reason: str) -> None:
        message = f"the Dask worker {worker} is not used: {reason}"
        if self._refused.get(worker) != message:
            self._refused[worker] = message
            _log.warning("%s", message)

    async def warm_up(self, job: Job) -> None:
        """Get every worker ready for jobs like this one.

        Raises:
            SandboxError: what they need doesn't start; the message names the worker.
        """
        run, parcel = self._client.run, Parcel(job, "warm up")
        answers = await asyncio.to_thread(run, warm_up, parcel, workers=self._workers, on_error="return")
        for worker, error in answers.items():
            if isinstance(error, SandboxError):
                raise SandboxError(f"on the Dask worker {worker}: {error}")

    async def run(self, job: Job) -> list[CellOutcome]:
        """What became of each of the job's cells, whichever worker it ran on.

        Raises:
            SandboxError: it could not be run, or the workers it ran on were lost again and again.
            ConnectionError: the scheduler is gone, or all its workers are.
        """
        if self._client.status != "running":
            raise ConnectionError(self._gone())
        name = f"submission-{uuid.uuid4().hex}"
        future = self._client.submit(
            work, Parcel(job, name), key=name, pure=False, retries=RETRIES, resources={self._resource: 1}
        )
        self._pending[name] = future
        try:
            return await self._result(future)
        except KilledWorker as error:
            times = error.allowed_failures + 1
            raise SandboxError(f"the Dask worker that it ran on was lost, {times} times out of {times}") from error
        except FutureCancelledError as error:
            raise ConnectionError(self._gone()) from error
        except asyncio.CancelledError:
            self._stop([name])
            raise
        finally:
            del self._pending[name]

    async def _result(self, future: Future) -> list[CellOutcome]:
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def tell(_: Future) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(done.set)

        future.add_done_callback(tell)
        await done.wait()
        if future.cancelled():  # perhaps by a client that is closed by now and can't be asked
            raise FutureCancelledError(future.key, self._why)
        outcomes: list[CellOutcome] = await asyncio.to_thread(future.result)
        return outcomes

    def _stop(self, names: list[str]) -> None:
        """Give jobs up, also those that a worker has begun."""
        futures = [self._pending[name] for name in names if name in self._pending]
        if futures and self._client.status == "running":
            with contextlib.suppress(OSError):
                self._client.cancel(futures)
                self._client.run(stop, names, workers=self._workers, on_error="ignore")

    def close(self) -> None:
        """Stop what runs, and leave the workers to others."""
        self._closing.set()
        self._watcher.join()
        self._why = "the connection was closed here"
        self._stop(list(self._pending))
        self._client.close()


def _told(versions: dict[str, Any]) -> dict[str, str]:
    packages = versions["packages"]
    return {name: packages[name] or "not installed" for name in (*PACKAGES, "python")}


_running: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = {}


async def accept(resource: str, dask_worker: Worker) -> None:
    """On a worker: be given jobs from now on.

    Raises:
        SandboxError: submissions can't be run safely there.
    """
    here()
    await asyncio.to_thread(require)
    _resources[dask_worker.address] = resource
    await dask_worker.set_resources(**{resource: dask_worker.state.nthreads})


async def warm_up(parcel: Parcel) -> None:
    """On a worker: get ready for jobs like this one."""
    await here().warm_up(parcel.job)


def work(parcel: Parcel) -> list[CellOutcome]:
    """On a worker: run a job."""
    place = _OnWorker(get_worker())
    try:
        return asyncio.run(_stoppable(place, parcel.job, parcel.name))
    except (SandboxError, OSError) as error:
        raise SandboxError(f"on the Dask worker {get_worker().address}: {error}") from error
    finally:
        place.leave()


_resources: dict[str, str] = {}  # by the worker's address; what it gives jobs a place by


class _OnWorker:
    """A job's thread and its share of the worker's resource. A thread that has left the pool doesn't come back: it ends."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._lent, self._left = worker, False, False

    def lend(self) -> bool:
        if not self._left and len(self._worker.state.long_running) >= LENT_EACH * self._worker.state.nthreads:
            return False
        if not self._left:
            secede()
        self._left = self._lent = True
        self._add(1)
        return True

    def take_back(self) -> None:
        self._lent = False
        self._add(-1)

    def leave(self) -> None:
        if self._lent:
            self._add(-1)

    def _add(self, count: int) -> None:
        """Let so many more jobs come here."""
        self._worker.loop.add_callback(self._set, count)

    async def _set(self, count: int) -> None:
        resource = _resources[self._worker.address]
        await self._worker.set_resources(**{resource: self._worker.state.total_resources[resource] + count})
        if count > 0 and self._worker.status is Status.running:  # jobs that wait there don't look by themselves
            self._worker.handle_stimulus(UnpauseEvent(stimulus_id=f"place-{time.time()}"))


async def _stoppable(place: Place, job: Job, name: str) -> list[CellOutcome]:
    task = asyncio.current_task()
    assert task is not None
    _running[name] = asyncio.get_running_loop(), task
    try:
        return await here().run_at(place, job)
    finally:
        del _running[name]


def stop(names: list[str]) -> None:
    """On a worker: stop those of the jobs that run here."""
    for name in names:
        with contextlib.suppress(KeyError, RuntimeError):  # it isn't here, or has just ended
            loop, task = _running[name]
            loop.call_soon_threadsafe(task.cancel)
