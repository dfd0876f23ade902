"""A function in a process of its own: its result comes back, and whatever happens to it, this process goes on."""

import contextlib
import os
import signal
import time
from typing import Any

import psutil
import pytest

from autograder.grading import apart
from autograder.grading.apart import Lost, call

MEMORY = 64 * 2**20


def test_what_a_function_returns_comes_back() -> None:
    assert call(lambda a, b: {a: [b, None]}, "x", 5) == {"x": [5, None]}
    assert len(call(lambda: b"x" * 10_000_000)) == 10_000_000


def test_it_is_another_process_that_knows_what_this_one_knows() -> None:
    known = object()
    assert call(lambda: (os.getpid() != os.getppid(), os.getppid(), id(known))) == (True, os.getpid(), id(known))


def _nested() -> Any:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


def _recurses() -> Any:
    return _recurses()


def _crashes() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda: bytes(10 * MEMORY), "it takes more than 64 MB of memory"),
        (_recurses, "it is nested too deep"),
        (_nested, "it is nested too deep"),
        (lambda: 1 // 0, r"reading it failed \(ZeroDivisionError\)"),
        (lambda: os._exit(3), "reading it crashed"),
        (_crashes, "reading it crashed"),
        (lambda: lambda: 1, "reading it failed"),
    ],
    ids=["memory", "recursion", "a nested result", "an error", "an exit", "a crash", "no result that can be sent"],
)
def test_what_goes_wrong_is_said(function: Any, why: str) -> None:
    with pytest.raises(Lost, match=f"^{why}"):
        call(function, memory=MEMORY)
    assert call(lambda: 5) == 5


def test_computing_without_end_is_ended() -> None:
    with pytest.raises(Lost, match="^it takes more than 1 seconds of computing"):
        call(lambda: [None for _ in iter(int, 1)], seconds=1)


def test_waiting_without_end_is_ended() -> None:
    with pytest.raises(Lost, match="^it takes more than 0.2 seconds$"):
        call(lambda: time.sleep(10**6), seconds=0.1)


def test_a_result_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "RESULT_BYTES", 1000)
    with pytest.raises(Lost):
        call(lambda: b"x" * 10_000)


def test_no_process_and_no_descriptor_is_left() -> None:
    before, children = os.listdir("/proc/self/fd"), psutil.Process().children()
    for function in (lambda: 1, lambda: os._exit(1), lambda: 1 // 0):
        with contextlib.suppress(Lost):
            call(function)
    assert os.listdir("/proc/self/fd") == before
    assert psutil.Process().children() == children
