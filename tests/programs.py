"""The environment's programs as subprocesses, without what their start costs: each is forked from one that has imported them.

``python -m tests.programs`` is that process. It reads a request a line and answers with the exit status of the process that it
forked for it, which is new, single-threaded, and ends as any program does.
"""

from __future__ import annotations

import atexit
import gc
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

KNOWN = ("autograder", "nbgrader")


class Programs:
    """A warm process that runs one program at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.programs"]
        wide = os.environ | {"COLUMNS": "200"}
        root = Path(__file__).parents[1]
        self._warm = subprocess.Popen(
            command, cwd=root, env=wide, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of ``KNOWN`` in a folder with this process's environment."""
        assert self._warm.stdin and self._warm.stdout
        environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_SEED"} | {"COLUMNS": "200"}
        command = [str(Path(sys.executable).parent / program), *arguments]
        with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
            request = [command, str(folder), environment, out.name, err.name]
            self._warm.stdin.write(json.dumps(request) + "\n")
            self._warm.stdin.flush()
            status = int(self._warm.stdout.readline())
            return subprocess.CompletedProcess(command, status, out.read(), err.read())

    def close(self) -> None:
        if self._warm.stdin:
            self._warm.stdin.close()
        self._warm.wait()


def _serve() -> list[Any] | None:
    """Fork for each request; in the forked process give the request, in this one None at the end."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return list(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def _forked(function: Callable[..., object], *arguments: object, **keywords: object) -> object:
    """``recording.isolated`` in a process forked from this one, which computes with one thread too, instead of a new one."""
    with one_thread(), ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        return pool.submit(function, *arguments, **keywords).result()


def _become(command: list[str], folder: str, environment: dict[str, str], out: str, err: str) -> None:
    for number, (path, flags) in enumerate([(os.devnull, os.O_RDONLY), (out, os.O_WRONLY), (err, os.O_WRONLY)]):
        os.dup2(os.open(path, flags), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = command
    sys.path[0] = str(Path(command[0]).parent)
    sys.modules["__main__"].__dict__.update(__file__=command[0], __spec__=None)  # processes it starts look there


def _status(program: Callable[[], object]) -> int:
    try:
        program()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(status: int) -> NoReturn:
    """As the interpreter ends, but for taking apart every module, which takes a second."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    from nbgrader.apps.nbgraderapp import main as nbgrader

    from autograder.building.recording import one_thread
    from autograder.cli import main as autograder
    from autograder.grading import command, replay, seeds  # noqa: F401
    from autograder.reporting import summary  # noqa: F401

    seeds.isolated = _forked  # type: ignore[assignment]
    gc.freeze()  # else collecting garbage copies all that forked processes share
    if request := _serve():
        _become(*request)
        _end(_status({"autograder": autograder, "nbgrader": nbgrader}[Path(request[0][0]).name]))
