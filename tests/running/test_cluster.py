"""Submissions on Dask's workers: the outcomes are those of this machine, whatever becomes of the workers."""

import asyncio
import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from torch import Tensor

from autograder.running import cluster, local, places, processes
from autograder.running.cluster import Cluster
from autograder.running.notebook import CellOutcome, CodeCell, Job
from autograder.running.sandbox import Limits, SandboxError
from autograder.running.server import Warm
from tests.conftest import HOMEWORK, Command
from tests.grading.classroom import everybody, left_behind

T = TypeVar("T")
SETUP = "import time\nimport torch\nfrom autograder import check, seeded, start\nstart('hw00_toy')"
LIMITS = Limits(cell_cpu=20)


def job(*sources: str) -> Job:
    return Job((CodeCell(SETUP), *(CodeCell(source, frozenset({"x", "y"})) for source in sources)), "secret", LIMITS)


JOBS = [
    job("check('x', seeded('double').normal(3, 2).T)", "check('y', {'a': [1, None]})"),
    job("import os\nos._exit(1)", "check('x', 2)"),
    job("check('x', object())", "raise ValueError", "check('x', 1)\ncheck('x', 2)\ncheck('z', 3)"),
]
LONG = job("check('x', torch.randn(3))\ntime.sleep(4)", "check('y', 1)")
ENDLESS = job("time.sleep(1000)")


def plain(outcomes: list[CellOutcome]) -> list[Any]:
    """Outcomes that can be compared."""
    return [
        (o.state, o.reason, o.unsupported, o.ignored, {name: value(v) for name, v in o.handed.items()})
        for o in outcomes
    ]


def value(given: Any) -> Any:
    return (given.dtype, given.tolist()) if isinstance(given, Tensor) else given


class Machines:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._started = folder, list[subprocess.Popen[bytes]]()
        self.address = ""

    def scheduler(self, **environment: str) -> str:
        file = self.folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file), **environment)
        with _quiet(), cluster.Client(scheduler_file=str(file), timeout=60, set_as_default=False) as client:
            self.address = client.scheduler.address
        return self.address

    def worker(self, threads: int = 1, **environment: str) -> None:
        scratch = ["--local-directory", str(self.folder), "--no-dashboard"]
        self._start("worker", self.address, "--nthreads", str(threads), *scratch, **environment)

    def _start(self, *arguments: str, **environment: str) -> None:
        command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1"]
        with (self.folder / f"{arguments[0]}-{len(self._started)}.log").open("wb") as log:
            started = subprocess.Popen(
                command, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
            )
        self._started.append(started)

    def wait_for(self, workers: int) -> None:
        with cluster.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def close(self) -> None:
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    made = Machines(tmp_path)
    made.scheduler()
    yield made
    made.close()


def told(story: Coroutine[Any, Any, T]) -> T:
    """Run a story that must come to an end."""
    return asyncio.run(asyncio.wait_for(story, 240))


async def until(true: Callable[[], object]) -> None:
    """Other machines' processes tell nobody what they do: look until it is so."""
    async with asyncio.timeout(120):
        while not true():
            await asyncio.sleep(0.02)


def workers(runner: Cluster) -> list[int]:
    """The process ids of the workers in use."""
    return list(runner._client.run(os.getpid, workers=runner._workers).values())


def kernels(pid: int) -> list[str]:
    """The connections to kernels that a worker has."""
    lines = Path("/proc/net/unix").read_text().splitlines()
    return [line for line in lines if re.search(rf" 03 +\d+ /tmp/autograder-{pid}-.*-1$", line)]


def running(pids: list[int]) -> int | None:
    """A worker that a kernel runs on."""
    return next((pid for pid in pids if kernels(pid)), None)


def kill(pid: int, with_nanny: bool) -> None:
    nanny = psutil.Process(pid).parent()
    assert nanny is not None
    if with_nanny:
        nanny.kill()
    os.kill(pid, signal.SIGKILL)


