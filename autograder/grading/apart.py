"""A function called in a process of its own, with limits of its own: whatever a submission does to it, the grader goes on."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
SECONDS = 30
MEMORY = 2 * 2**30
RESULT_BYTES = 256 * 2**20


class Lost(Exception):
    """The function gave no result; the message says which limit it ran into."""


def call(function: Callable[..., T], *arguments: Any, seconds: float = SECONDS, memory: int = MEMORY) -> T:
    """What a function of ours returns when it is called in a fork of this process, which shares what it knows.

    Args:
        seconds: of computing, and twice as many on the clock.
        memory: bytes that it may take beyond what this process has.

    Raises:
        Lost: it took more, or it failed.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _work(theirs, function, arguments, seconds, memory)
    os.close(theirs)
    until = time.monotonic() + 2 * seconds
    try:
        answer = _received(ours, until)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answer:
        result: T
        done, result = pickle.loads(answer)  # written by the fork, which runs nobody's code but ours
        if done:
            return result
        raise Lost(str(result))
    if status == -signal.SIGXCPU:
        raise Lost(f"it takes more than {seconds:g} seconds of computing")
    if time.monotonic() >= until:
        raise Lost(f"it takes more than {2 * seconds:g} seconds")
    raise Lost("the system ended it, most likely for its memory" if status == -signal.SIGKILL else "reading it crashed")


def _received(pipe: int, until: float) -> bytes:
    """All that comes before the end, or nothing."""
    parts = bytearray()
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(pipe, 1 << 20)
        if not part:
            return bytes(parts)
        parts += part
        if len(parts) > RESULT_BYTES:
            break
    return b""


def _work(pipe: int, function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float, memory: int) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + memory, used + memory))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            answer = pickle.dumps((True, function(*arguments)))
        except MemoryError:
            answer = pickle.dumps((False, f"it takes more than {memory // 2**20:,} MB of memory"))
        except RecursionError:
            answer = pickle.dumps((False, "it is nested too deep"))
        except Exception as error:
            answer = pickle.dumps((False, f"reading it failed ({type(error).__name__})"))
        with open(pipe, "wb") as file_:
            file_.write(answer)
        code = 0
    finally:
        sys.stdout = sys.stderr = None
        os._exit(code)
