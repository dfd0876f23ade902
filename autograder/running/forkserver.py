"""The fork server: a process that has imported everything once and forks a kernel for each submission.

Runs inside the outer walls. It reads requests from a socket and ends when the other side closes. It has one thread only,
because a child of a process with more may wait for ever for what the others held.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
from typing import Any

from autograder.checks.session import EXAMS_VARIABLE, SOCKET_VARIABLE
from autograder.running import child, processes, walls
from autograder.running.protocol import PORTS, REQUEST

_ANSWERS, _EXAMS, _LIFE = range(len(PORTS), len(PORTS) + 3)  # after its ports: two sockets, and a file between them


def main() -> None:
    """Warm up, say so, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    wanted = json.loads(control.recv(REQUEST))
    try:
        kept = _warm(wanted["imports"], wanted["preload"])
    except Exception as error:
        control.send(json.dumps({"problem": f"{type(error).__name__}: {error}"}).encode())
        return
    control.send(b"{}")
    walls.adopt()
    walls.readable(by_own_kind=False)  # where a submission isn't walled off it is the same user as this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system itself collects the children that end
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, _LIFE + 1)
        if not message:
            return
        if os.fork() == 0:
            _become_child(control, descriptors, kept)
        for descriptor in descriptors:
            os.close(descriptor)


def _warm(imports: list[str], preload: str) -> dict[str, Any]:
    """Import what notebooks import and run the homework's own preparation; what it named is kept."""
    child.prepare()
    for name in imports:
        with contextlib.suppress(Exception):  # a cell that imports it will say what is wrong with it
            __import__(name)
    namespace: dict[str, Any] = {"__name__": "preload"}
    exec(compile(preload, "preload", "exec"), namespace)
    tasks = os.listdir("/proc/self/task")
    if len(tasks) > 1 or threading.active_count() > 1:
        raise RuntimeError(
            f"after the imports and the preload cell there are {len(tasks)} threads, and a process with threads can't be "
            "forked safely: preload without starting any."
        )
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page that children share
    return namespace


def _become_child(control: socket.socket, descriptors: list[int], kept: object) -> None:
    """Never returns: what is left of this process is a submission.

    It is the child that reads the request: in the server's memory a seed would be there for every later submission to find.
    """
    life = socket.socket(fileno=descriptors[_LIFE])
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _go_inside(life, json.loads(life.recv(REQUEST)), descriptors)
    except BaseException as error:
        with contextlib.suppress(OSError):
            life.send(f"problem {type(error).__name__}: {error}"[:900].encode())
        os._exit(1)  # not sys.exit: this copy must not clean up what is the server's


def _go_inside(life: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
    if request["user"]:
        walls.become(request["user"])
    walls.readable(by_own_kind=True)
    walls.end_first()
    if request["walls"]:
        walls.separate()
    if os.fork() != 0:
        os._exit(0)  # only the children of who asks for a new pid namespace are in it
    life.send(b"first")  # with its process id, which the kernel of the system attaches
    pid = os.fork()  # the first in a pid namespace must collect who ends, which a kernel would not: it is the second
    if pid == 0:
        walls.die_with_parent()
    else:
        _wait(life, pid, [d for d in descriptors if d != life.fileno()], request["walls"])
    for number in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    if request["walls"]:
        walls.cover(request["covered"], request["disk"])
    walls.bound(request["bounds"])
    if request["sandboxed"]:
        walls.disarm()
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    if request["answers"]:
        os.environ[SOCKET_VARIABLE] = str(descriptors[_ANSWERS])
        os.environ[EXAMS_VARIABLE] = str(descriptors[_EXAMS])
    else:
        os.close(descriptors[_ANSWERS])
        os.close(descriptors[_EXAMS])
    kernel_app = child.kernel(request, descriptors[: len(PORTS)])
    life.send(b"kernel")
    life.close()
    kernel_app.start()


def _wait(life: socket.socket, kernel: int, others: list[int], walls_end_all: bool) -> None:
    """The first process: collects whoever ends, and ends, with everybody, when the kernel does or who asked for it is gone.

    Its last word is how the kernel ended and the computing of all whom it has collected, which is everybody.
    """
    end_all = _end_namespace if walls_end_all else _end_descendants

    def end(*_: object) -> None:
        end_all()
        os._exit(0)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    signal.signal(signal.SIGIO, end)
    walls.adopt()
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())  # to get that signal when the other end of ``life`` is closed
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    for descriptor in others:
        os.close(descriptor)
    pid = status = 0
    while pid != kernel:
        pid, status = os.wait()
    end_all()
    with contextlib.suppress(OSError):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        life.send(f"ended {os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime}".encode())
    os._exit(0)


def _end_namespace() -> None:
    """End everybody else in this pid namespace, and collect them."""
    with contextlib.suppress(ChildProcessError, ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def _end_descendants() -> None:
    """The same without a pid namespace."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in processes.tree(os.getpid())[1:]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.wait()


if __name__ == "__main__":
    main()