def test_outcomes_are_those_of_this_machine(machines: Machines) -> None:
    machines.worker(threads=2)
    machines.worker()
    machines.wait_for(2)
    runner = Cluster(machines.address)

    async def everything() -> list[list[CellOutcome]]:
        await runner.warm_up(JOBS[0])
        return await asyncio.gather(*(runner.run(job) for job in JOBS * 3))

    try:
        assert runner.jobs == 3
        assert [plain(outcomes) for outcomes in told(everything())] == [plain(local.run(job)) for job in JOBS] * 3
        assert [len(list(Path("/tmp").glob(f"autograder-{pid}-*"))) for pid in workers(runner)] == [1, 1]
        for refuse in (runner.warm_up, runner.run):
            with pytest.raises(SandboxError, match="on the Dask worker tcp://.*'no_such_name'"):
                told(refuse(Job((), "secret", warm=Warm(preload="no_such_name"))))
        assert "secret" not in "".join(log.read_text() for log in machines.folder.glob("*.log"))
    finally:
        runner.close()


@pytest.mark.slow
def test_the_command_grades_a_class_on_it(machines: Machines, toy: Path, tmp_path: Path, command: Command) -> None:
    everybody(toy)
    command(toy, "autograder", "grade", HOMEWORK)
    other = Path(shutil.copytree(toy, tmp_path / "other"))
    shutil.rmtree(other / "autograded")
    for _ in range(2):
        machines.worker()
    machines.wait_for(2)
    done = command(other, "autograder", "grade", HOMEWORK, "--scheduler", machines.address)
    assert "6 submissions graded" in done.stdout and left_behind(other) == left_behind(toy)
    wrong = command(other, "autograder", "grade", HOMEWORK, "--force", "--scheduler", "nowhere:1", ok=False)
    assert wrong.returncode == 2 and "no Dask scheduler answers at nowhere:1" in wrong.stderr


@pytest.mark.parametrize("with_nanny", [False, True])
def test_a_worker_lost_in_the_middle_costs_a_retry_elsewhere(machines: Machines, with_nanny: bool) -> None:
    for _ in range(2):
        machines.worker()
    machines.wait_for(2)
    runner = Cluster(machines.address)

    async def story() -> list[CellOutcome]:
        pids = workers(runner)
        task = asyncio.create_task(runner.run(LONG))
        await until(lambda: running(pids))
        lost = running(pids)
        assert lost is not None and not task.done()
        theirs = processes.tree(lost)[1:]
        kill(lost, with_nanny)
        outcomes = await task
        await until(lambda: not any(psutil.pid_exists(pid) for pid in theirs))
        if with_nanny:
            await until(lambda: runner.jobs == 1)
            machines.worker()
        await until(lambda: runner.jobs == 2 and lost not in workers(runner))
        return outcomes

    try:
        assert plain(told(story())) == plain(local.run(LONG))
        assert plain(told(runner.run(JOBS[0]))) == plain(local.run(JOBS[0]))
    finally:
        runner.close()


def test_who_loses_every_worker_is_given_up(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.worker()
    machines.wait_for(1)
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 0.5)
    runner = Cluster(machines.address)
    runner._client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))

    async def story() -> None:
        pids = workers(runner)
        task = asyncio.create_task(runner.run(ENDLESS))
        await until(lambda: running(pids))
        kill(pids[0], with_nanny=True)
        with pytest.raises(SandboxError, match="was lost, 1 times out of 1"):
            await task
        with pytest.raises(ConnectionError, match=r"no worker that can be used for 0\.5 seconds"):
            await runner.run(ENDLESS)

    try:
        told(story())
    finally:
        runner.close()


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_what_is_stopped_stops_on_the_workers(machines: Machines, how: str) -> None:
    machines.worker()
    machines.wait_for(1)
    runner = Cluster(machines.address)

    async def story() -> None:
        pids = workers(runner)
        task = asyncio.create_task(runner.run(ENDLESS))
        await until(lambda: running(pids))
        if how == "cancel":
            task.cancel()
        else:
            runner.close()
        with pytest.raises(asyncio.CancelledError if how == "cancel" else ConnectionError):
            await task
        await until(lambda: not kernels(pids[0]))

    told(story())
    again = runner if how == "cancel" else Cluster(machines.address)
    try:
        assert plain(told(again.run(JOBS[0]))) == plain(local.run(JOBS[0]))
    finally:
        again.close()


def test_who_sleeps_on_a_worker_stops_nobody(machines: Machines) -> None:
    machines.worker()
    machines.wait_for(1)
    runner = Cluster(machines.address)
    runner._client.run(be_quick)

    async def story() -> list[CellOutcome]:
        asleep = [asyncio.create_task(runner.run(ENDLESS)) for _ in range(2)]
        pids = workers(runner)
        await until(lambda: running(pids))
        outcomes = await runner.run(JOBS[0])
        await until(lambda: runner.jobs == 3)
        for task in asleep:
            task.cancel()
        await asyncio.gather(*asleep, return_exceptions=True)
        await until(lambda: runner.jobs == 1)
        return outcomes

    try:
        assert plain(told(story())) == plain(local.run(JOBS[0]))
    finally:
        runner.close()


def be_quick() -> None:
    places.LOOK_SECONDS = 0.3


@pytest.fixture
def others(tmp_path: Path) -> dict[str, dict[str, str]]:
    """The environments of machines that can't be used, by what is wrong with them."""
    metadata = tmp_path / "other" / "torch-0.1.dist-info" / "METADATA"
    bwrap = tmp_path / "bin" / "bwrap"
    for path, text in (
        (metadata, "Metadata-Version: 2.1\nName: torch\nVersion: 0.1\n"),
        (bwrap, "#!/bin/sh\necho no namespaces here >&2\nexit 1\n"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    return {
        r"torch is 0\.1 there and 2": {"PYTHONPATH": str(metadata.parents[1])},
        "no namespaces here": {"PATH": f"{bwrap.parent}{os.pathsep}{os.environ['PATH']}"},
    }


def test_a_worker_that_would_grade_otherwise_is_refused(
    machines: Machines, others: dict[str, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    for number, (why, environment) in enumerate(others.items(), 1):
        machines.worker(**environment)
        machines.wait_for(number)
        with pytest.raises(ConnectionError, match=rf"the Dask worker tcp://[\d.:]+ is not used: .*{why}"):
            Cluster(machines.address)
    machines.worker()
    machines.wait_for(3)
    caplog.clear()
    runner = Cluster(machines.address)

    async def everything() -> list[list[CellOutcome]]:
        return await asyncio.gather(*(runner.run(JOBS[0]) for _ in range(6)))

    try:
        assert runner.jobs == 1
        assert [plain(outcomes) for outcomes in told(everything())] == [plain(local.run(JOBS[0]))] * 6
        assert sum("is not used" in record.message for record in caplog.records) == 2
        machines.worker(**others["no namespaces here"])
        told(until(lambda: sum("is not used" in record.message for record in caplog.records) == 3))
        assert runner.jobs == 1
    finally:
        runner.close()


def test_a_scheduler_that_would_unpack_otherwise_is_refused(tmp_path: Path, others: dict[str, dict[str, str]]) -> None:
    made = Machines(tmp_path)
    try:
        made.scheduler(**others[r"torch is 0\.1 there and 2"])
        with pytest.raises(ConnectionError, match=rf"{made.address} can't be used: torch is 0\.1 there and 2"):
            Cluster(made.address)
    finally:
        made.close()


def test_what_to_start_is_told(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    advice = "`dask scheduler`.*`dask worker ADDRESS`"
    with pytest.raises(ConnectionError, match=rf"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*{advice}"):
        Cluster("tcp://127.0.0.1:9")
    with pytest.raises(ConnectionError, match=rf"the Dask scheduler at {machines.address} has no workers.*{advice}"):
        Cluster(machines.address)
